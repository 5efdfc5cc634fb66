/** E11: a crafted SentencePiece model ends in ids or in a typed error. */
import { CaseProcess } from './case-process.ts';
import type { Outcome, TriedPromise } from './promise.ts';
import { tryCases } from './promise.ts';
import type { Reply, Request } from './tokenizer-worker.ts';
import { must } from './windowless-app.ts';

/** Processes side by side. */
const width = 2;
/** Node and the largest crafted model stay far below. */
const mostBytes = 2 ** 30;

interface Tally {
  ids: number;
  refused: number;
  peakBytes: number;
}

export const craftedTokenizers: TriedPromise = {
  id: 'E11',
  says: 'a crafted tokenizer ends in ids or in a typed error',
  cases: 2000,
  attempt: async (trial): Promise<Outcome> => {
    const tally: Tally = { ids: 0, refused: 0, peakBytes: 0 };
    const openers = Array.from({ length: width }, () => new CaseProcess<Request, Reply>('tokenizer-worker.ts'));
    const idle = [...openers];
    const attempt = async (_: unknown, index: number): Promise<number> => {
      const opener = idle.pop();
      must(opener !== undefined, 'a process for each case');
      try {
        const { what, outcome: end, peakBytes } = await opener.try({ seed: trial.seed, index });
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
