/**
 * Numbers of tests from a runner's own report.
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 */

/**
 * Vitest's JSON report. A file that failed to load has no tests and counts as one failure.
 * @param {string} json
 * @returns {Counts}
 */
export function vitestCounts(json) {
  const report = JSON.parse(json);
  /** @type {{ status: string, assertionResults: unknown[] }[]} */
  const files = report.testResults;
  const broken = files.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0);
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
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

/** Formats the last line of a test run. @param {Counts} counts */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`;
}
