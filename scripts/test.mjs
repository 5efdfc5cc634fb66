/**
 * `npm test`: sets up the checkout, builds the app, then runs every test: unit and native (Vitest), export/ (pytest), and
 * the whole app (Playwright). The last line is the sum, `N passed, N failed`.
 *
 *   npm test [-- vitest | pytest | playwright]
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { closingLine, junitCounts, playwrightCounts, sumCounts, vitestCounts } from './lib/counts.mjs';
import { Failure, runMain } from './lib/failure.mjs';
import { at, node, pythonOf } from './lib/places.mjs';
import { seconds } from './lib/progress.mjs';
import { endChildrenOnExit, runInForeground } from './lib/run.mjs';
import { setup } from './setup.mjs';
import { findChromium } from './setup/chromium.mjs';
import { pythonEnvironment } from './setup/python.mjs';

const reports = at('build', 'test');

/**
 * @typedef {object} Runner
 * @property {string} name
 * @property {string} report File of its report.
 * @property {(report: string) => import('./lib/counts.mjs').Counts} count
 * @property {(report: string) => { command: string, args: string[], env?: Record<string, string | undefined> }} start
 */

/** @type {readonly Runner[]} */
const runners = [
  {
    name: 'vitest',
    report: join(reports, 'vitest.json'),
    count: vitestCounts,
    start: (report) => ({
      command: node,
      args: [
        ...[at('node_modules', 'vitest', 'vitest.mjs'), 'run'],
        ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
      ],
    }),
  },
  {
    name: 'pytest',
    report: join(reports, 'pytest.xml'),
    count: junitCounts,
    start: (report) => ({
      command: pythonOf(at('.venv')),
      args: ['-m', 'pytest', '-p', 'no:cacheprovider', 'export/tests', `--junitxml=${report}`],
      env: pythonEnvironment,
    }),
  },
  {
    name: 'playwright',
    report: join(reports, 'playwright.json'),
    count: playwrightCounts,
    start: (report) => ({
      command: node,
      args: [
        at('node_modules', '@playwright', 'test', 'cli.js'),
        'test',
        '--project=app',
        '--project=looks',
        '--reporter=list,json',
      ],
      env: {
        PLAYWRIGHT_JSON_OUTPUT_NAME: report,
        PLAYWRIGHT_JSON_OUTPUT_FILE: report,
        WYVERN_CHROMIUM: findChromium(),
      },
    }),
  },
];

/** @param {readonly string[]} names */
function choose(names) {
  const unknown = names.find((name) => !runners.some((runner) => runner.name === name));
  if (unknown !== undefined) {
    throw new Failure(`${unknown} is not a test runner.`, {
      hint: `npm test runs all; one: ${runners.map(({ name }) => `npm test -- ${name}`).join(', ')}`,
    });
  }
  return names.length === 0 ? runners : runners.filter(({ name }) => names.includes(name));
}

/** @param {Runner} runner */
async function perform({ name, report, count, start }) {
  rmSync(report, { force: true });
  const { command, args, env } = start(report);
  const since = performance.now();
  console.log(`\n── ${name} ──`);
  const status = await runInForeground(command, args, env === undefined ? {} : { env });
  console.log(`── ${name} took ${seconds(performance.now() - since)} ──`);
  return { name, status, counts: readCounts(report, count) };
}

/** @param {string} report @param {Runner['count']} count */
function readCounts(report, count) {
  try {
    return count(readFileSync(report, 'utf8'));
  } catch {
    return undefined;
  }
}

await runMain(async () => {
  const chosen = choose(process.argv.slice(2));
  endChildrenOnExit();
  await setup({ browser: true, app: true, emulator: true, package: true });
  mkdirSync(reports, { recursive: true });
  const results = [];
  for (const runner of chosen) results.push(await perform(runner));

  const sum = sumCounts(results);
  console.log('');
  for (const remark of sum.remarks) console.log(remark);
  console.log(closingLine(sum));
  return sum.failed === 0 ? 0 : 1;
});
