/** Programs for the HTP that differ from the plain hybrid one in one property each. Emulator. */
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { addon, generate, readJson } from './addon.ts';
import { describeOnEmulator } from './emulator.ts';

const fixture = (name: string, file: string) =>
  fileURLToPath(new URL(`../../e2e/fixtures/${name}/${file}`, import.meta.url));

interface Expected {
  readonly promptTokens: readonly number[];
  readonly tokens: readonly number[];
}

describeOnEmulator('a static llama', () => {
  beforeAll(() => {
    addon.useQnn({ folder: fileURLToPath(new URL('../../resources/qnn', import.meta.url)) });
  });

  test.each([
    ['in shards, with llama::fallback between them', 'tiny-llama-qnn-sharded'],
    ['with its embedding on the CPU, and int64 tokens', 'tiny-llama-qnn-embedding'],
  ])('%s says what it has learnt, and when the accelerator worked', async (_, name) => {
    const model = await addon.Model.load({ programPath: fixture(name, 'model.pte') });
    const all = readJson(fixture(name, 'expected.json')) as readonly Expected[];
    expect(model.facts).toMatchObject({ contract: 'qnn-static-llama', contextLength: 127, prefillLength: 32 });
    for (const { promptTokens, tokens } of all.filter((one) => one.tokens.length < 36).slice(0, 4)) {
      model.seek(0);
      const { chunks } = await model.prefill(Int32Array.from(promptTokens));
      const steps = await generate(model, tokens.length);
      expect(steps.map(({ token }) => token)).toEqual(tokens);
      // Every shard reports its own part of a step. The sum is at most the whole step.
      for (const { acceleratorUs, backendUs, wallUs } of [...chunks, ...steps.slice(1)]) {
        expect(acceleratorUs).toBeGreaterThan(0);
        expect(backendUs).toBeGreaterThanOrEqual(acceleratorUs ?? Infinity);
        expect(wallUs).toBeGreaterThan(backendUs ?? Infinity);
      }
    }
    await model.close();
  });

  test('around a bare context binary is refused for its missing parts, not as damaged', async () => {
    const loading = addon.Model.load({ programPath: fixture('tiny-llama-qnn-context', 'model.pte') });
    await expect(loading).rejects.toMatchObject({ code: 'program-unsupported' });
    await expect(loading).rejects.toThrow(
      /first input of `kv_forward` is not its tokens.*must take tokens, mask, positions.*get_logits_scale/,
    );
  });
});
