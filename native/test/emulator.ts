import { describe } from 'vitest';
import { whyNoEmulator } from '../../scripts/setup/qnn.mjs';

/**
 * Tests that run on Qualcomm's HTP emulator. On systems with an emulator, they fail if it is missing. Elsewhere they
 * are skipped, and their name gives the reason; `npm test` counts those names.
 */
export function describeOnEmulator(name: string, tests: () => void): void {
  const reason = whyNoEmulator();
  if (reason === undefined) describe(name, tests);
  else describe.skip(`${name} (skipped: ${reason})`, tests);
}
