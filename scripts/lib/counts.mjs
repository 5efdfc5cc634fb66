/**
 * Numbers of tests from a runner's own report.
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 */

/**
 * Vitest's JSON report. A file that failed outside of its tests (it did not load, or a hook threw) counts as one failure.
 * @param {string} json
 * @returns {Counts}
 */
export function vitestCounts(json) {
  const report = JSON.parse(json);
  /** @type {{ status: string, assertionResults: { status: string }[] }[]} */
  const files = report.testResults;
  const broken = files.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/**
 * How many tests of Vitest's JSON report say in their name why they are skipped: `(skipped: …)`.
 * @param {string} json
 * @returns {Map<string, number>} By reason.
 */
export function vitestSkips(json) {
  /** @type {{ assertionResults: { status: string, fullName: string }[] }[]} */
  const files = JSON.parse(json).testResults;
  return countReasons(
    files
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ status }) => status !== 'passed' && status !== 'failed')
      .map(({ fullName }) => /\(skipped: (.+?)\)/.exec(fullName)?.[1]),
  );
}

/**
 * How many tests of Playwright's JSON report were skipped with a reason.
 * @param {string} json
 * @returns {Map<string, number>} By reason.
 */
export function playwrightSkips(json) {
  /** @typedef {{ annotations: { type: string, description?: string }[], status: string }} Test */
  /** @typedef {{ suites?: Suite[], specs?: { tests: Test[] }[] }} Suite */
  /** @param {Suite} suite @returns {Test[]} */
  const testsOf = ({ suites = [], specs = [] }) => [...suites.flatMap(testsOf), ...specs.flatMap((spec) => spec.tests)];
  return countReasons(
    testsOf(JSON.parse(json))
      .filter(({ status }) => status === 'skipped')
      .map(({ annotations }) => annotations.find(({ type }) => type === 'skip')?.description),
  );
}

/** @param {readonly (string | undefined)[]} reasons */
function countReasons(reasons) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const reason of reasons) if (reason !== undefined) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return counts;
}

/**
 * pytest's JUnit report.
 * @param {string} xml
 * @returns {Counts}
 */
export function junitCounts(xml) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [suite] of xml.matchAll(/<testsuite\b[^>]*>/g)) {
    const attribute = (/** @type {string} */ name) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
    const failed = attribute('failures') + attribute('errors');
    counts.failed += failed;
    counts.skipped += attribute('skipped');
    counts.passed += attribute('tests') - failed - attribute('skipped');
  }
  return counts;
}

/**
 * Playwright's JSON report. A test that passed only in a retry counts as failed, and so does an error outside of tests.
 * @param {string} json
 * @returns {Counts}
 */
export function playwrightCounts(json) {
  const { stats, errors = [] } = JSON.parse(json);
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky + errors.length, skipped: stats.skipped };
}

/**
 * Adds up the whole run's counts.
 * @param {readonly { name: string, status: number, counts: Counts | undefined }[]} runners
 *   `status`: the runner's exit status; `counts`: undefined if it wrote no report.
 * @returns {{ passed: number, failed: number, skipped: number, remarks: string[] }}
 *   A runner that ran no test, or failed without a failed test, adds one failure and a remark.
 */
export function sumCounts(runners) {
  const sum = { passed: 0, failed: 0, skipped: 0, remarks: /** @type {string[]} */ ([]) };
  for (const { name, status, counts } of runners) {
    const { passed, failed, skipped } = counts ?? { passed: 0, failed: 0, skipped: 0 };
    sum.passed += passed;
    sum.failed += failed;
    sum.skipped += skipped;
    if (failed > 0) continue;
    if (passed === 0) sum.remarks.push(`${name} ran no test${status === 0 ? '' : ` (exit status ${status})`}.`);
    else if (status !== 0) sum.remarks.push(`${name} ended with exit status ${status} though no test failed.`);
  }
  sum.failed += sum.remarks.length;
  return sum;
}

/**
 * One line a reason.
 * @param {readonly Map<string, number>[]} skips
 */
export function skipLines(skips) {
  /** @type {Map<string, number>} */
  const sum = new Map();
  for (const [reason, count] of skips.flatMap((one) => [...one])) sum.set(reason, (sum.get(reason) ?? 0) + count);
  return [...sum].map(([reason, count]) => `${count} skipped: ${reason}`);
}

/** The line that closes a test run. @param {Counts} counts */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`;
}
