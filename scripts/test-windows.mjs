/**
 * `npm run test:windows`: tests in Windows' own Node, on Linux on x86-64, in Wine: the unit tests of main/, preload/, scripts/ and
 * e2e/host and the promises of torture/ on x64; the parts of the addon that need no ExecuTorch, as DLLs, on x64 and, in QEMU, on
 * arm64; Qualcomm's HTP emulator for Windows. docs/release.md says what that shows and what only a laptop can show.
 *
 *   npm run test:windows [-- SUITE… [PATH…]]
 *
 * Needs Debian's packages and 5 GB of disk; set-up unpacks Wine and installs nothing. Ends with the sum, `N passed, N failed`.
 */
import {
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { closingLine, skipLines, sumCounts, vitestCounts, vitestSkips } from './lib/counts.mjs';
import { Failure, runMain } from './lib/failure.mjs';
import { cacheFolder, root } from './lib/places.mjs';
import { seconds } from './lib/progress.mjs';
import { endChildrenOnExit, run } from './lib/run.mjs';
import { setup } from './setup.mjs';
import { windowsEmulator } from './wine/emulator.mjs';
import { enter, wine } from './wine/enter.mjs';
import { leftOut, whyLeftOut } from './wine/left-out.mjs';
import { windowsParts } from './wine/parts.mjs';
import { wineRoot } from './wine/roots.mjs';
import { suites } from './wine/suites.mjs';
import { windowsNode } from './wine/windows-node.mjs';

/** @typedef {import('./wine/suites.mjs').Suite} Suite */

const context = { run, note: () => undefined, say: () => undefined };

/**
 * Runs one suite; its output appears while it runs.
 * @param {Suite} suite @param {readonly string[]} filters
 */
async function perform({ name, arch }, filters) {
  const place = await wineRoot(arch, context);
  const layers = [await windowsNode(arch, context), await windowsParts(arch, context)];
  if (arch === 'x64') layers.push(await windowsEmulator(context));
  mkdirSync(join(cacheFolder(), 'wine-runs'), { recursive: true });
  const work = mkdtempSync(join(cacheFolder(), 'wine-runs', `${name}-`));
  mkdirSync(join(work, 'out'));
  const since = performance.now();
  console.log(`\n── ${name}: Windows on ${arch} ──`);
  try {
    const vitest = [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--config',
      'scripts/wine/vitest.config.mjs',
      '--no-color',
    ];
    const reports = ['--reporter=default', '--reporter=json', '--outputFile.json=Z:/out/report.json'];
    const workers = [`--maxWorkers=${arch === 'arm64' ? 1 : availableParallelism()}`];
    const node = ['node_modules\\node\\bin\\node.exe', ...vitest, ...reports, ...workers, ...filters].join(' ');
    const { command, args } = enter(place, {
      work,
      layers: [...layers, snapshot(join(work, 'checkout')), root],
      program: [wine, 'cmd', '/c', `cd /d Z:\\wyvern && ${node}`],
      variables: { WYVERN_SUITE: name },
    });
    const status = await follow(command, args, join(work, 'out', 'log'));
    console.log(`── ${name} took ${seconds(performance.now() - since)} ──`);
    const json = read(join(work, 'out', 'report.json'));
    return {
      name,
      status,
      counts: json === undefined ? undefined : vitestCounts(json),
      skips: json === undefined ? [] : [vitestSkips(json), skipsInList(json)],
    };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** What set-up and builds make stays where it is. */
const made = /^(node_modules|build|out|dist|resources|\.git|\.venv.*)$/;

/**
 * Copies the sources, so that a person can go on editing: a file that changes below a mounted layer confuses Wine.
 * @param {string} folder
 */
function snapshot(folder) {
  for (const name of readdirSync(root)) {
    if (!made.test(name)) cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  return folder;
}

/**
 * Runs a command whose output goes to a file, because Wine gives Node no pipe of Linux, and prints what the file gets.
 * @param {string} command @param {readonly string[]} args @param {string} path
 * @returns {Promise<number>} Its exit status.
 */
async function follow(command, args, path) {
  const output = openSync(path, 'w');
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', output, output] });
  closeSync(output);
  const input = openSync(path, 'r');
  const chunk = Buffer.alloc(65_536);
  const pass = () => {
    for (let bytes = readSync(input, chunk); bytes > 0; bytes = readSync(input, chunk)) {
      process.stdout.write(chunk.subarray(0, bytes));
    }
  };
  const timer = setInterval(pass, 500);
  // `unshare` ignores softer signals while its child runs.
  const stop = () => child.kill('SIGKILL');
  process.once('exit', stop);
  try {
    const [code] = await once(child, 'close');
    return code ?? 1;
  } finally {
    process.off('exit', stop);
    clearInterval(timer);
    pass();
    closeSync(input);
  }
}

/** @param {string} path @returns {string | undefined} */
function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** The skipped tests of the list, by reason. @param {string} json @returns {Map<string, number>} */
function skipsInList(json) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  /** @type {{ name: string, assertionResults: { status: string, fullName: string }[] }[]} */
  const files = JSON.parse(json).testResults;
  for (const { name, assertionResults } of files) {
    const file = name.replaceAll('\\', '/').replace(/^[A-Za-z]:\/wyvern\//, '');
    for (const { status, fullName } of assertionResults) {
      const reason = status === 'passed' || status === 'failed' ? undefined : whyLeftOut(file, fullName);
      if (reason !== undefined) counts.set(reason, (counts.get(reason) ?? 0) + 1);
    }
  }
  return counts;
}

await runMain(async () => {
  endChildrenOnExit();
  const given = process.argv.slice(2);
  const named = suites.filter(({ name }) => given.includes(name));
  const filters = given.filter((word) => !suites.some(({ name }) => name === word));
  if (filters.length > 0 && named.length !== 1) {
    const names = suites.map(({ name }) => name).join(', ');
    throw new Failure('Paths of tests go with one suite.', { hint: `Suites: ${names}` });
  }
  await setup({ windows: true, wine: true });
  const results = [];
  for (const suite of named.length > 0 ? named : suites) results.push(await perform(suite, filters));
  const sum = sumCounts(results);
  console.log('');
  for (const remark of sum.remarks) console.log(remark);
  for (const line of skipLines(results.flatMap(({ skips }) => skips))) console.log(line);
  const whole = leftOut.filter(({ tests }) => tests === undefined);
  for (const { file, reason } of whole) console.log(`left out: ${file}, which ${reason}`);
  console.log(closingLine(sum));
  return sum.failed === 0 ? 0 : 1;
});
