/**
 * `npm test`: sets up the checkout, builds the app, then runs every test: unit and native (Vitest), export/ (pytest), a part
 * of the native tests on an emulated arm64 processor, the Chromium host's checks in a real Electron 22, and the whole app
 * (Playwright). It closes with the names of the failed tests and, in the last line, the sum: `N passed, N failed`.
 *
 *   npm test [-- vitest | pytest | arm64 | electron | playwright …] [--without NAME]
 *
 * The runner `arm64` needs a cross compiler and QEMU, and `electron` a virtual display, which set-up installs. Where it may
 * not, `npm test` fails, unless `--without NAME` leaves the runner out.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { emulatedVitest, quickTests } from './arm64/vitest.mjs';
import { whyNoElectron22 } from './electron/electron-22.mjs';
import { electronVitest } from './electron/vitest.mjs';
import { chooseRunners } from './lib/choose-runners.mjs';
import {
  closingLine,
  junitCounts,
  playwrightCounts,
  playwrightSkips,
  skipLines,
  sumCounts,
  vitestCounts,
  vitestSkips,
} from './lib/counts.mjs';
import { runMain } from './lib/failure.mjs';
import { failureLines, junitFailures, playwrightFailures, vitestFailures } from './lib/failures.mjs';
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
 * @property {(report: string) => import('./lib/failures.mjs').Failure[]} failures
 * @property {(report: string) => Map<string, number>} [skips] Skipped tests by their reason.
 * @property {(report: string) => { command: string, args: string[], env?: Record<string, string | undefined> }} start
 */

/** @type {Runner} */
const arm64 = {
  name: 'arm64',
  report: join(reports, 'arm64.json'),
  count: vitestCounts,
  failures: vitestFailures,
  skips: vitestSkips,
  start: (report) => emulatedVitest(report, quickTests, { short: true }),
};

/** @type {Runner} */
const electron = {
  name: 'electron',
  report: join(reports, 'electron.json'),
  count: vitestCounts,
  failures: vitestFailures,
  skips: vitestSkips,
  start: (report) => electronVitest(report, []),
};

/** @type {readonly Runner[]} */
const runners = [
  {
    name: 'vitest',
    report: join(reports, 'vitest.json'),
    count: vitestCounts,
    failures: vitestFailures,
    skips: vitestSkips,
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
    failures: junitFailures,
    start: (report) => ({
      command: pythonOf(at('.venv')),
      args: ['-m', 'pytest', '-p', 'no:cacheprovider', 'export/tests', `--junitxml=${report}`],
      env: pythonEnvironment,
    }),
  },
  // A machine that is arm64 itself tests it by all other runners.
  ...(process.arch === 'arm64' ? [] : [arm64]),
  ...(whyNoElectron22() === undefined ? [electron] : []),
  {
    name: 'playwright',
    report: join(reports, 'playwright.json'),
    count: playwrightCounts,
    failures: playwrightFailures,
    skips: playwrightSkips,
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

/** @param {Runner} runner */
async function perform({ name, report, count, failures, skips, start }) {
  rmSync(report, { force: true });
  const { command, args, env } = start(report);
  const since = performance.now();
  console.log(`\n── ${name} ──`);
  const status = await runInForeground(command, args, env === undefined ? {} : { env });
  console.log(`── ${name} took ${seconds(performance.now() - since)} ──`);
  return {
    ...{ name, status },
    counts: read(report, count),
    failures: read(report, failures) ?? [],
    skips: skips && read(report, skips),
  };
}

/**
 * @template T
 * @param {string} report @param {(report: string) => T} parse
 * @returns {T | undefined} Undefined where the runner wrote no report.
 */
function read(report, parse) {
  try {
    return parse(readFileSync(report, 'utf8'));
  } catch {
    return undefined;
  }
}

await runMain(async () => {
  const { chosen, without } = chooseRunners(
    runners.map(({ name }) => name),
    process.argv.slice(2),
  );
  endChildrenOnExit();
  await setup({
    browser: true,
    app: true,
    emulator: true,
    package: true,
    arm64: chosen.includes(arm64.name),
    electron22: chosen.includes(electron.name),
  });
  mkdirSync(reports, { recursive: true });
  const results = [];
  for (const runner of runners) if (chosen.includes(runner.name)) results.push(await perform(runner));

  const sum = sumCounts(results);
  console.log('');
  for (const line of failureLines(results)) console.log(line);
  for (const remark of sum.remarks) console.log(remark);
  for (const name of without) console.log(`${name} was left out, as asked.`);
  for (const line of skipLines(results.flatMap(({ skips }) => skips ?? []))) console.log(line);
  console.log(closingLine(sum));
  return sum.failed === 0 ? 0 : 1;
});
