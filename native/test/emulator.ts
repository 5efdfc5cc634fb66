import { describe } from 'vitest';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { whyNoEmulator } from '../../scripts/setup/qnn.mjs';
import { qnnFolder } from './contexts.ts';

/**
 * Tests that run on Qualcomm's HTP emulator. On systems with an emulator, they fail if it is missing. Elsewhere they
 * are skipped, and their name gives the reason; `npm test` counts those names.
 */
export function describeOnEmulator(name: string, tests: () => void): void {
  // Set-up makes no emulator on Windows; `npm run test:windows` brings one.
  const isThere = process.platform === 'win32' && process.arch === 'x64' && existsSync(join(qnnFolder, 'QnnHtp.dll'));
  const reason = isThere ? undefined : whyNoEmulator();
  if (reason === undefined) describe(name, tests);
  else describe.skip(`${name} (skipped: ${reason})`, tests);
}
