import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { at } from '../lib/places.mjs';
import { run as runCommand } from '../lib/run.mjs';
import { installCommitHook } from './commit-hook.mjs';

/** Ignores the machine's and the person's Git settings. */
const env = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', GIT_DIR: undefined, GIT_INDEX_FILE: undefined };
const author = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org'];

/** @type {string} */
let checkout;
/** @param {string} command @param {readonly string[]} args */
const run = (command, args) => runCommand(command, args, { env });
/** @param {string} subject @param {string} [folder] */
const commit = (subject, folder = checkout) =>
  run('git', ['-C', folder, ...author, 'commit', '--allow-empty', '-m', subject]);

beforeEach(async () => {
  checkout = mkdtempSync(join(tmpdir(), 'wyvern-hook-'));
  await run('git', ['init', '-q', checkout]);
  mkdirSync(join(checkout, 'scripts'));
  cpSync(at('scripts', 'check-commits.mjs'), join(checkout, 'scripts', 'check-commits.mjs'));
  cpSync(at('scripts', 'lib'), join(checkout, 'scripts', 'lib'), { recursive: true });
});
afterEach(() => rmSync(checkout, { recursive: true, force: true }));

it('refuses a bad subject, says why, and accepts a good one', async () => {
  expect(await installCommitHook(checkout, run)).toBe('it checks commit subjects');
  await expect(commit('Added a hook')).rejects.toMatchObject({
    log: expect.arrayContaining([expect.stringContaining('"Added"')]),
  });
  await commit('Add a hook');
});

it('serves every worktree of a repository', async () => {
  await installCommitHook(checkout, run);
  await run('git', ['-C', checkout, 'add', '.']);
  await commit('Add the scripts');
  const other = join(checkout, 'other');
  await run('git', ['-C', checkout, 'worktree', 'add', '-q', other]);
  expect(await installCommitHook(other, run)).toBe('it checks commit subjects');
  await expect(commit('Adding more', other)).rejects.toMatchObject({ name: 'Failure' });
});

it('does not change a person’s own hook', async () => {
  const hook = join(checkout, '.git', 'hooks', 'commit-msg');
  mkdirSync(join(checkout, '.git', 'hooks'), { recursive: true });
  writeFileSync(hook, '#!/bin/sh\n');
  expect(await installCommitHook(checkout, run)).toBe('your own commit-msg hook stays');
  expect(readFileSync(hook, 'utf8')).toBe('#!/bin/sh\n');
});

it('installs nothing if core.hooksPath is set', async () => {
  await run('git', ['-C', checkout, 'config', 'core.hooksPath', 'elsewhere']);
  expect(await installCommitHook(checkout, run)).toBe('core.hooksPath is set, nothing installed');
});

it('installs nothing outside of a Git checkout', async () => {
  rmSync(join(checkout, '.git'), { recursive: true });
  expect(await installCommitHook(checkout, run)).toBe('not a Git checkout, nothing installed');
});
