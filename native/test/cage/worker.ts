/**
 * Enters the cage with the options in its first argument (`none`: stays outside), runs the program in its second, and prints
 * the cage and the tokens as one line of JSON. The canary prints its attempts to standard error.
 */
import { readdirSync, readlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as Addon from '../../index.d.ts';
import { besideAddon } from '../addon-path.ts';
import { addon } from '../addon.ts';

const [options = 'none', programPath = ''] = process.argv.slice(2);
createRequire(import.meta.url)(besideAddon('cage_canary.node'));
const hasRing = openFiles().includes('anon_inode:[io_uring]');
const cage =
  options === 'none'
    ? undefined
    : addon.enterCage({ readable: [programPath], ...(JSON.parse(options) as Addon.CageOptions) });
const model = await addon.Model.load({ programPath, warmUp: false });
await model.prefill(Int32Array.from([1, 2, 3]));
const tokens = [];
for (let i = 0; i < 4; i += 1) tokens.push((await model.next(new addon.Sampler())).token);
await model.close();
console.log(JSON.stringify({ cage, tokens, hasRing, rss: process.memoryUsage.rss() > 0 }));

function openFiles(): readonly string[] {
  return readdirSync('/proc/self/fd').flatMap((number) => {
    try {
      return [readlinkSync(`/proc/self/fd/${number}`)];
    } catch {
      // The folder's own number is closed again.
      return [];
    }
  });
}
