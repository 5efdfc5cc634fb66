import './quiet.ts';
import { expect, test } from 'vitest';
import { promises } from './all.ts';

/** A fixed seed, so that failures are reproducible; `npm run torture` takes others. */
const seed = 1;

for (const { id, cases, unable, attempt } of promises) {
  test.skipIf(unable)(unable === undefined ? id : `${id} (skipped: ${unable})`, { timeout: 1_800_000 }, async () => {
    const outcome = await attempt({ cases, seed, mayGoOn: () => true });
    expect(outcome).toMatchObject({ cases, survived: cases, lost: 0, failures: [] });
  });
}
