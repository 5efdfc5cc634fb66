/** E10: stop ends an answer. */
import { join } from 'node:path';
import { percentile } from '../bench/figure.ts';
import { systemClock } from '../main/clock.ts';
import type { Dice } from '../native/test/random.ts';
import type { Outcome, TriedPromise } from './promise.ts';
import { tryCases } from './promise.ts';
import { inFolder } from './sample-store.ts';
import { buildEngine, defaultModel, fixture, forkBuilt, hasEmulator, must, WindowlessApp } from './windowless-app.ts';

/** Latest token after a stop. */
const promisedMs = 250;
/** Limit for single cases on a busy machine; half of the cases must keep the promise on any machine. */
const toleratedMs = 4 * promisedMs;
const longestMs = 600;
/** Stops some prompts during prefill, others during decode. */
const words = ['wyvern', 'lantern', 'harbour', 'seventeen', 'kettle', 'honest', 'bridge', 'snow', 'tide', 'meadow'];
const lengths = [1, 10, 60, 400];
/** Text for the NPU's small program, which prefills token by token. */
const npuLengths = [1, 5, 10];
/** Number of cases on the NPU. */
const npuShare = 0.2;

export const stop: TriedPromise = {
  id: 'E10',
  says: 'stop stops',
  cases: 100,
  attempt: (trial) =>
    inFolder(async (folder) => {
      const entry = await buildEngine(join(folder, 'built'));
      const app = new WindowlessApp(folder, { fork: () => forkBuilt(entry), clock: systemClock });
      const tookMs: number[] = [];
      let inPrompt = 0;
      try {
        const npuCases = hasEmulator ? Math.floor(trial.cases * npuShare) : 0;
        const attempt = async (model: string, of: readonly number[], cases: number): Promise<Outcome> => {
          await app.open(model);
          return await tryCases({ ...trial, cases }, async (random) => {
            const { ms, characters } = await stopOnce(app, random, of);
            tookMs.push(ms);
            if (characters === 0) inPrompt++;
            return 0;
          });
        };
        const onCpu = await attempt(defaultModel, lengths, trial.cases - npuCases);
        const onNpu = await attempt(fixture('tiny-llama-qnn-kv'), npuLengths, npuCases);
        const [p50, p99] = [percentile(tookMs, 0.5), percentile(tookMs, 0.99)];
        const slow = p50 > promisedMs ? [`half of the stops took longer than ${Math.round(p50)} ms`] : [];
        return {
          cases: onCpu.cases + onNpu.cases,
          survived: slow.length > 0 ? 0 : onCpu.survived + onNpu.survived,
          lost: 0,
          failures: [...onCpu.failures, ...onNpu.failures, ...slow],
          note: `stopped within ${Math.round(p50)} ms (median) and ${Math.round(p99)} ms (p99), ${inPrompt} times before the first token`,
        };
      } finally {
        await app.quit();
      }
    }),
};

async function stopOnce(
  app: WindowlessApp,
  random: Dice,
  of: readonly number[],
): Promise<{ readonly ms: number; readonly characters: number }> {
  const { chat, store } = app.services;
  const length = random.pick(of);
  const asked = app.ask(Array.from({ length }, () => random.pick(words)).join(' '));
  await new Promise((resolve) => setTimeout(resolve, random.below(longestMs)));
  const since = performance.now();
  let lastTokenMs = since;
  const end = app.listen(({ name }) => {
    if (name === 'chat.tokens') lastTokenMs = performance.now();
  });
  chat.answering.stop(asked.answerId);
  const { state, text } = await asked.ended;
  const ms = performance.now() - since;
  end();
  must(state === 'stopped' || state === 'complete', `a stopped answer, not ${state}`);
  must(ms < toleratedMs, `an end within ${toleratedMs} ms, not ${Math.round(ms)}`);
  must(lastTokenMs - since <= ms, 'no token after the end');
  must(store.messages.get(asked.answerId)?.text === text && text.startsWith(asked.told()), 'all that had arrived');
  return { ms, characters: text.length };
}
