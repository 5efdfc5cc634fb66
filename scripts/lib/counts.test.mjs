import { describe, expect, it } from 'vitest';
import {
  closingLine,
  junitCounts,
  playwrightCounts,
  playwrightSkips,
  skipLines,
  sumCounts,
  vitestCounts,
  vitestSkips,
} from './counts.mjs';

describe('counts', () => {
  it('reads Vitest: a file that does not load, or whose hook throws, counts as failed', () => {
    const report = {
      numPassedTests: 7,
      numFailedTests: 1,
      numPendingTests: 2,
      numTodoTests: 1,
      testResults: [
        { status: 'failed', assertionResults: [{ status: 'failed' }] },
        { status: 'failed', assertionResults: [] },
        { status: 'failed', assertionResults: [{ status: 'skipped' }] },
        { status: 'passed', assertionResults: [{ status: 'passed' }] },
      ],
    };
    expect(vitestCounts(JSON.stringify(report))).toEqual({ passed: 7, failed: 3, skipped: 3 });
  });

  it('reads pytest: errors are failures', () => {
    const report =
      '<?xml version="1.0"?><testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="2" skipped="3" tests="10" time="1.0"><testcase name="a"/></testsuite></testsuites>';
    expect(junitCounts(report)).toEqual({ passed: 4, failed: 3, skipped: 3 });
  });

  it('reads Playwright: flaky is failed, and so is an error outside a test', () => {
    const report = { stats: { expected: 5, unexpected: 1, flaky: 1, skipped: 2 }, errors: [{ message: 'x' }] };
    expect(playwrightCounts(JSON.stringify(report))).toEqual({ passed: 5, failed: 3, skipped: 2 });
  });
});

describe('reasons of skipped tests', () => {
  it('are read from names in Vitest and from annotations in Playwright, and added up', () => {
    const vitest = vitestSkips(
      JSON.stringify({
        testResults: [
          {
            assertionResults: [
              { status: 'skipped', fullName: 'an NPU (skipped: no emulator) runs' },
              { status: 'skipped', fullName: 'drives of Windows' },
              { status: 'passed', fullName: 'reads (skipped: by nobody)' },
            ],
          },
        ],
      }),
    );
    const skipped = { status: 'skipped', annotations: [{ type: 'skip', description: 'no emulator' }] };
    const playwright = playwrightSkips(
      JSON.stringify({
        suites: [
          {
            specs: [{ tests: [{ status: 'expected', annotations: [] }] }],
            suites: [{ specs: [{ tests: [skipped, { status: 'skipped', annotations: [] }] }] }],
          },
        ],
      }),
    );
    expect(skipLines([vitest, playwright])).toEqual(['2 skipped: no emulator']);
  });
});

describe('sumCounts', () => {
  const good = { name: 'good', status: 0, counts: { passed: 3, failed: 0, skipped: 1 } };

  it('adds up', () => {
    const sum = sumCounts([good, { name: 'bad', status: 1, counts: { passed: 1, failed: 2, skipped: 0 } }]);
    expect(sum).toEqual({ passed: 4, failed: 2, skipped: 1, remarks: [] });
  });

  it.each([
    [{ name: 'pytest', status: 5, counts: undefined }, 'pytest ran no test (exit status 5).'],
    [{ name: 'pytest', status: 0, counts: { passed: 0, failed: 0, skipped: 9 } }, 'pytest ran no test.'],
    [
      { name: 'vitest', status: 1, counts: { passed: 9, failed: 0, skipped: 0 } },
      'vitest ended with exit status 1 though no test failed.',
    ],
  ])('does not let a runner pass that did not: %o', (runner, remark) => {
    const sum = sumCounts([good, runner]);
    expect({ failed: sum.failed, remarks: sum.remarks }).toEqual({ failed: 1, remarks: [remark] });
  });
});

describe('closingLine', () => {
  it('names skipped tests only if there are some', () => {
    expect(closingLine({ passed: 4, failed: 0, skipped: 0 })).toBe('4 passed, 0 failed');
    expect(closingLine({ passed: 4, failed: 1, skipped: 2 })).toBe('4 passed, 1 failed, 2 skipped');
  });
});
