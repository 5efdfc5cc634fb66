/** E13: a damaged GGUF ends in a typed error that leaves nothing behind, or in a model that Wyvern can use. */
import { CaseProcess } from './case-process.ts';
import type { Reply, Request } from './gguf/worker.ts';
import { tryCases, type Outcome, type TriedPromise } from './promise.ts';
import { must } from './windowless-app.ts';

/** Processes side by side. */
const width = 2;

export const damagedGguf: TriedPromise = {
  id: 'E13',
  says: 'a damaged GGUF ends in a typed error or in a model that runs',
  cases: 300,
  attempt: async (trial): Promise<Outcome> => {
    const tally = { refused: 0, failed: 0, ran: 0 };
    const workers = Array.from({ length: width }, () => new CaseProcess<Request, Reply>('gguf/worker.ts'));
    const idle = [...workers];
    const attempt = async (_: unknown, index: number): Promise<number> => {
      const worker = idle.pop();
      must(worker !== undefined, 'a process for each case');
      try {
        const { what, outcome } = await worker.try({ seed: trial.seed, index });
        must(typeof outcome === 'string', `${what}: ${JSON.stringify(outcome)}`);
        tally[outcome]++;
        return 0;
      } finally {
        idle.push(worker);
      }
    };
    const outcome = await tryCases(trial, attempt, width).finally(() => workers.forEach((worker) => worker.close()));
    const note = `${tally.refused} refused, ${tally.failed} failed with a code after that, ${tally.ran} ran`;
    return { ...outcome, note };
  },
};
