/** Tests the built app in a real window: in the Chromium host, or with `WYVERN_E2E_SHELL=electron` in Electron. */
import { defineConfig } from '@playwright/test';

/** A project's own `expect` replaces all of these values. */
const expectTimeout = 120_000;

export default defineConfig({
  testDir: 'e2e',
  projects: [
    { name: 'app', testMatch: '*.spec.ts', testIgnore: 'looks/**' },
    {
      name: 'looks',
      testMatch: 'looks/looks.spec.ts',
      snapshotPathTemplate: 'e2e/looks/pictures/{arg}{ext}',
      // Fonts differ slightly between machines; moved, missing or recoloured parts differ more.
      expect: { timeout: expectTimeout, toHaveScreenshot: { maxDiffPixelRatio: 0.02, threshold: 0.2 } },
    },
    // Not a test: makes README.md's pictures, with the default model and Qualcomm's emulator.
    { name: 'pictures', testMatch: 'looks/pictures.ts' },
  ],
  outputDir: 'test-results',
  // Each test has its own app, browser and engine, and the engine takes every core.
  workers: 1,
  forbidOnly: !!process.env['CI'],
  // Limits far above the usual time: a wait ends as soon as its condition holds.
  timeout: 600_000,
  expect: { timeout: expectTimeout },
  reporter: 'list',
});
