/** E11: a crafted SentencePiece model ends in ids or in a typed error. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Outcome, TriedPromise } from './promise.ts';
import { tryCases } from './promise.ts';
import type { Reply, Request } from './tokenizer-worker.ts';
import { must } from './windowless-app.ts';

/** Processes side by side. */
const width = 2;
/** A model that takes this long hangs. */
const patienceMs = 120_000;
/** Node and the largest crafted model stay far below. */
const mostBytes = 2 ** 30;

interface Tally {
  ids: number;
  refused: number;
  peakBytes: number;
}

/** A process that opens models until one of them ends it; the next case gets a fresh one. */
class Opener {
  #child: ChildProcess | undefined;

  async open(request: Request): Promise<Reply> {
    this.#child ??= await start();
    const child = this.#child;
    const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
    const ended = new AbortController();
    try {
      const reply = once(child, 'message', ended).then(([message]) => message as Reply);
      const end = once(child, 'exit', ended).then(([code, signal]) => {
        throw new Error(`its process ended: ${String(signal ?? code)}`);
      });
      child.send(request);
      return await Promise.race([reply, end]);
    } catch (error) {
      this.close();
      throw error;
    } finally {
      clearTimeout(timer);
      ended.abort();
    }
  }

  close(): void {
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }
}

async function start(): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, 'tokenizer-worker.ts'), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await once(child, 'message');
  return child;
}

export const craftedTokenizers: TriedPromise = {
  id: 'E11',
  says: 'a crafted tokenizer ends in ids or in a typed error',
  cases: 2000,
  attempt: async ({ cases, ...trial }): Promise<Outcome> => {
    const tally: Tally = { ids: 0, refused: 0, peakBytes: 0 };
    const outcomes = await Promise.all(
      Array.from({ length: width }, async (_, worker) => {
        const opener = new Opener();
        const share = Math.ceil((cases - worker) / width);
        const outcome = await tryCases({ ...trial, cases: share }, async (_, index) => {
          const {
            what,
            outcome: end,
            peakBytes,
          } = await opener.open({
            seed: trial.seed,
            index: index * width + worker,
          });
          must(typeof end === 'string', `a model where ${what} to be refused or usable: ${JSON.stringify(end)}`);
          must(peakBytes < mostBytes, `a model where ${what} to take less than ${mostBytes} bytes, not ${peakBytes}`);
          tally[end]++;
          tally.peakBytes = Math.max(tally.peakBytes, peakBytes);
          return 0;
        });
        opener.close();
        return outcome;
      }),
    );
    const sum = (name: 'cases' | 'survived' | 'lost'): number =>
      outcomes.reduce((total, outcome) => total + outcome[name], 0);
    return {
      ...{ cases: sum('cases'), survived: sum('survived'), lost: sum('lost') },
      failures: outcomes.flatMap(({ failures }) => failures),
      note: `${tally.ids} gave ids, ${tally.refused} were refused; at most ${Math.round(tally.peakBytes / 2 ** 20)} MiB of memory`,
    };
  },
};
