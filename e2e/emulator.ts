import { test } from '@playwright/test';
import { whyNoEmulator } from '../scripts/setup/qnn.mjs';

/** Skips the running test where no HTP emulator exists. Where one exists, its absence fails the test. */
export function skipWithoutEmulator(): void {
  const reason = whyNoEmulator();
  test.skip(reason !== undefined, reason);
}
