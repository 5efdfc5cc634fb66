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
const patienceMs = 600_000;
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
  attempt: async (trial): Promise<Outcome> => {
    const tally: Tally = { ids: 0, refused: 0, peakBytes: 0 };
    const openers = Array.from({ length: width }, () => new Opener());
    const idle = [...openers];
    const attempt = async (_: unknown, index: number): Promise<number> => {
      const opener = idle.pop();
      must(opener !== undefined, 'a process for each case');
      try {
        const { what, outcome: end, peakBytes } = await opener.open({ seed: trial.seed, index });
        must(typeof end === 'string', `a model where ${what} to be refused or usable: ${JSON.stringify(end)}`);
        must(peakBytes < mostBytes, `a model where ${what} to take less than ${mostBytes} bytes, not ${peakBytes}`);
        tally[end]++;
        tally.peakBytes = Math.max(tally.peakBytes, peakBytes);
        return 0;
      } finally {
        idle.push(opener);
      }
    };
    const outcome = await tryCases(trial, attempt, width).finally(() => openers.forEach((opener) => opener.close()));
    const most = Math.round(tally.peakBytes / 2 ** 20);
    return {
      ...outcome,
      note: `${tally.ids} gave ids, ${tally.refused} were refused; at most ${most} MiB of memory`,
    };
  },
};
