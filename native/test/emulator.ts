import { describe } from 'vitest';
import { whyNoEmulator } from '../../scripts/setup/qnn.mjs';

/**
 * Tests that run on Qualcomm's HTP emulator. Where one exists, its absence fails them. Elsewhere they are skipped, and the
 * reason stands in their name, from which `npm test` counts it.
 */
export function describeOnEmulator(name: string, tests: () => void): void {
  const reason = whyNoEmulator();
  if (reason === undefined) describe(name, tests);
  else describe.skip(`${name} (skipped: ${reason})`, tests);
}
