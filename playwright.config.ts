/** The whole app, built, in a real window: `WYVERN_E2E_SHELL=electron` or `host` (the default) says whose. */
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: 'e2e',
  projects: [
    { name: 'app', testMatch: '*.spec.ts', testIgnore: 'looks/**' },
    {
      name: 'looks',
      testMatch: 'looks/looks.spec.ts',
      snapshotPathTemplate: 'e2e/looks/pictures/{arg}{ext}',
      // Fonts differ a little from machine to machine; what moves, is missing or has another colour is more than that.
      expect: { toHaveScreenshot: { maxDiffPixelRatio: 0.02, threshold: 0.2 } },
    },
    // Not a test: takes the pictures of README.md anew, of the default model and of Qualcomm's emulator.
    { name: 'pictures', testMatch: 'looks/pictures.ts' },
  ],
  outputDir: 'test-results',
  // Each test has an app, a browser and an engine of its own; the engine takes every core.
  workers: 1,
  forbidOnly: !!process.env['CI'],
  // Ceilings, far above what is needed: a wait ends when what it waits for is there.
  timeout: 120_000,
  expect: { timeout: 30_000 },
  reporter: 'list',
});
