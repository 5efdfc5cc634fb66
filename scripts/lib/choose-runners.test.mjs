import { expect, it } from 'vitest';
import { chooseRunners } from './choose-runners.mjs';

const all = ['vitest', 'arm64', 'playwright'];

it('takes all runners, the named ones, or all but those left out by name', () => {
  expect(chooseRunners(all, [])).toEqual({ chosen: all, without: [] });
  expect(chooseRunners(all, ['playwright', 'vitest']).chosen).toEqual(['vitest', 'playwright']);
  expect(chooseRunners(all, ['--without', 'arm64'])).toEqual({ chosen: ['vitest', 'playwright'], without: ['arm64'] });
});

it('refuses names of no runner, and an empty choice', () => {
  expect(() => chooseRunners(all, ['jest'])).toThrow('jest is not a test runner.');
  expect(() => chooseRunners(all, ['--without'])).toThrow('Nothing is not a test runner.');
  expect(() => chooseRunners(all, ['arm64', '--without', 'arm64'])).toThrow('No test runner is left.');
});
