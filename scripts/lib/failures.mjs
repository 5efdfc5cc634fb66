/**
 * Names and reasons of failed tests from a runner's own report. They close a run, because a log that is cut keeps its end.
 * @typedef {{ name: string, reason: string }} Failure
 */
import { stripVTControlCharacters } from 'node:util';
import { relative } from 'node:path';
import { at } from './places.mjs';

const mostFailures = 20;
const mostLines = 6;
const mostColumns = 200;

/**
 * Vitest's JSON report. A file that failed outside of its tests is one failure.
 * @param {string} json
 * @returns {Failure[]}
 */
export function vitestFailures(json) {
  /** @typedef {{ status: string, fullName: string, failureMessages?: string[] }} Assertion */
  /** @type {{ name: string, status: string, message?: string, assertionResults: Assertion[] }[]} */
  const files = JSON.parse(json).testResults;
  return files.flatMap(({ name, status, message = '', assertionResults }) => {
    const file = relative(at(), name);
    const failed = assertionResults.filter((test) => test.status === 'failed');
    if (status === 'failed' && failed.length === 0) return [{ name: file, reason: message }];
    return failed.map(({ fullName, failureMessages = [] }) => ({
      name: `${file} › ${fullName}`,
      reason: failureMessages.join('\n'),
    }));
  });
}

/**
 * Playwright's JSON report: tests that failed or passed only in a retry, and errors outside of tests.
 * @param {string} json
 * @returns {Failure[]}
 */
export function playwrightFailures(json) {
  /** @typedef {{ message?: string }} Problem */
  /** @typedef {{ status: string, results: { errors?: Problem[] }[] }} Test */
  /** @typedef {{ title: string, file: string, line: number, tests: Test[] }} Spec */
  /** @typedef {{ suites?: Suite[], specs?: Spec[] }} Suite */
  /** @param {Suite} suite @returns {Spec[]} */
  const specsOf = ({ suites = [], specs = [] }) => [...suites.flatMap(specsOf), ...specs];
  /** @param {readonly Problem[]} problems */
  const reasonOf = (problems) => problems.map(({ message = '' }) => message).join('\n');
  const report = JSON.parse(json);
  const failed = specsOf(report).flatMap(({ title, file, line, tests }) =>
    tests
      .filter(({ status }) => status === 'unexpected' || status === 'flaky')
      .map(({ results }) => ({
        name: `${file}:${line} › ${title}`,
        reason: reasonOf(results.flatMap(({ errors = [] }) => errors)),
      })),
  );
  /** @type {Problem[]} */
  const outside = report.errors ?? [];
  return [...failed, ...outside.map((problem) => ({ name: 'outside of a test', reason: reasonOf([problem]) }))];
}

/**
 * pytest's JUnit report.
 * @param {string} xml
 * @returns {Failure[]}
 */
export function junitFailures(xml) {
  const cases = xml.matchAll(/<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g);
  return [...cases].flatMap(([, attributes = '', inside = '']) => {
    const message = /<(?:failure|error)\b[^>]*?\bmessage="([^"]*)"/.exec(inside)?.[1];
    if (message === undefined) return [];
    const attribute = (/** @type {string} */ name) => new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? '';
    return [{ name: `${plain(attribute('classname'))} › ${plain(attribute('name'))}`, reason: plain(message) }];
  });
}

/** @param {string} text Text of an XML attribute. */
function plain(text) {
  const names = new Map([
    ['lt', '<'],
    ['gt', '>'],
    ['quot', '"'],
    ['apos', "'"],
    ['amp', '&'],
  ]);
  return text.replace(/&(?:#(\d+)|(\w+));/g, (whole, code, name) =>
    code === undefined ? (names.get(name) ?? whole) : String.fromCodePoint(Number(code)),
  );
}

/**
 * The lines that name what failed: at most 20 tests, each with the first lines of its reason.
 * @param {readonly { name: string, failures: readonly Failure[] }[]} runners
 */
export function failureLines(runners) {
  const all = runners.flatMap(({ name, failures }) => failures.map((failure) => ({ runner: name, ...failure })));
  const shown = all.slice(0, mostFailures).flatMap(({ runner, name, reason }) => [
    `✗ ${runner}: ${name}`,
    ...stripVTControlCharacters(reason)
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(0, mostLines)
      .map((line) => `    ${line.slice(0, mostColumns)}`),
  ]);
  return all.length > mostFailures ? [...shown, `✗ and ${all.length - mostFailures} more`] : shown;
}
