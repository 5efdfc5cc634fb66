import { describe, expect, it } from 'vitest';
import { failureLines, junitFailures, playwrightFailures, vitestFailures } from './failures.mjs';
import { at } from './places.mjs';

describe('failures', () => {
  it('are read from Vitest, with files that do not load', () => {
    const report = {
      testResults: [
        {
          name: at('main', 'a.test.ts'),
          status: 'failed',
          assertionResults: [
            { status: 'passed', fullName: 'a works' },
            { status: 'failed', fullName: 'a breaks', failureMessages: ['expected 1 to be 2\n    at somewhere'] },
          ],
        },
        { name: at('main', 'b.test.ts'), status: 'failed', message: 'no such module', assertionResults: [] },
        { name: at('main', 'c.test.ts'), status: 'passed', assertionResults: [] },
      ],
    };
    expect(vitestFailures(JSON.stringify(report))).toEqual([
      { name: 'main/a.test.ts › a breaks', reason: 'expected 1 to be 2\n    at somewhere' },
      { name: 'main/b.test.ts', reason: 'no such module' },
    ]);
  });

  it('are read from Playwright, with flaky tests and errors outside of tests', () => {
    const spec = (/** @type {string} */ title, /** @type {string} */ status) => ({
      title,
      file: 'chat.spec.ts',
      line: 3,
      tests: [{ status, results: [{ errors: [{ message: `${title} went wrong` }] }] }],
    });
    const report = {
      suites: [{ specs: [spec('one', 'expected')], suites: [{ specs: [spec('two', 'unexpected')] }] }],
      errors: [{ message: 'no browser' }],
    };
    expect(playwrightFailures(JSON.stringify(report))).toEqual([
      { name: 'chat.spec.ts:3 › two', reason: 'two went wrong' },
      { name: 'outside of a test', reason: 'no browser' },
    ]);
    const flaky = { suites: [{ specs: [spec('three', 'flaky')] }] };
    expect(playwrightFailures(JSON.stringify(flaky))).toHaveLength(1);
  });

  it('are read from pytest, whose text is XML', () => {
    const report =
      '<testsuite><testcase classname="tests.a" name="good" time="1" />' +
      '<testcase classname="tests.a" name="bad" time="1"><failure message="assert 1 &lt; 0&#10;more">trace</failure></testcase>' +
      '<testcase classname="tests.a" name="none"><skipped message="no torch"/></testcase></testsuite>';
    expect(junitFailures(report)).toEqual([{ name: 'tests.a › bad', reason: 'assert 1 < 0\nmore' }]);
  });
});

describe('failureLines', () => {
  it('names the runner and the test, and shows the first lines of the reason without colours', () => {
    const reason = `\u001b[31mexpected\u001b[39m\n\n${'x'.repeat(300)}\n${'more\n'.repeat(20)}`;
    const lines = failureLines([{ name: 'vitest', failures: [{ name: 'a', reason }] }]);
    expect(lines.slice(0, 3)).toEqual(['✗ vitest: a', '    expected', `    ${'x'.repeat(200)}`]);
    expect(lines).toHaveLength(7);
  });

  it('stops after twenty tests and says how many follow', () => {
    const failures = Array.from({ length: 23 }, (_, index) => ({ name: `${index}`, reason: '' }));
    const lines = failureLines([{ name: 'pytest', failures }]);
    expect(lines).toHaveLength(21);
    expect(lines.at(-1)).toBe('✗ and 3 more');
  });
});
