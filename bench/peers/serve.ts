/** The peer's side of `peer.ts`, for peers written in TypeScript. */
import { createInterface } from 'node:readline';
import type { PeerAnswer, PeerRequest } from '../peer.ts';

export interface Runner {
  /** Runs the tokens through an empty cache. */
  readonly prefill: (tokens: readonly number[]) => Promise<void>;
  /** Generates `count` tokens after the prefill. */
  readonly decode: (count: number) => Promise<void>;
  readonly loop?: (count: number) => Promise<void>;
  /** Frees the model after running work ends. */
  readonly close: () => Promise<void>;
}

const decodePromptTokens = 32;

/** Ids of ordinary words: below every model's special tokens and inside every vocabulary. */
function promptTokens(count: number): number[] {
  return Array.from({ length: count }, (_, index) => 1_000 + ((index * 7_919) % 20_000));
}

/** Answers requests until standard input ends. The first answer says that the model is loaded. */
export async function serve(load: () => Promise<Runner>): Promise<void> {
  const answer = (times: PeerAnswer): boolean => process.stdout.write(`${JSON.stringify(times)}\n`);
  const timed = async (work: () => Promise<void>): Promise<PeerAnswer> => {
    const since = performance.now();
    const processor = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(processor);
    return { ms: performance.now() - since, cpuMs: (user + system) / 1000 };
  };
  let runner: Runner | undefined;
  answer(await timed(async () => void (runner = await load())));
  if (runner === undefined) return;
  const { prefill, decode, loop = decode, close } = runner;
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as PeerRequest;
    if (request.do === 'prefill') answer(await timed(() => prefill(promptTokens(request.tokens))));
    else {
      await prefill(promptTokens(decodePromptTokens));
      const generate = request.do === 'loop' ? loop : decode;
      answer(await timed(() => generate(request.tokens)));
    }
  }
  await close();
  process.exit(0);
}
