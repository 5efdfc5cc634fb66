import { X } from 'lucide-react';
import { type ReactNode, useMemo, useRef } from 'react';
import type { Run } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';
import { duration, rate } from '../ui/format.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { useLayout } from '../ui/layout.ts';
import { Actions } from './actions.tsx';
import { Compare } from './compare.tsx';
import { useFollow } from './follow.ts';
import { HeatLegend } from './heat-legend.tsx';
import { HistogramView } from './histogram-view.tsx';
import { HtpDetails } from './htp-details.tsx';
import { Machine } from './machine.tsx';
import { PartTable } from './part-table.tsx';
import { decodeSteps } from './parts.ts';
import { Plot } from './plot.tsx';
import { Prefill } from './prefill.tsx';
import { plotData } from './series.ts';
import { point, type ShownRun, useLatency } from './store.ts';
import { summaryOf } from './summary.ts';

/** Time of every token and the accelerator's share, live and after the answer. */
export function LatencyPanel(): ReactNode {
  const panel = useRef<HTMLElement>(null);
  const toggle = useLayout(({ toggleLatency }) => toggleLatency);
  const shown = useLatency(({ settled }) => settled);
  const chosen = useLatency((latency) => latency.chosen !== undefined);
  const pinned = useLatency((latency) => latency.pinned);
  useFollow();
  return (
    <aside
      ref={panel}
      aria-label={strings.latency.title}
      className="flex w-88 shrink-0 flex-col border-l border-line bg-sidebar max-[64rem]:w-72 max-[50rem]:absolute max-[50rem]:inset-y-0 max-[50rem]:right-0 max-[50rem]:z-30 max-[50rem]:w-84 max-[50rem]:max-w-full max-[50rem]:shadow-high"
    >
      <header className="flex h-14 shrink-0 items-center gap-1 pr-3 pl-5">
        <h2 className="mr-auto text-sm font-semibold">{strings.latency.title}</h2>
        {shown && <Actions panel={panel} shown={shown} />}
        <IconButton name={strings.latency.hide} keys="Ctrl+Shift+L" onClick={toggle}>
          <X />
        </IconButton>
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto px-5 pb-6">
        {shown ? (
          <Figures shown={shown} pinned={pinned?.run.messageId === shown.run.messageId ? undefined : pinned} />
        ) : (
          <p className="text-sm text-muted">{chosen ? strings.latency.notKept : strings.latency.empty}</p>
        )}
      </div>
    </aside>
  );
}

interface Runs {
  readonly shown: ShownRun;
  readonly pinned: ShownRun | undefined;
}

function Figures({ shown, pinned }: Runs): ReactNode {
  const { run } = shown;
  const { tokens } = run;
  const heat = useLatency((latency) => latency.heat);
  const summary = useMemo(() => summaryOf(shown), [shown]);
  const beside = useMemo(() => pinned && summaryOf(pinned), [pinned]);
  const times = useMemo(() => decodeSteps(tokens).map(({ stepUs }) => stepUs), [tokens]);
  return (
    <>
      <dl className="grid grid-cols-2 gap-4">
        <Big
          label={strings.latency.speed}
          value={summary.decodeRate === undefined ? undefined : rate(summary.decodeRate)}
        />
        <Big
          label={strings.latency.firstToken}
          value={summary.firstUs === undefined ? undefined : duration(summary.firstUs)}
        />
      </dl>
      {pinned && (
        <p className="mt-3 flex items-center gap-2 text-xs text-muted" data-testid="latency-pinned">
          <span aria-hidden="true" className="w-4 shrink-0 border-t-2 border-dashed border-plot-pinned" />
          <span className="truncate">{strings.latency.pinnedTitle(placeOf(pinned))}</span>
        </p>
      )}
      {tokens.length > 0 && (
        <>
          <h3 className="mt-4 mb-1 text-xs font-medium text-muted">{strings.latency.time}</h3>
          <TokenPlot pinned={pinned} medianUs={summary.stepUs?.p50 ?? 0} />
          <PartTable tokens={tokens} />
          {heat && <HeatLegend />}
        </>
      )}
      {summary.stepUs && <Compare run={summary} pinned={beside} />}
      <HistogramView times={times} />
      <Prefill run={run} summary={summary} />
      <Machine run={run} summary={summary} />
      <Detailed tokens={tokens} />
    </>
  );
}

/** The animated part. */
function TokenPlot({
  pinned,
  medianUs,
}: {
  readonly pinned: ShownRun | undefined;
  readonly medianUs: number;
}): ReactNode {
  const shown = useLatency((latency) => latency.shown);
  const pointed = useLatency((latency) => latency.pointed);
  const { tokens } = shown?.run ?? nothing;
  const live = shown?.live ?? false;
  const data = useMemo(() => plotData(tokens, pinned?.run.tokens, live), [tokens, pinned, live]);
  const token = pointed === undefined ? undefined : tokens[pointed];
  const reading =
    token && pointed !== undefined
      ? strings.latency.token(pointed + 1, token.text, duration(token.stepUs))
      : strings.latency.noToken;
  return (
    <>
      <Plot
        data={data}
        label={strings.latency.plot(tokens.length, duration(medianUs))}
        pointed={pointed}
        onPoint={point}
        describe={reading}
      />
      <p className="mt-1 h-5 truncate text-xs text-muted tabular-nums" data-testid="latency-token">
        {token ? reading : live ? '' : strings.latency.hint}
      </p>
    </>
  );
}

const nothing = { tokens: [] };

/** NPU figures of the selected token, else of the last one. */
function Detailed({ tokens }: Pick<Run, 'tokens'>): ReactNode {
  const pointed = useLatency((latency) => latency.pointed);
  const own = pointed === undefined ? undefined : tokens[pointed]?.htp;
  const htp = own ?? tokens.findLast((token) => token.htp)?.htp;
  if (!htp) return null;
  const name = own && pointed !== undefined ? strings.latency.numbered(pointed + 1) : strings.latency.lastToken;
  return <HtpDetails htp={htp} title={strings.latency.details(name)} />;
}

function placeOf({ run: { model, backend, performanceMode } }: ShownRun): string {
  return [model, backend, performanceMode].filter(Boolean).join(' · ');
}

function Big({ label, value }: { readonly label: string; readonly value: string | undefined }): ReactNode {
  return (
    <div className="flex flex-col-reverse">
      <dt className="text-xs text-muted">{label}</dt>
      <dd className="font-display text-2xl font-semibold tracking-tight tabular-nums">{value ?? '–'}</dd>
    </div>
  );
}
