/** E5: a crash of the engine costs seconds. */
import { join } from 'node:path';
import { percentile } from '../bench/figure.ts';
import { systemClock } from '../main/clock.ts';
import type { EngineProcess } from '../main/engine-host/engine-process.ts';
import { scriptedFolder } from '../main/engine/testing/bundles.ts';
import type { Dice } from '../native/test/random.ts';
import type { TriedPromise } from './promise.ts';
import { tryCases } from './promise.ts';
import { inFolder } from './sample-store.ts';
import { buildEngine, forkBuilt, must, WindowlessApp } from './windowless-app.ts';

const phrase = 'Hello from the scripted model. ';
/** Slow tokens and an endless answer, so that every kill hits a running answer. */
const addon = `fake:rate=300&repeat=0&contextLength=100000&prefillRate=2000&answer=${encodeURIComponent(phrase)}`;
const longestMs = 300;
/** Windows can only end another process. */
const signals =
  process.platform === 'win32' ? (['SIGKILL'] as const) : (['SIGKILL', 'SIGSEGV', 'SIGABRT', 'SIGBUS'] as const);
/** Time between kills, so that the app never stops restarting engines. */
const betweenMs = 6 * 60_000;

export const killedEngine: TriedPromise = {
  id: 'E5',
  says: 'an engine crash costs seconds',
  cases: 50,
  attempt: (trial) =>
    inFolder(async (folder) => {
      const entry = await buildEngine(join(folder, 'built'));
      let ahead = 0;
      let engine: EngineProcess | undefined;
      let endedMs = 0;
      const readyAfterMs: number[] = [];
      const fork = (): EngineProcess => {
        const forked = forkBuilt(entry, { WYVERN_ADDON: addon });
        engine = forked;
        forked.onEvent(({ type }) => {
          if (type === 'ready' && endedMs > 0) readyAfterMs.push(performance.now() - endedMs);
        });
        forked.onExit(() => (endedMs = performance.now()));
        return forked;
      };
      const clock = { ...systemClock, now: () => Date.now() + ahead };
      const app = new WindowlessApp(folder, { fork, clock });
      try {
        await app.open(scriptedFolder());
        const outcome = await tryCases(trial, async (random) => {
          ahead += betweenMs;
          return await killMidAnswer(app, random, () => engine?.pid);
        });
        const p95 = Math.round(percentile(readyAfterMs, 0.95));
        return { ...outcome, note: `a new engine was ready within ${p95} ms (p95)` };
      } finally {
        await app.quit();
      }
    }),
};

/** @returns The number of messages that differ from the window's events. */
async function killMidAnswer(app: WindowlessApp, random: Dice, pid: () => number | undefined): Promise<number> {
  const { store, chat } = app.services;
  await app.ready();
  const question = `A question ${random.below(1000)}. `.repeat(1 + random.below(40));
  const asked = app.ask(question);
  await new Promise((resolve) => setTimeout(resolve, random.below(longestMs)));
  const killed = pid();
  must(killed !== undefined, 'an engine to kill');
  process.kill(killed, random.pick(signals));
  const { text, state, error } = await asked.ended;
  must(state === 'interrupted' && error?.code === 'engine-crashed', `an interrupted answer, not ${state}`);
  must(phrase.repeat(1 + text.length / phrase.length).startsWith(text), `the script's words, not ${text}`);

  await app.ready();
  must(pid() !== killed, 'a fresh engine');
  const next = app.ask('And now?', asked.conversationId);
  await app.told(next, phrase.length);
  chat.answering.stop(next.answerId);
  const { state: nextState } = await next.ended;
  must(nextState === 'stopped', `the next message to be answered and stopped, not ${nextState}`);

  const kept = [
    store.messages.get(asked.userMessageId)?.text === question,
    text.startsWith(asked.told()) && store.messages.get(asked.answerId)?.text === text,
  ];
  return kept.filter((whole) => !whole).length;
}
