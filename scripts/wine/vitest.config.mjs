/** Vitest in Windows' Node under Wine. `WYVERN_SUITE` names the tests: see suites.mjs. */
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { root } from '../lib/places.mjs';
import { leftOut } from './left-out.mjs';
import { suites } from './suites.mjs';

// Wine starts processes slowly, QEMU is slower still, and the machine may be busy.
const slow = 30 * 60_000;
const suite = suites.find(({ name }) => name === process.env['WYVERN_SUITE']);

export default defineConfig({
  root,
  // The packages of this machine stay as they are.
  cacheDir: join(root, 'build', 'vitest'),
  test: {
    pool: 'forks',
    globalSetup: join(root, 'main', 'testing', 'temporary-folder.ts'),
    setupFiles: join(root, 'scripts', 'wine', 'skip-left-out.mjs'),
    include: [...(suite?.files ?? [])],
    exclude: ['**/node_modules/**', ...leftOut.flatMap(({ file, tests }) => (tests === undefined ? [file] : []))],
    testTimeout: slow,
    hookTimeout: slow,
    teardownTimeout: slow,
  },
});
