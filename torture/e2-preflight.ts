/** E2: the pre-flight check refuses bad files with a reason, before native code reads them. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { percentile } from '../bench/figure.ts';
import { findBundle } from '../main/library/bundle-finder.ts';
import { toAppError } from '../main/app-error.ts';
import { mutated, written } from './bad-bundles.ts';
import type { TriedPromise } from './promise.ts';
import { tryCases } from './promise.ts';
import { inFolder } from './sample-store.ts';
import { must } from './windowless-app.ts';

/** Longest check; single checks on a busy machine may take a multiple. */
const promisedMs = 100;
const tolerance = 10;

export const preflight: TriedPromise = {
  id: 'E2',
  says: 'bad files are refused with a reason',
  cases: 5000,
  attempt: (trial) =>
    inFolder(async (folder) => {
      const bundles = written.filter(({ files }) => !('model.zip' in files));
      const tookMs: number[] = [];
      let refused = 0;
      const outcome = await tryCases(trial, async (random, index) => {
        let bundle = bundles[index];
        while (bundle === undefined || 'model.zip' in bundle.files) bundle = mutated(random, index, true);
        const path = join(folder, 'bundle');
        rmSync(path, { recursive: true, force: true });
        mkdirSync(path);
        for (const [name, content] of Object.entries(bundle.files)) writeFileSync(join(path, name), content);
        const since = performance.now();
        const error = await findBundle(path).then(() => undefined, toAppError);
        tookMs.push(performance.now() - since);
        if (error) refused++;
        must(error?.code !== 'internal', `a failure with a code for ${bundle.what}, not ${error?.message}`);
        must((tookMs.at(-1) ?? 0) < tolerance * promisedMs, `a quick answer to ${bundle.what}`);
        return 0;
      });
      const [p99, slowest] = [percentile(tookMs, 0.99), percentile(tookMs, 1)].map((ms) => ms.toFixed(1));
      const late = tookMs.filter((ms) => ms > promisedMs).length;
      return {
        ...outcome,
        note: `${refused} refused; p99 ${p99} ms, the slowest ${slowest} ms, ${late} over ${promisedMs} ms`,
      };
    }),
};
