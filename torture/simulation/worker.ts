/**
 * Lives the lives of a range of cases and prints one line for each: `ok`, or the case and why. Arguments: seed, first case,
 * number of cases, folder for the disks, log of the disks, script of the page, plan.
 */
import '../quiet.ts';
import { rmSync } from 'node:fs';
import { scriptedFolder } from '../../main/engine/testing/bundles.ts';
import { diceOf } from '../../native/test/random.ts';
import { Life, plans } from './life.ts';

const [seed = '', first = '', count = '', root = '', log = '', page = '', plan = 'life'] = process.argv.slice(2);
const model = scriptedFolder();
// In virtual time nothing else keeps the process alive.
setInterval(() => undefined, 60_000);
for (let index = Number(first); index < Number(first) + Number(count); index += 1) {
  try {
    await new Life(
      { root, log, model, page },
      diceOf(Number(seed), index),
      plans[plan === 'day' ? 'day' : 'life'],
    ).live();
    console.log('ok');
  } catch (cause) {
    console.log(
      `seed ${seed}, case ${index}: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`.replaceAll(
        '\n',
        '\\n',
      ),
    );
    // The life may have left something running: the next one starts in a fresh process.
    process.exit(1);
  }
}
rmSync(model, { recursive: true });
process.exit(0);
