/**
 * `npm start`: sets up the checkout, then opens the app in the best way that this machine has.
 *
 *   npm start [-- --electron | --chromium | --terminal]
 *
 * It opens real Electron if its binary is installed, else the Chromium host, and without a display a chat in the terminal.
 * The terminal chat answers prompts from standard input line by line.
 */
import { existsSync, fstatSync } from 'node:fs';
import { Failure, runMain } from './lib/failure.mjs';
import { at, node, root } from './lib/places.mjs';
import { endChildrenOnExit, runInForeground } from './lib/run.mjs';
import { chatArguments, chooseWay, ways } from './lib/way.mjs';
import { setup } from './setup.mjs';
import { findChromium } from './setup/chromium.mjs';
import { electronExecutable, hasDisplay } from './setup/electron.mjs';

/** Whether standard input is a pipe or a file with prompts. */
function isPiped() {
  try {
    const input = fstatSync(0);
    return input.isFIFO() || input.isFile() || input.isSocket();
  } catch {
    return false;
  }
}

/** @param {readonly string[]} args */
function wish(args) {
  const chosen = ways.filter((way) => args.includes(`--${way}`));
  const unknown = args.find((argument) => !ways.some((way) => argument === `--${way}`));
  if (unknown !== undefined || chosen.length > 1) {
    throw new Failure(unknown === undefined ? 'Choose one way to start.' : `${unknown} is not an option.`, {
      hint: `npm start, or one of: ${ways.map((way) => `npm start -- --${way}`).join(', ')}`,
    });
  }
  return chosen[0];
}

await runMain(async () => {
  const wanted = wish(process.argv.slice(2));
  endChildrenOnExit();
  // The terminal chat runs from source and needs no browser and no build.
  const window = wanted === undefined ? hasDisplay() && !isPiped() : wanted !== 'terminal';
  await setup({ app: window, browser: window && wanted !== 'electron' });

  const electron = electronExecutable();
  const chromium = findChromium();
  const { way, because } = chooseWay({ wanted, piped: isPiped(), display: hasDisplay(), electron, chromium });
  console.error(`wyvern: ${because}`);
  switch (way) {
    case 'electron':
      // Chromium's sandbox refuses to run as root.
      return runInForeground(electron ?? '', [root, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])], {
        env: { ELECTRON_RUN_AS_NODE: undefined },
      });
    case 'chromium':
      return runInForeground(node, [hostEntry(), '--headed'], { env: { WYVERN_CHROMIUM: chromium } });
    case 'terminal':
      return runInForeground(node, [at('main', 'cli', 'index.ts'), ...chatArguments(isPiped())]);
  }
});

function hostEntry() {
  const path = at('e2e', 'host', 'launch.ts');
  if (!existsSync(path)) throw new Failure(`${path} is missing.`, { hint: 'Restore it with git checkout e2e/host.' });
  return path;
}
