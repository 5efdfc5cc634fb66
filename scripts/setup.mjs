/**
 * Makes a fresh checkout ready: everything that `npm start` and `npm test` need besides Node, Python and a C++ compiler.
 * It uses only Node 20's own modules, because it runs before any package exists. It skips stages that are up to date.
 *
 *   npm run setup [-- --export] [--electron] [--browser] [--emulator] [--sanitizers] [--arm64] [--electron-22]
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure, runMain } from './lib/failure.mjs';
import { withLock } from './lib/lock.mjs';
import { stateFolder } from './lib/places.mjs';
import { Progress, seconds } from './lib/progress.mjs';
import { endChildrenOnExit } from './lib/run.mjs';
import { limits, plan } from './setup/plan.mjs';
import { isFresh, perform } from './setup/stage.mjs';

/**
 * Brings the checkout up to date. Returns at once if it is.
 * @param {import('./setup/plan.mjs').Wishes} [wishes]
 * @throws {Failure}
 */
export async function setup(wishes = {}) {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new Failure(`Node ${process.versions.node} is too old. Wyvern needs 20.19 or newer.`, {
      hint: 'Install a current Node, then run the same command again.',
    });
  }
  const steps = plan(wishes);
  if (steps.every(({ stage }) => isFresh(stage, stateFolder))) return;

  const progress = new Progress(stateFolder);
  try {
    await withLock(join(stateFolder, 'lock'), () => performAll(steps, progress), {
      onWait: (owner) => progress.say(`another set-up is running (process ${owner}); waiting for it`),
    });
    for (const limit of limits(wishes)) progress.say(limit);
    progress.say(`ready in ${seconds(progress.elapsedMs)}`);
  } finally {
    progress.close();
  }
}

/**
 * @param {ReturnType<typeof plan>} steps
 * @param {Progress} progress
 */
async function performAll(steps, progress) {
  /** @type {Map<import('./setup/stage.mjs').Stage, Promise<void>>} */
  const under = new Map();
  /** @type {unknown[]} */
  const errors = [];
  for (const { stage, after } of steps) {
    const work = async () => {
      await Promise.all(after.map((other) => under.get(other)));
      // After a failure, start no new stage, but let running stages end: the next set-up can use their results.
      if (errors.length > 0 || isFresh(stage, stateFolder)) return;
      await perform(stage, stateFolder, progress);
    };
    under.set(
      stage,
      work().catch((/** @type {unknown} */ error) => void errors.push(error)),
    );
  }
  await Promise.all(under.values());
  const [first] = errors;
  if (first instanceof Failure) {
    throw new Failure(`Set-up failed: ${first.message}`, {
      log: first.log,
      hint: [first.hint, `The full log is ${progress.logPath}.`].filter((part) => part !== undefined).join('\n  '),
    });
  }
  if (first !== undefined) throw first;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  endChildrenOnExit();
  const known = ['--export', '--electron', '--browser', '--emulator', '--sanitizers', '--arm64', '--electron-22'];
  await runMain(async () => {
    const unknown = process.argv.slice(2).find((argument) => !known.includes(argument));
    if (unknown !== undefined)
      throw new Failure(`${unknown} is not an option.`, { hint: `Options: ${known.join(', ')}` });
    const has = (/** @type {string} */ option) => process.argv.includes(option);
    await setup({
      export: has('--export'),
      electron: has('--electron'),
      browser: has('--browser'),
      emulator: has('--emulator'),
      sanitizers: has('--sanitizers'),
      arm64: has('--arm64'),
      electron22: has('--electron-22'),
    });
    console.error('setup: everything is ready');
  });
}
