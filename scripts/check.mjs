/**
 * `npm run check`: format, lint, types, unused code, plain English, commit subjects and unit tests. A check that passes
 * prints one line; a check that fails prints its whole output.
 */
import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { Failure, runMain } from './lib/failure.mjs';
import { at, node, pythonOf, root } from './lib/places.mjs';
import { seconds } from './lib/progress.mjs';
import { endChildrenOnExit, run } from './lib/run.mjs';
import { setup } from './setup.mjs';
import { pythonEnvironment } from './setup/python.mjs';

/** @param {string} name @param {string} script Path in its package. @param {string[]} args */
const byNode = (name, script, ...args) => ({ command: node, args: [at('node_modules', name, script), ...args] });
/** @param {string[]} args */
const byPython = (...args) => ({ command: pythonOf(at('.venv')), args: ['-m', ...args] });

/** Every folder with a tsconfig.json. */
const rooms = readdirSync(root).filter((name) => existsSync(join(root, name, 'tsconfig.json')));

/** The rules are in export/pyproject.toml. */
const ruff = ['--no-cache', '.'];

/** The slowest first. @type {readonly (readonly [title: string, { command: string, args: string[] }])[]} */
const checks = [
  ['lint', byNode('eslint', 'bin/eslint.js', '--max-warnings', '0', '.')],
  ['unit tests', byNode('vitest', 'vitest.mjs', 'run', '--project', 'unit', '--reporter=dot')],
  ...rooms.map((room) => /** @type {const} */ ([`types in ${room}`, byNode('typescript', 'bin/tsc', '-p', room)])),
  ['format', byNode('prettier', 'bin/prettier.cjs', '--check', '--log-level', 'warn', '.')],
  ['unused code', byNode('knip', 'bin/knip.js', '--no-progress')],
  ['commit subjects', { command: node, args: [at('scripts', 'check-commits.mjs')] }],
  ['plain English', { command: node, args: [at('scripts', 'check-english.mjs')] }],
  ['Python lint', byPython('ruff', 'check', ...ruff)],
  ['Python format', byPython('ruff', 'format', '--check', ...ruff)],
];

/** @param {typeof checks[number]} check @returns {Promise<boolean>} */
async function perform([title, { command, args }]) {
  const since = performance.now();
  let output = '';
  try {
    await run(command, args, {
      log: (text) => (output += text),
      env: { ...pythonEnvironment, PATH: [dirname(node), process.env['PATH']].join(delimiter), NO_COLOR: '1' },
    });
    console.log(`✓ ${title} ${seconds(performance.now() - since)}`);
    return true;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.log(`✗ ${title} ${seconds(performance.now() - since)}\n${output.trimEnd()}\n`);
    return false;
  }
}

await runMain(async () => {
  endChildrenOnExit();
  await setup();
  const waiting = [...checks];
  let passed = 0;
  const work = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      if (await perform(check)) passed += 1;
    }
  };
  await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, work));
  console.log(`${passed} passed, ${checks.length - passed} failed`);
  return passed === checks.length ? 0 : 1;
});
