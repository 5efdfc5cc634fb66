/**
 * `npm run torture`: tests the promises of SECURITY.md more often than `npm test`.
 *
 *   npm run torture -- [--scale N] [--minutes M] [--seed S] [PROMISE…]
 *   npm run torture -- load [--turns N] [--minutes M]
 *
 * `--scale`: multiplies the cases of `npm test` (default 10). `--minutes`: time for all promises together (default 30),
 * shared evenly. It prints one line per promise; the status is 1 if one was not kept. `load` uses the built app for hours:
 * see `load/index.ts`.
 */
import './quiet.ts';
import { parseArgs } from 'node:util';
import { promises } from './all.ts';
import { runLoad } from './load/index.ts';
import type { TriedPromise } from './promise.ts';

function positive(value: string, name: string): number {
  const number = Number(value);
  if (!(number > 0)) throw new Error(`--${name} must be a number above 0, not ${value}.`);
  return number;
}

function choose(ids: readonly string[]): readonly TriedPromise[] {
  const unknown = ids.find((id) => !promises.some((promise) => promise.id === id));
  if (unknown !== undefined)
    throw new Error(`There is no promise ${unknown}; there are ${promises.map(({ id }) => id).join(', ')}.`);
  return ids.length === 0 ? promises : promises.filter(({ id }) => ids.includes(id));
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    scale: { type: 'string', default: '10' },
    minutes: { type: 'string' },
    turns: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const scale = positive(values.scale, 'scale');
const seed = positive(values.seed, 'seed');
const loads = positionals[0] === 'load';
const chosen = loads ? [] : choose(positionals);
const minutes = positive(values.minutes ?? (loads ? '60' : '30'), 'minutes');
const end = performance.now() + minutes * 60_000;

async function tryPromises(): Promise<boolean> {
  let kept = true;
  for (const [index, { id, says, cases, most = Infinity, unable, attempt }] of chosen.entries()) {
    if (unable !== undefined) {
      console.log(`${id} ${says}: not tried, ${unable}`);
      continue;
    }
    const begun = performance.now();
    const until = begun + (end - begun) / (chosen.length - index);
    const wanted = Math.min(most, Math.ceil(cases * scale));
    const outcome = await attempt({ cases: wanted, seed, mayGoOn: () => performance.now() < until });
    const { cases: tried, survived, lost, failures, note } = outcome;
    const figures = [`${tried} cases`, `${survived} survived`, `${lost} lost`, ...(note === undefined ? [] : [note])];
    if (tried < wanted) figures.push(`of ${wanted} wanted: no time for more`);
    console.log(
      `${id} ${says}: ${figures.join(', ')} (${Math.round((performance.now() - begun) / 1000)} s, seed ${seed})`,
    );
    for (const failure of failures) console.log(`   ${failure.replaceAll('\n', '\n   ')}`);
    kept &&= survived === tried && lost === 0;
  }
  return kept;
}

const kept = loads ? await runLoad(positive(values.turns, 'turns'), minutes) : await tryPromises();
process.exitCode = kept ? 0 : 1;
