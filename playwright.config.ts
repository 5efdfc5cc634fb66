/** The whole app, built, in a real window: `WYVERN_E2E_SHELL=electron` or `host` (the default) says whose. */
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: 'e2e',
  testMatch: '*.spec.ts',
  outputDir: 'test-results',
  // Each test has an app, a browser and an engine of its own; the engine takes every core.
  workers: 1,
  forbidOnly: !!process.env['CI'],
  // Ceilings, far above what is needed: a wait ends when what it waits for is there.
  timeout: 120_000,
  expect: { timeout: 30_000 },
  reporter: 'list',
});
