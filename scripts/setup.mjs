/**
 * Makes a fresh checkout ready: everything that `npm start` and `npm test` need besides Node, Python and a C++ compiler.
 * It uses only Node 20's own modules, because it runs before any package exists. It skips stages that are up to date.
 *
 *   npm run setup [-- --export] [--electron] [--browser] [--emulator] [--sanitizers]
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure, runMain } from './lib/failure.mjs';
import { withLock } from './lib/lock.mjs';
import { stateFolder } from './lib/places.mjs';
import { Progress, seconds } from './lib/progress.mjs';
import { endChildrenOnExit } from './lib/run.mjs';
import { addon } from './setup/addon.mjs';
import { app } from './setup/app.mjs';
import { chromium } from './setup/chromium.mjs';
import { commitHook } from './setup/commit-hook.mjs';
import { electron, wantsElectron } from './setup/electron.mjs';
import { model } from './setup/model.mjs';
import { npmPackages } from './setup/npm-packages.mjs';
import { python, pythonForExport, pythonForWindows } from './setup/python.mjs';
import { hasEmulator, qnnEmulator } from './setup/qnn.mjs';
import { qnnWindows } from './setup/qnn-windows.mjs';
import { sanitizers } from './setup/sanitizers.mjs';
import { sentencePiece } from './setup/sentencepiece.mjs';
import { isFresh, perform } from './setup/stage.mjs';

const windows = process.platform === 'win32';

/**
 * @typedef {object} Wishes
 * @property {boolean} [browser] Install Chromium if there is none and installing is allowed.
 * @property {boolean} [app] Also build the app.
 * @property {boolean} [export] Also the environment with torch.
 * @property {boolean} [emulator] Also Qualcomm's HTP emulator, on Linux x86_64.
 * @property {boolean} [sanitizers] Also the addon with sanitizers, and Clang if there is none and installing is allowed.
 * @property {boolean} [windows] Also the compiler for `npm run check:windows`.
 * @property {boolean} [package] Also the installer's NPU libraries.
 * @property {boolean} [electron] Try to download Electron's binary again after a failure.
 */

/**
 * Stages with the stages that they wait for. Independent stages run at the same time.
 * @param {Wishes} wishes
 * @returns {readonly { stage: import('./setup/stage.mjs').Stage, after: readonly import('./setup/stage.mjs').Stage[] }[]}
 */
function plan(wishes) {
  const again = wishes.electron ?? false;
  return [
    { stage: npmPackages, after: [] },
    { stage: python, after: [] },
    { stage: commitHook, after: [] },
    ...(wishes.browser ? [{ stage: chromium, after: [] }] : []),
    // Upstream publishes no C++ SDK for Windows; the release workflow builds the addon there from source.
    ...(windows
      ? []
      : [
          { stage: sentencePiece, after: [python] },
          { stage: addon, after: [npmPackages, sentencePiece] },
        ]),
    { stage: model, after: [python] },
    ...(wantsElectron(again) ? [{ stage: electron({ again }), after: [npmPackages] }] : []),
    ...(wishes.emulator && hasEmulator ? [{ stage: qnnEmulator, after: [python] }] : []),
    ...(wishes.sanitizers ? [{ stage: sanitizers, after: [npmPackages, python] }] : []),
    ...(wishes.app ? [{ stage: app, after: [npmPackages] }] : []),
    ...(wishes.export ? [{ stage: pythonForExport, after: [] }] : []),
    ...(wishes.package ? [{ stage: qnnWindows, after: [python] }] : []),
    ...(wishes.windows ? [{ stage: pythonForWindows, after: [] }] : []),
  ];
}

/**
 * Brings the checkout up to date. Returns at once if it is.
 * @param {Wishes} [wishes]
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
    if (windows) {
      progress.say(
        'on Windows, set-up does not build the native addon: put wyvern.node from the release workflow into resources/native',
      );
    } else if (process.platform === 'darwin') {
      progress.say('Wyvern is not tested on macOS; set-up takes the same steps as on Linux');
    }
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
  const known = ['--export', '--electron', '--browser', '--emulator', '--sanitizers'];
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
    });
    console.error('setup: everything is ready');
  });
}
