import { X } from 'lucide-react';
import { type ReactNode, useMemo, useSyncExternalStore } from 'react';
import { useModels } from '../models/store.ts';
import { strings } from '../strings.ts';
import { duration, rate } from '../ui/format.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { useLayout } from '../ui/layout.ts';
import { HtpDetails } from './htp-details.tsx';
import {
  decodeSteps,
  partsOf,
  percentiles,
  rateOf,
  reportedParts,
  stacked,
  type Parts,
  type PartName,
} from './parts.ts';
import { Plot } from './plot.tsx';
import { Row, Section } from './rows.tsx';
import { currentRun, subscribeToRun, type Run } from './runs.ts';

/** Tokens in the plot. */
const shown = 160;
/** Tokens that the live rate is taken over. */
const rateWindow = 48;

/** How long every token takes and what of it the accelerator, while an answer is written and after it. */
export function LatencyPanel(): ReactNode {
  const toggle = useLayout(({ toggleLatency }) => toggleLatency);
  const run = useSyncExternalStore(subscribeToRun, currentRun);
  return (
    <aside
      aria-label={strings.latency.title}
      className="flex w-84 shrink-0 flex-col border-l border-line bg-sidebar max-[64rem]:w-72 max-[50rem]:absolute max-[50rem]:inset-y-0 max-[50rem]:right-0 max-[50rem]:z-30 max-[50rem]:w-84 max-[50rem]:max-w-full max-[50rem]:shadow-high"
    >
      <header className="flex h-14 shrink-0 items-center justify-between pr-3 pl-5">
        <h2 className="text-sm font-semibold">{strings.latency.title}</h2>
        <IconButton name={strings.latency.hide} keys={strings.latency.keys} onClick={toggle}>
          <X />
        </IconButton>
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto px-5 pb-6">
        {run === undefined ? <p className="text-sm text-muted">{strings.latency.empty}</p> : <Figures run={run} />}
      </div>
    </aside>
  );
}

function Figures({ run }: { readonly run: Run }): ReactNode {
  const { tokens, figures, prefill } = run;
  const steps = useMemo(() => decodeSteps(tokens), [tokens]);
  const parts = useMemo(() => steps.map(partsOf), [steps]);
  const wholes = useMemo(() => percentiles(steps.map(({ stepUs }) => stepUs)), [steps]);
  const firstUs = figures?.timeToFirstTokenUs ?? tokens[0]?.timeToFirstTokenUs;
  const decodeRate = figures?.decodeRate ?? rateOf(steps.slice(-rateWindow));
  const prefillRate = figures?.prefillRate ?? liveRate(prefill);
  const last = tokens.at(-1);
  return (
    <>
      <dl className="grid grid-cols-2 gap-4">
        <Big label={strings.latency.speed} value={decodeRate === undefined ? undefined : rate(decodeRate)} />
        <Big label={strings.latency.firstToken} value={firstUs === undefined ? undefined : duration(firstUs)} />
      </dl>
      {parts.length > 0 && wholes && (
        <>
          <Stack parts={parts} label={strings.latency.plot(steps.length, duration(wholes.p50))} />
          <Section title={strings.latency.perToken}>
            <Row label="p50" value={duration(wholes.p50)} />
            <Row label="p95" value={duration(wholes.p95)} />
            <Row label="p99" value={duration(wholes.p99)} />
          </Section>
        </>
      )}
      <Section title={strings.latency.prompt}>
        {prefill && (
          <>
            <Row
              label={strings.latency.prefilled}
              value={strings.latency.promptTokens(prefill.promptTokens - prefill.reusedTokens, prefill.reusedTokens)}
            />
            <Row label={strings.latency.prefillTime} value={duration(prefill.prefillUs)} />
          </>
        )}
        {prefillRate !== undefined && <Row label={strings.latency.prefill} value={strings.figures.rate(prefillRate)} />}
        {decodeRate !== undefined && <Row label={strings.latency.decode} value={strings.figures.rate(decodeRate)} />}
      </Section>
      <Machine hvxThreads={last?.hvxThreads} contextUsed={figures?.contextUsed} />
      {last?.htp && <HtpDetails htp={last.htp} />}
    </>
  );
}

/** Prompt tokens that were computed a second; not a figure where nothing was. */
function liveRate(prefill: Run['prefill']): number | undefined {
  if (!prefill || prefill.prefillUs <= 0) return undefined;
  const computed = prefill.promptTokens - prefill.reusedTokens;
  return computed > 0 ? (computed / prefill.prefillUs) * 1e6 : undefined;
}

function Big({ label, value }: { readonly label: string; readonly value: string | undefined }): ReactNode {
  return (
    <div className="flex flex-col-reverse">
      <dt className="text-xs text-muted">{label}</dt>
      <dd className="font-display text-xl font-semibold tabular-nums">{value ?? '–'}</dd>
    </div>
  );
}

function Stack({ parts, label }: { readonly parts: readonly Parts[]; readonly label: string }): ReactNode {
  const data = useMemo(() => {
    const last = parts.slice(-shown);
    const names = reportedParts(parts);
    const first = parts.length - last.length + 2;
    return { positions: last.map((_, index) => first + index), lines: stacked(last, names), parts: names };
  }, [parts]);
  return (
    <>
      <h3 className="mt-5 mb-1 text-xs font-medium text-muted">{strings.latency.time}</h3>
      <Plot data={data} label={label} />
      <table className="mt-2 w-full text-xs tabular-nums">
        <caption className="sr-only">{strings.latency.parts}</caption>
        <thead className="text-faint">
          <tr>
            <th scope="col" className="text-left font-normal">
              {strings.latency.part}
            </th>
            <th scope="col" className="text-right font-normal">
              {strings.latency.now}
            </th>
            <th scope="col" className="text-right font-normal">
              {strings.latency.median}
            </th>
          </tr>
        </thead>
        <tbody>
          {data.parts.toReversed().map((name) => (
            <PartRow key={name} name={name} values={parts.flatMap((one) => one[name] ?? [])} />
          ))}
        </tbody>
      </table>
    </>
  );
}

function PartRow({ name, values }: { readonly name: PartName; readonly values: readonly number[] }): ReactNode {
  const now = values.at(-1);
  const median = percentiles(values)?.p50;
  return (
    <tr data-testid={`part-${name}`}>
      <th scope="row" className="py-0.5 text-left font-normal">
        <span aria-hidden="true" className={`mr-2 inline-block size-2.5 rounded-xs ${swatches[name]}`} />
        {strings.latency.names[name]}
      </th>
      <td className="text-right">{now === undefined ? '' : duration(now * 1000)}</td>
      <td className="text-right">{median === undefined ? '' : duration(median * 1000)}</td>
    </tr>
  );
}

const swatches: Readonly<Record<PartName, string>> = {
  accelerator: 'bg-plot-accelerator',
  backend: 'bg-plot-backend',
  model: 'bg-plot-model',
  host: 'bg-plot-host',
  sampling: 'bg-plot-sampling',
};

function Machine({
  hvxThreads,
  contextUsed,
}: {
  readonly hvxThreads: number | undefined;
  readonly contextUsed: number | undefined;
}): ReactNode {
  const state = useModels((models) => models.state);
  if (state.status !== 'ready') return null;
  return (
    <Section title={strings.latency.machine}>
      <Row label={strings.latency.backend} value={state.backend} />
      {state.npu && (
        <Row
          label={strings.settings.performanceMode}
          value={strings.settings.performanceModes[state.npu.performanceMode]}
        />
      )}
      {hvxThreads !== undefined && <Row label={strings.latency.hvxThreads} value={String(hvxThreads)} />}
      {contextUsed !== undefined && (
        <Row label={strings.latency.context} value={strings.latency.contextOf(contextUsed, state.contextLength)} />
      )}
      <Row label={strings.latency.memory} value={strings.latency.bytes(state.residentBytes)} />
    </Section>
  );
}
