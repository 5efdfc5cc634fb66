import { measure } from '../engine/benchmark.ts';
import type { BenchmarkFigures, BenchmarkPlan, Spread } from '../engine/protocol.ts';
import { integer, invalid, modelOptions, parse } from './options.ts';
import { remark, writeJson, writeText } from './output.ts';
import { backendOf, openSession, stoppable } from './session.ts';

/**
 * `wyvern bench`: prefill and decode rates of this machine. Each run starts with an empty KV cache. The first run does not
 * count.
 */
export async function bench(args: readonly string[]): Promise<void> {
  const { values } = parse(
    args,
    {
      ...modelOptions,
      'prompt-tokens': { type: 'string', default: '200' },
      tokens: { type: 'string', default: '128' },
      runs: { type: 'string', default: '5' },
    },
    0,
  );
  const promptTokens = integer('--prompt-tokens', values['prompt-tokens'], 1, 1_000_000) ?? 200;
  const maxTokens = integer('--tokens', values.tokens, 2, 1_000_000) ?? 128;
  const runs = integer('--runs', values.runs, 1, 1000) ?? 5;
  const { engine, model } = await openSession(values);
  try {
    const { contextLength } = model.facts;
    if (promptTokens + maxTokens > contextLength) {
      throw invalid(`--prompt-tokens and --tokens together exceed the context of ${contextLength} tokens.`);
    }
    const figures = await stoppable(engine, () =>
      measure(engine, { promptTokens, tokens: maxTokens, runs }, (run) =>
        remark(`\r\x1b[K${run === 0 ? 'Warming up' : `Run ${run} of ${runs}`}`),
      ),
    );
    remark('\r\x1b[K');
    report(values.json, {
      model: model.name,
      backend: backendOf(model),
      threads: model.runtime?.threads,
      loadUs: model.facts.loadUs,
      ...(figures ?? { promptTokens, tokens: maxTokens, runs: 0, residentBytes: undefined }),
    });
  } finally {
    await engine.unload();
  }
}

interface Report extends Partial<Omit<BenchmarkFigures, 'residentBytes' | keyof BenchmarkPlan>>, BenchmarkPlan {
  readonly model: string;
  readonly backend: string;
  readonly threads: number | undefined;
  readonly loadUs: number;
  readonly residentBytes: number | undefined;
}

function report(json: boolean, figures: Report): void {
  if (json) {
    writeJson({ type: 'bench', ...figures });
    return;
  }
  const rate = (value: Spread | undefined): string =>
    value === undefined
      ? 'not measured'
      : `${value.median.toFixed(1)} tokens/s (${value.least.toFixed(1)} to ${value.most.toFixed(1)})`;
  const ms = (us: number | undefined): string => (us === undefined ? 'not measured' : `${(us / 1000).toFixed(2)} ms`);
  const rows: [string, string][] = [
    ['model', figures.model],
    [
      'backend',
      figures.threads === undefined
        ? figures.backend
        : `${figures.backend}, ${figures.threads} ${figures.threads === 1 ? 'thread' : 'threads'}`,
    ],
    ['runs', `${figures.runs} of ${figures.promptTokens} prompt tokens and ${figures.tokens} generated`],
    ['loading', ms(figures.loadUs)],
    ['prefill', rate(figures.prefillRate)],
    ['decode', rate(figures.decodeRate)],
    ['first token', ms(figures.timeToFirstTokenUs?.median)],
    ['step', `${ms(figures.stepUs?.p50)} p50, ${ms(figures.stepUs?.p95)} p95, ${ms(figures.stepUs?.p99)} p99`],
    [
      'accelerator',
      figures.acceleratorUs === undefined ? 'not reported by this backend' : `${ms(figures.acceleratorUs.p50)} p50`,
    ],
    [
      'memory',
      figures.residentBytes === undefined ? 'not measured' : `${(figures.residentBytes / 1e6).toFixed(0)} MB resident`,
    ],
  ];
  for (const [label, value] of rows) writeText(`${label.padEnd(13)}${value}\n`);
}
