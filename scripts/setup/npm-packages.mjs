import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { contentHash } from '../lib/content-hash.mjs';
import { Failure } from '../lib/failure.mjs';
import { at, node, root } from '../lib/places.mjs';

const windows = process.platform === 'win32';

/** The `node` package has no Node 24 for Windows on Arm. On that system set-up copies the Node that runs it. */
const bringsNode = !(windows && process.arch === 'arm64');

/**
 * The npm packages of the lock file. The `node` package's install script brings Node 24, which runs everything except
 * set-up. No other install script is needed.
 * @type {import('./stage.mjs').Stage}
 */
export const npmPackages = {
  name: 'npm-packages',
  title: 'npm packages',
  key: () =>
    contentHash({
      base: root,
      files: [at('package-lock.json')],
      facts: [process.platform, process.arch],
    }),
  isThere: () => existsSync(node) && existsSync(at('node_modules', '.package-lock.json')),
  async make({ run, note }) {
    if (windows && existsSync(node) && process.execPath.toLowerCase() === node.toLowerCase()) {
      throw new Failure('The npm packages changed, but Windows cannot replace the running Node.', {
        hint: 'Run set-up with your own Node, without npm: node scripts\\setup.mjs',
      });
    }
    const npm = npmCommand();
    const hint =
      'Read the lines above. If the network failed, check it with npm ping, then run the same command again.';
    // Set the level, because `npm -s start` would silence the inner npm too.
    const common = ['--loglevel=warn', '--no-audit', '--no-fund', ...(bringsNode ? [] : ['--ignore-scripts'])];
    await run(npm.command, [...npm.args, 'ci', '--include=dev', ...common], {
      what: 'npm ci',
      hint,
      env: npmEnvironment,
    });
    if (!bringsNode) takeOwnNode();
    else if (!(await isNode24(run))) {
      note('Node 24');
      await run(
        npm.command,
        [...npm.args, 'rebuild', 'node', '--ignore-scripts=false', '--foreground-scripts', ...common],
        {
          what: 'npm rebuild node',
          hint,
          env: npmEnvironment,
        },
      );
    }
    if (!(await isNode24(run))) {
      throw new Failure('The npm package "node" did not bring Node 24.', {
        hint: 'Allow npm to run its install script: npm rebuild node --ignore-scripts=false',
      });
    }
  },
};

function takeOwnNode() {
  if (!process.version.startsWith('v24.')) {
    throw new Failure(`On Windows on Arm, set-up needs Node 24, but runs on ${process.version}.`, {
      hint: 'Install Node 24 for Windows on Arm, then run the same command again.',
    });
  }
  mkdirSync(dirname(node), { recursive: true });
  copyFileSync(process.execPath, node);
}

/** Ignores the caller's production settings: builds and tests need all packages. */
const npmEnvironment = { NODE_ENV: undefined, npm_config_omit: undefined, npm_config_production: undefined };

/** @param {import('./stage.mjs').Context['run']} run */
async function isNode24(run) {
  try {
    return (await run(node, ['--version'])).startsWith('v24.');
  } catch {
    return false;
  }
}

/** Returns the npm that started set-up, if one did. It runs on the system's Node, not on the Node that it replaces. */
export function npmCommand() {
  const { npm_execpath: script, npm_node_execpath: runner } = process.env;
  if (script !== undefined && /\.c?js$/.test(script) && existsSync(script)) {
    return { command: runner ?? process.execPath, args: [script] };
  }
  // On Windows npm is a script that needs a shell.
  return windows ? { command: 'cmd.exe', args: ['/d', '/c', 'npm'] } : { command: 'npm', args: [] };
}
