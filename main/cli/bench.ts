import type { GenerationStatistics } from '../engine/protocol.ts';
import { percentiles } from '../engine/statistics.ts';
import { integer, invalid, modelOptions, parse, sampling } from './options.ts';
import { remark, writeJson, writeText } from './output.ts';
import { backendOf, openSession, stoppable } from './session.ts';

/** Ordinary prose: speculative tricks and caches gain nothing from it that a chat would not. */
const prose =
  'The harbour was quiet when the first boats came in. Two men carried crates of herring up the steps while a woman ' +
  'counted them aloud and wrote the numbers on a slate. Behind the church the road climbs for an hour through beech ' +
  'woods, and from the top one sees both the lake and the old railway bridge, which nobody has crossed since 1962. ';

/** `wyvern bench`: prefill and decode rates of this machine, each run on a cold KV cache, after one run that does not count. */
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
    const words = engine.encode(prose);
    const tokens = Array.from({ length: promptTokens }, (_, index) => words[index % words.length] ?? 0);
    const measured: GenerationStatistics[] = [];
    await stoppable(engine, async () => {
      for (let run = 0; run <= runs; run++) {
        remark(`\r\x1b[K${run === 0 ? 'Warming up' : `Run ${run} of ${runs}`}`);
        const answer = engine.generate(
          { prompt: { kind: 'tokens', tokens }, sampling: sampling({}), maxTokens },
          { fromEmptyCache: true, ignoreStopTokens: true },
        );
        for await (const event of answer) {
          if (event.type !== 'done') continue;
          if (event.reason === 'cancelled') return;
          if (run > 0) measured.push(event.statistics);
        }
      }
    });
    remark('\r\x1b[K');
    report(values.json, {
      model: model.name,
      backend: backendOf(model),
      threads: model.runtime.threads,
      promptTokens,
      tokens: maxTokens,
      runs: measured.length,
      loadUs: model.facts.loadUs,
      prefillRate: spread(measured.map(({ prefillRate }) => prefillRate)),
      decodeRate: spread(measured.map(({ decodeRate }) => decodeRate)),
      timeToFirstTokenUs: spread(measured.map(({ timeToFirstTokenUs }) => timeToFirstTokenUs)),
      stepUs: measured.at(-1)?.stepUs,
      acceleratorUs: measured.at(-1)?.acceleratorUs,
      residentBytes: measured.at(-1)?.residentBytes,
    });
  } finally {
    await engine.unload();
  }
}

interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

interface Report {
  readonly model: string;
  readonly backend: string;
  readonly threads: number;
  readonly promptTokens: number;
  readonly tokens: number;
  readonly runs: number;
  readonly loadUs: number;
  readonly prefillRate: Spread | undefined;
  readonly decodeRate: Spread | undefined;
  readonly timeToFirstTokenUs: Spread | undefined;
  readonly stepUs: GenerationStatistics['stepUs'];
  readonly acceleratorUs: GenerationStatistics['acceleratorUs'];
  readonly residentBytes: number | undefined;
}

function spread(values: readonly (number | undefined)[]): Spread | undefined {
  const known = values.filter((value) => value !== undefined);
  const median = percentiles(known)?.p50;
  return median === undefined ? undefined : { median, least: Math.min(...known), most: Math.max(...known) };
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
    ['backend', `${figures.backend}, ${figures.threads} ${figures.threads === 1 ? 'thread' : 'threads'}`],
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
