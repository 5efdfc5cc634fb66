/** Speed of a model on this machine, next to the other measured models. */
import type { ReactNode } from 'react';
import type { ModelBenchmark, ModelEntry } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import { day, duration, fraction, rate } from '../ui/format.ts';
import { ProgressBar } from '../ui/progress-bar.tsx';
import { startBenchmark, stopBenchmark, useBenchmark } from './benchmark-store.ts';
import { useModels } from './store.ts';

export function BenchmarkSection({
  model,
  loaded,
}: {
  readonly model: ModelEntry;
  readonly loaded: boolean;
}): ReactNode {
  const words = strings.benchmark;
  const models = useModels((state) => state.models);
  const { modelId, run = 0, runs = 1 } = useBenchmark();
  const { benchmark } = model;
  const running = modelId === model.id;
  const rows = models.flatMap((one) => (one.benchmark ? [{ ...one.benchmark, id: one.id, name: one.name }] : []));
  return (
    <>
      <div className="flex flex-wrap items-center justify-between gap-x-8 gap-y-3 text-sm">
        {running ? (
          <div className="min-w-48 flex-1">
            <ProgressBar name={words.title} max={runs + 1} value={run} />
            <p className="mt-1.5 text-xs text-muted">{run === 0 ? words.warmUp : words.run(run, runs)}</p>
          </div>
        ) : (
          <p className="min-w-0 flex-1 text-muted">
            {benchmark ? words.measured(day(benchmark.measuredAt), benchmark.place, benchmark.machine) : words.none}
          </p>
        )}
        {running ? (
          <Button onClick={() => void stopBenchmark()}>{strings.library.cancel}</Button>
        ) : (
          <Button disabled={!loaded || modelId !== undefined} onClick={() => void startBenchmark()}>
            {benchmark ? words.again : words.start}
          </Button>
        )}
      </div>
      {!loaded && !running && <p className="mt-1 text-xs text-faint">{words.loadFirst}</p>}
      {rows.length > 0 && <Comparison rows={rows} ownId={model.id} />}
    </>
  );
}

type MeasuredModel = ModelBenchmark & { readonly id: string; readonly name: string };

/** Speeds of all measured models. */
function Comparison({ rows, ownId }: { readonly rows: readonly MeasuredModel[]; readonly ownId: string }): ReactNode {
  const words = strings.benchmark;
  return (
    <div className="mt-4 overflow-x-auto" tabIndex={0} role="region" aria-label={words.compared}>
      <table className="w-full text-sm tabular-nums">
        <thead>
          <tr className="text-xs text-muted [&>th]:pb-1.5 [&>th]:pl-5 [&>th]:text-right [&>th]:font-medium">
            <th scope="col" className="pl-0! text-left!">
              {words.model}
            </th>
            <th scope="col">{words.place}</th>
            <th scope="col">{words.prefill}</th>
            <th scope="col">{words.decode}</th>
            <th scope="col">{words.first}</th>
            <th scope="col">{words.accelerator}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.id} row={row} own={row.id === ownId} />
          ))}
        </tbody>
      </table>
      <p className="mt-2 text-xs text-faint">{words.how(rows[0]?.runs ?? 0)}</p>
    </div>
  );
}

function Row({ row, own }: { readonly row: MeasuredModel; readonly own: boolean }): ReactNode {
  const { name, place, prefillRate, decodeRate, timeToFirstTokenUs, acceleratorShare, promptTokens, tokens } = row;
  const words = strings.benchmark;
  const known = (value: string | undefined): string => value ?? words.notReported;
  return (
    <tr className={own ? 'font-medium' : 'text-muted'} data-testid="benchmark">
      <th scope="row" className="max-w-60 py-1 text-left [font-weight:inherit]">
        <span className="block truncate">{name}</span>
        <span className="block text-xs font-normal text-faint">{words.counts(promptTokens, tokens)}</span>
      </th>
      {[
        place,
        known(prefillRate && rate(prefillRate.median)),
        known(decodeRate && rate(decodeRate.median)),
        known(timeToFirstTokenUs && duration(timeToFirstTokenUs.median)),
        known(acceleratorShare === undefined ? undefined : fraction(acceleratorShare)),
      ].map((value, index) => (
        <td key={index} className="py-1 pl-5 text-right align-top whitespace-nowrap">
          {value}
        </td>
      ))}
    </tr>
  );
}
