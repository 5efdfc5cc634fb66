import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { addon, generate, readJson } from './addon.ts';

/** The committed model, exported as upstream exports Llama: custom attention, a KV cache, XNNPACK. */
const bundle = (name: string) => fileURLToPath(new URL(`../../e2e/fixtures/tiny-llama/${name}`, import.meta.url));

interface Expected {
  readonly prompt: string;
  readonly continuation: string;
  readonly promptTokens: readonly number[];
  readonly tokens: readonly number[];
}

const all = readJson(bundle('expected.json')) as readonly Expected[];
const tokenizer = new addon.SentencePiece(readFileSync(bundle('tokenizer.model')));

describe('the tiny llama', () => {
  test('uses the tokens of its training', () => {
    for (const { prompt, promptTokens } of all.filter(({ promptTokens: [first] }) => first === tokenizer.bosId)) {
      const ids = [...tokenizer.encode(prompt)];
      if (promptTokens.length === ids.length + 1) expect([tokenizer.bosId, ...ids]).toEqual(promptTokens);
    }
  });

  test.each([1, 2])('gives its training text, token by token, on %i threads', async (threads) => {
    const model = await addon.Model.load({ programPath: bundle('model.pte'), threads });
    for (const { promptTokens, tokens, continuation } of all) {
      model.seek(0);
      await model.prefill(Int32Array.from(promptTokens));
      const spoken = (await generate(model, tokens.length)).map(({ token }) => token);
      expect(spoken).toEqual(tokens);
      expect(Buffer.from(tokenizer.decode(Int32Array.from(spoken))).toString()).toContain(continuation.trim());
    }
    await model.close();
  });
});
