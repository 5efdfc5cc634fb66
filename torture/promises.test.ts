import './quiet.ts';
import { expect, test } from 'vitest';
import { promises } from './all.ts';

/** Another each time would make a failure that nobody can see again; `npm run torture` takes others. */
const seed = 1;

test.each(promises.map((promise) => [promise.id, promise] as const))(
  '%s',
  { timeout: 600_000 },
  async (_id, promise) => {
    const { cases, attempt } = promise;
    const outcome = await attempt({ cases, seed, mayGoOn: () => true });
    expect(outcome).toMatchObject({ cases, survived: cases, lost: 0, failures: [] });
  },
);
