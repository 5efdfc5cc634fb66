import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { addon, codeOf, generate, readJson } from './addon.ts';
import { describeOnEmulator } from './emulator.ts';

/** The tiny model as a file of mode kv: decode only, so that prompts go token by token. A process loads one QNN program. */
const file = (name: string) => fileURLToPath(new URL(`../../e2e/fixtures/tiny-llama-qnn-kv/${name}`, import.meta.url));

interface Expected {
  readonly promptTokens: readonly number[];
  readonly tokens: readonly number[];
  /** Least distance of an answer's tokens from the next likely ones, in logits, by upstream's own Python loop. */
  readonly margin: number;
}

const all = readJson(file('expected.json')) as readonly Expected[];

describeOnEmulator('a decode-only static llama', () => {
  test('gives its training text, in real logits, and continues after a rewind', async () => {
    addon.useQnn({ folder: fileURLToPath(new URL('../../resources/qnn', import.meta.url)) });
    const model = await addon.Model.load({ programPath: file('model.pte') });
    expect(model.facts).toMatchObject({ contract: 'qnn-static-llama', backends: ['QnnBackend'], prefillLength: 1 });
    expect(await codeOf(() => model.next(new addon.Sampler()))).toBe('nothing-to-continue');
    for (const { promptTokens, tokens } of all.filter(({ tokens }) => tokens.length < 30).slice(0, 2)) {
      model.seek(0);
      const { chunks } = await model.prefill(Int32Array.from(promptTokens));
      expect(chunks.map((chunk) => chunk.tokens)).toEqual(promptTokens.map(() => 1));
      const spoken = (await generate(model, tokens.length)).map(({ token }) => token);
      expect(spoken).toEqual(tokens);
      model.seek(promptTokens.length - 1);
      await model.prefill(Int32Array.from(promptTokens.slice(-1)));
      expect((await generate(model, 3)).map(({ token }) => token)).toEqual(tokens.slice(0, 3));
    }

    // Logits are real numbers, not the program's codes, because temperature acts on them.
    const { promptTokens, tokens, margin } = all[0]!;
    model.seek(0);
    let least = Infinity;
    for (const [index, token] of [...promptTokens, ...tokens].entries()) {
      const logits = model.logits();
      if (index >= promptTokens.length && logits) {
        const [first = 0, second = 0] = logits.toSorted((one, other) => other - one);
        least = Math.min(least, first - second);
      }
      await model.prefill(Int32Array.of(token));
    }
    expect(least).toBeCloseTo(margin, 1);
    await model.close();
  });
});
