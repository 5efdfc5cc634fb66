import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // The addon has process-wide state (thread pool, registered backends), so each file runs in its own process.
    pool: 'forks',
    globalSetup: './main/testing/temporary-folder.ts',
    // Only a hang takes so long: no test may depend on how busy the machine is.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 250_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{main,preload,renderer,scripts,e2e/host}/**/*.test.{ts,mjs}'],
          exclude: ['scripts/packaging/**', 'e2e/host/conformance/**', '**/node_modules/**'],
        },
      },
      {
        extends: true,
        // Starts a Chromium for each file, or with `npm run test:electron` a real Electron. Needs the built app.
        test: {
          name: 'conformance',
          include: [
            'e2e/host/conformance/**/*.test.ts',
            // Wyvern's own main process needs a real Electron; on the host, Playwright's specs test it.
            ...(process.env['WYVERN_CONFORMANCE'] === undefined ? [] : ['e2e/electron-22/**/*.test.ts']),
          ],
        },
      },
      {
        extends: true,
        // Hundreds of cases per promise, so not part of the quick checks.
        test: { name: 'promises', include: ['torture/**/*.test.ts'] },
      },
      {
        extends: true,
        // Needs the built app, so it is not part of the quick checks.
        test: { name: 'package', include: ['scripts/packaging/**/*.test.mjs'] },
      },
      {
        extends: true,
        test: { name: 'native', include: ['native/**/*.test.ts'] },
      },
    ],
  },
});
