/** Measures the rates of the loaded model. Each run starts with an empty KV cache; the first does not count. */
import type { Engine } from './engine.ts';
import type { BenchmarkFigures, BenchmarkPlan, GenerateInput, GenerationStatistics, Spread } from './protocol.ts';
import { percentiles } from './statistics.ts';

/** Ordinary prose: speculation and caches gain no more from it than from a chat. */
const prose =
  'The harbour was quiet when the first boats came in. Two men carried crates of herring up the steps while a woman ' +
  'counted them aloud and wrote the numbers on a slate. Behind the church the road climbs for an hour through beech ' +
  'woods, and from the top one sees both the lake and the old railway bridge, which nobody has crossed since 1962. ';
/** Greedy answers soon repeat themselves, and prompt lookup would measure that. */
const measuring = { fromEmptyCache: true, ignoreStopTokens: true, promptLookup: 'off' } as const;
const greedy = { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 } as const;

/**
 * @param onRun called when a run begins; run 0 does not count
 * @returns undefined if it was stopped before the end of run 1
 * @throws EngineFailure
 */
export async function measure(
  engine: Engine,
  plan: BenchmarkPlan,
  onRun: (run: number) => void,
): Promise<BenchmarkFigures | undefined> {
  const input: GenerateInput = { prompt: promptOf(engine, plan), sampling: greedy, maxTokens: plan.tokens };
  const measured: GenerationStatistics[] = [];
  const spent = { stepUs: 0, acceleratorUs: 0 };
  for (let run = 0; run <= plan.runs; run++) {
    onRun(run);
    for await (const event of engine.generate(input, measuring)) {
      if (event.type === 'token' && run > 0 && event.token.acceleratorUs !== undefined) {
        spent.stepUs += event.token.stepUs;
        spent.acceleratorUs += event.token.acceleratorUs;
      }
      if (event.type !== 'done') continue;
      if (event.reason === 'cancelled') return undefined;
      if (run > 0) measured.push(event.statistics);
    }
  }
  const last = measured.at(-1);
  if (last === undefined) return undefined;
  const optional = <K extends string, T>(key: K, value: T | undefined): Partial<Record<K, T>> =>
    value === undefined ? {} : ({ [key]: value } as Partial<Record<K, T>>);
  return {
    promptTokens: last.promptTokens,
    tokens: last.generatedTokens,
    runs: measured.length,
    residentBytes: last.residentBytes,
    ...optional('prefillRate', spread(measured.map(({ prefillRate }) => prefillRate))),
    ...optional('decodeRate', spread(measured.map(({ decodeRate }) => decodeRate))),
    ...optional('timeToFirstTokenUs', spread(measured.map(({ timeToFirstTokenUs }) => timeToFirstTokenUs))),
    ...optional('stepUs', last.stepUs),
    ...optional('acceleratorUs', last.acceleratorUs),
    ...(spent.stepUs > 0 ? { acceleratorShare: spent.acceleratorUs / spent.stepUs } : {}),
  };
}

/** Returns exactly the requested number of tokens if the runner exposes ids, else a text with at least as many. */
function promptOf(engine: Engine, { promptTokens }: BenchmarkPlan): GenerateInput['prompt'] {
  const words = engine.encode(prose);
  if (words !== undefined) {
    const tokens = Array.from({ length: promptTokens }, (_, index) => words[index % words.length] ?? 0);
    return { kind: 'tokens', tokens };
  }
  const each = Math.max(1, engine.count({ kind: 'plain', text: prose }));
  return { kind: 'text', text: prose.repeat(Math.ceil(promptTokens / each)) };
}

function spread(values: readonly (number | undefined)[]): Spread | undefined {
  const known = values.filter((value) => value !== undefined);
  const median = percentiles(known)?.p50;
  return median === undefined ? undefined : { median, least: Math.min(...known), most: Math.max(...known) };
}
