/** E9: switching models leaks neither memory nor processes. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Outcome, TriedPromise } from './promise.ts';
import { inFolder } from './sample-store.ts';
import { buildEngine } from './windowless-app.ts';

export const switchingModels: TriedPromise = {
  id: 'E9',
  says: 'switching models leaves neither memory nor processes behind',
  cases: 50,
  attempt: ({ cases, seed, mayGoOn }) =>
    inFolder(async (folder) => {
      const entry = await buildEngine(join(folder, 'built'));
      // Use a separate process, so that nothing else takes memory.
      const args = [folder, entry, String(cases), String(seed)];
      const child = fork(join(import.meta.dirname, 'model-switcher.ts'), args, { execArgv: ['--expose-gc'] });
      const look = setInterval(() => {
        if (!mayGoOn()) child.send('enough');
      }, 1000);
      const ended = once(child, 'exit').then(([code]) => [`the app ended (${String(code)})`]);
      try {
        const [outcome] = (await Promise.race([once(child, 'message'), ended])) as [Outcome | string];
        if (typeof outcome === 'string') throw new Error(outcome);
        return outcome;
      } finally {
        clearInterval(look);
      }
    }),
};
