import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // The addon keeps process-wide state (thread pool, registered backends): one process a file.
    pool: 'forks',
    globalSetup: './main/testing/temporary-folder.ts',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{main,preload,renderer,scripts,e2e/host}/**/*.test.{ts,mjs}'],
          exclude: ['scripts/packaging/**', '**/node_modules/**'],
          // A machine that does other things too is no failure.
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        // Hundreds of cases a promise: no part of the quick checks either.
        test: { name: 'promises', include: ['torture/**/*.test.ts'] },
      },
      {
        extends: true,
        // Needs the built app, so it is no part of the quick checks.
        test: { name: 'package', include: ['scripts/packaging/**/*.test.mjs'], testTimeout: 60_000 },
      },
      {
        extends: true,
        test: { name: 'native', include: ['native/**/*.test.ts'], testTimeout: 60_000 },
      },
    ],
  },
});
