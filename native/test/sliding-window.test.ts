/**
 * A program with a ring cache that overwrites its oldest slots: three of five layers have a window of 32 tokens and 64
 * slots. `contract-a.test.ts` compares its answers with upstream's runtime.
 */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { addon, generate } from './addon.ts';

const programPath = fileURLToPath(new URL('../../e2e/fixtures/contract-a/sliding-window.pte', import.meta.url));
/** Fills the ring three times. */
const prompt = Array.from({ length: 200 }, (_, index) => 1 + ((index * 37) % 500));

test('no call is longer than its window', async () => {
  const model = await addon.Model.load({ programPath, recyclesSlots: true, keptState: 'caches' });
  expect(model.facts.prefillLength).toBe(32);
  const { chunks } = await model.prefill(Int32Array.from(prompt));
  expect(Math.max(...chunks.map(({ tokens }) => tokens))).toBeLessThanOrEqual(32);
  await model.close();
});

test('a rewind to overwritten slots gives the answer of a fresh start', async () => {
  const model = await addon.Model.load({ programPath, recyclesSlots: true, keptState: 'caches' });
  const answer = async (tokens: readonly number[]): Promise<readonly number[]> => {
    await model.prefill(Int32Array.from(tokens));
    return (await generate(model, 20)).map(({ token }) => token);
  };
  const fresh = await answer(prompt);
  for (const shared of [199, 150, 90, 20, 0]) {
    model.seek(shared);
    expect(model.position).toBe(shared);
    expect({ shared, tokens: await answer(prompt.slice(shared)) }).toEqual({ shared, tokens: fresh });
  }
  await model.close();
});
