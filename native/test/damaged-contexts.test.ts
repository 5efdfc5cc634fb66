/**
 * 300 damaged models of Qualcomm's AI Hub: each gives a failure with a code, or the right text. Other bits in weights may give
 * another text. A damaged graph may end the process: the emulator compiles it in threads of its own and throws there. In the app that is the engine process.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { describeOnEmulator } from './emulator.ts';

const worker = fileURLToPath(new URL('damaged-contexts.ts', import.meta.url));
const seed = Number(process.env['WYVERN_SEED'] ?? 20_261_129);
const count = Math.round(300 * Number(process.env['WYVERN_FUZZ_SCALE'] ?? 1));

interface Result {
  readonly file: string;
  readonly what: string;
  readonly code?: string;
  readonly text?: string;
}

/** Goes on after a case that ended the process. */
async function results(): Promise<readonly Result[]> {
  const found: Result[] = [];
  while (found.length < count) {
    const output = await new Promise<string>((resolve) => {
      const args = [worker, ...[seed, found.length, count].map(String)];
      execFile(process.execPath, args, (_error, stdout) => resolve(stdout));
    });
    found.push(...output.split('\n').flatMap((line) => (line ? [JSON.parse(line) as Result] : [])));
    if (found.length < count) found.push({ file: '', what: 'ended the process' });
  }
  return found;
}

describeOnEmulator('damaged context binaries and configurations', () => {
  test('give a code or the right text', { timeout: 600_000 }, async () => {
    const found = await results();
    const wrong = found.filter(({ what, code, text }) => {
      if (code !== undefined || what === 'ended the process') return false;
      // Nothing in a binary or in the configuration tells other weights and numbers from the right ones; only a hash does.
      return what.startsWith('has other bits') ? text === undefined : text !== 'Yes.';
    });
    expect(wrong).toEqual([]);
    expect(found.filter(({ what }) => what === 'ended the process').length).toBeLessThan(count / 20);
    // The damage reaches every layer.
    expect([...new Set(found.map(({ code }) => code))]).toEqual(
      expect.arrayContaining(['model-invalid', 'model-unsupported', 'weights-missing', 'npu-other-chip', undefined]),
    );
  });
});
