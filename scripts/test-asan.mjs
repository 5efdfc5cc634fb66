/**
 * `npm run test:asan`: runs the addon under AddressSanitizer and UndefinedBehaviorSanitizer: first its tests, then damaged
 * model files through the pre-flight check and the engine, then the fuzzers' known inputs.
 *
 *   npm run test:asan -- [--inputs N] [--from I] [--seed S] [--minutes M] [--only tests|inputs|fuzz]
 *
 * `--inputs`: number of damaged files (default 10,000); a seed gives the same files. `--minutes`: time for them (default 30).
 * `--from`: number of the first file, so `--from I --inputs 1` repeats one. It sets up an instrumented build in
 * `build/sanitized`, and Clang if there is none and installing is allowed. The status is 1 for a finding in our code, a
 * failed test, or a failure without a code. Linux on x86-64 only.
 *
 * Only the fuzzers detect leaks: Node frees most of its memory by ending.
 */
import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { vitestCounts } from './lib/counts.mjs';
import { Failure, runMain } from './lib/failure.mjs';
import { buildFuzzer, fuzzTargets, knownInputs } from './lib/fuzzers.mjs';
import { tryMutants } from './lib/mutant-run.mjs';
import { at, node } from './lib/places.mjs';
import { endChildrenOnExit, runInForeground } from './lib/run.mjs';
import { groupFindings, readKnown, readReport } from './lib/sanitizer-report.mjs';
import { setup } from './setup.mjs';
import { findClang, sanitizedFolder } from './setup/sanitizers.mjs';

const reports = at('build', 'sanitized', 'reports');
const vitestReport = at('build', 'sanitized', 'vitest.json');
const knownFile = at('native', 'test', 'sanitizers', 'sdk-findings.txt');
const parts = ['tests', 'inputs', 'fuzz'];

/** @param {string} value @param {string} name @param {number} least */
function wholeNumber(value, name, least) {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < least) {
    throw new Failure(`--${name} must be a whole number from ${least} up, not ${value}.`);
  }
  return number;
}

/**
 * Returns the environment for a Node that loads the instrumented addon.
 * @param {import('./setup/sanitizers.mjs').Clang} clang
 * @returns {Record<string, string | undefined>}
 */
function environmentOf({ runtime, symbolizer }) {
  const options = {
    log_path: join(reports, 'report'),
    detect_leaks: 0,
    // Replace Node's own handlers, which end the process without a report. Report aborts too: ExecuTorch aborts.
    ...{ handle_segv: 2, handle_sigbus: 2, handle_sigfpe: 2, handle_sigill: 2, handle_abort: 2 },
    // Too large allocations fail as without a sanitizer.
    allocator_may_return_null: 1,
    // Keep the quarantine small, so that tests of leaks measure leaks and not the quarantine.
    quarantine_size_mb: 8,
  };
  return {
    LD_PRELOAD: runtime,
    ASAN_OPTIONS: Object.entries(options)
      .map(([name, value]) => `${name}=${value}`)
      .join(':'),
    UBSAN_OPTIONS: 'print_stacktrace=1',
    ASAN_SYMBOLIZER_PATH: symbolizer,
    WYVERN_ADDON: join(sanitizedFolder, 'wyvern.node'),
  };
}

/** @param {Record<string, string | undefined>} env */
async function runTests(env) {
  rmSync(vitestReport, { force: true });
  const status = await runInForeground(
    node,
    [
      ...[at('node_modules', 'vitest', 'vitest.mjs'), 'run', '--project', 'native', '--testTimeout', '600000'],
      ...['--reporter=dot', '--reporter=json', `--outputFile.json=${vitestReport}`],
    ],
    { env },
  );
  const { passed, failed } = vitestCounts(readFileSync(vitestReport, 'utf8'));
  console.log(`tests of the addon: ${passed} passed, ${failed} failed`);
  return status === 0;
}

async function runFuzzers() {
  let held = true;
  for (const target of fuzzTargets) {
    const program = await buildFuzzer(target, await findClang());
    const { count, folders } = knownInputs(target);
    const status = await runInForeground(program, ['-runs=0', '-verbosity=0', ...folders]);
    console.log(`known inputs of the fuzzer ${target.name}: ${count} run${status === 0 ? '' : ', and one fails'}`);
    held &&= status === 0;
  }
  return held;
}

/** Reads and prints all reports so far. @returns {boolean} Whether no finding is in our code. */
function judge() {
  const known = readKnown(readFileSync(knownFile, 'utf8'));
  const findings = readdirSync(reports).flatMap((name) => readReport(readFileSync(join(reports, name), 'utf8')));
  const { ours, sdk, elsewhere } = groupFindings(findings, known);
  console.log(`findings in our code: ${ours.length}`);
  for (const { finding, count } of ours) {
    console.log(`  ${count} × ${finding.kind} in ${finding.where}\n${finding.text.replaceAll(/^/gm, '    ')}`);
  }
  const times = sdk.reduce((sum, { count }) => sum + count, 0);
  console.log(`findings in the SDK's libraries: ${sdk.length}, ${times} times`);
  for (const { finding, count, reason } of sdk) {
    console.log(`  ${count} × ${finding.kind} in ${finding.where}: ${reason ?? 'not in the list yet'}`);
  }
  console.log(`findings elsewhere (Node, its packages): ${elsewhere.length}`);
  for (const { finding, count } of elsewhere) {
    console.log(`  ${count} × ${finding.kind} in ${finding.where}\n${finding.text.replaceAll(/^/gm, '    ')}`);
  }
  console.log(`the reports: ${reports}`);
  return ours.length === 0 && elsewhere.length === 0;
}

await runMain(async () => {
  const { values } = parseArgs({
    options: {
      inputs: { type: 'string', default: '10000' },
      from: { type: 'string', default: '0' },
      seed: { type: 'string', default: '20261126' },
      minutes: { type: 'string', default: '30' },
      only: { type: 'string' },
    },
  });
  const { only } = values;
  if (only !== undefined && !parts.includes(only)) {
    throw new Failure(`--only must be one of ${parts.join(', ')}, not ${only}.`);
  }
  const seed = wholeNumber(values.seed, 'seed', 0);
  const from = wholeNumber(values.from, 'from', 0);
  const inputs = wholeNumber(values.inputs, 'inputs', 1);
  const minutes = wholeNumber(values.minutes, 'minutes', 1);

  endChildrenOnExit();
  await setup({ sanitizers: true, emulator: true });
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  const env = environmentOf(await findClang());

  let held = true;
  if (only === undefined || only === 'tests') held = (await runTests(env)) && held;
  if (only === undefined || only === 'inputs') {
    held = (await tryMutants({ env, seed, from, inputs, untilMs: performance.now() + minutes * 60_000 })) && held;
  }
  if (only === undefined || only === 'fuzz') held = (await runFuzzers()) && held;
  console.log('leaks: only the fuzzers detect them, because Node frees most of its memory by ending');
  return judge() && held ? 0 : 1;
});
