/** Tests that some systems cannot run. The name of a skipped test says why; `npm test` counts the reasons. */
import { test, type TestContext } from 'vitest';

/** @param reason why this system cannot run it; undefined if it can */
export function testUnless(
  reason: string | undefined,
  name: string,
  run: (context: TestContext) => Promise<void> | void,
): void {
  if (reason === undefined) test(name, run);
  else test.skip(`${name} (skipped: ${reason})`, run);
}

/** For tests that send signals to other processes. */
export const noSignals = process.platform === 'win32' ? 'Windows has no signals' : undefined;
