/**
 * Unusual models in context binaries: those that the addon runs, and those that it refuses by name before anything is loaded.
 * Emulator. `python -m export genie-fixture` makes them.
 */
import { beforeAll, expect, test } from 'vitest';
import { addon, codeOf, generate } from './addon.ts';
import { answersOf, contextFile, contextLoad, contextsOf, qnnFolder } from './contexts.ts';
import { describeOnEmulator } from './emulator.ts';

const odd = 'tiny-llama-genie-odd';
const heads = 'tiny-llama-genie-heads';

const answers = answersOf(heads).toSorted((one, other) => other.promptTokens.length - one.promptTokens.length);
/** It takes two chunks. */
const longest = answers[0]!;

function describeOdd(name: string): unknown {
  const binaries = ['embedding', name].map((part) => contextFile(odd, `${part}.bin`));
  return addon.describeContexts({ ...contextsOf(heads), binaries });
}

describeOnEmulator('context binaries', () => {
  beforeAll(() => {
    addon.useQnn({ folder: qnnFolder, profile: 'detailed', onlyContexts: true });
  });

  test('of one layer without a prefill graph are described', () => {
    expect(describeOdd('usual')).toMatchObject({ contextLengths: [32], prefillLength: 1, layers: 1 });
  });

  test.each([
    [
      'a cache in the layout of matrix weights',
      'tiled-cache',
      /`past_key_0_in` .* layout of the accelerator's own \(HMX/,
    ],
    ['a scatter cache by its index', 'cache-index', /writes its cache through `cache_index` \(a scatter cache\)/],
    ['a scatter cache by its slots', 'cache-in-place', /layer 0 has all 32 slots: it is written in place/],
    ['a cache with a sliding window', 'window-cache', /a second cache with a sliding window/],
    ['a mask for a sliding window', 'window-mask', /a second attention mask, for a sliding window/],
    ['a rotation for a sliding window', 'window-rotation', /a second rotation, for a sliding window/],
    ['an adapter', 'adapter', /takes the weights of an adapter \(LoRA\)/],
    ['caches of heads that do not add up', 'missing-head', /do not add up: layer 0 lacks head 3/],
    ['a cache without its values', 'half-a-cache', /the cache of layer 0 lacks one of its four tensors/],
    ['a cache written in another encoding', 'other-encoding', /the encodings of layer 0's cache do not meet/],
  ])('with %s are refused by name', (_what, name, reason) => {
    expect(() => describeOdd(name)).toThrow(
      expect.objectContaining({ code: 'program-unsupported', message: expect.stringMatching(reason) as string }),
    );
  });

  test('with a cache for each head, a requantised hidden state and a head of its own answer to the letter', async () => {
    const model = await addon.Model.load(contextLoad(heads));
    expect(model.facts).toMatchObject({ contextLength: 127, layers: 5, stateBytes: 5 * 2 * 4 * 8 * 127 });
    for (const { promptTokens, tokens } of [longest, ...answers.slice(-2)]) {
      model.seek(0);
      await model.prefill(Int32Array.from(promptTokens));
      expect((await generate(model, tokens.length)).map(({ token }) => token)).toEqual(tokens);
    }
    await model.close();
  });

  test('with a head of its own run it for the last chunk alone', async () => {
    const model = await addon.Model.load(contextLoad(heads));
    const { chunks } = await model.prefill(Int32Array.from(longest.promptTokens));
    expect(chunks.map(({ htp }) => htp?.partsUs?.length)).toEqual([3, 4]);
    await model.close();
  });

  test('with a head of its own continue rightly after a stop, or say that they cannot', async () => {
    const model = await addon.Model.load(contextLoad(heads));
    const prompt = Int32Array.from(longest.promptTokens);
    await model.prefill(prompt.subarray(0, 32));
    const [expected] = await generate(model, 1);
    for (let round = 0; round < 5; round++) {
      model.seek(0);
      // The stop comes between the two chunks, or while the second runs.
      const { stopped } = await model.prefill(prompt, () => model.stop());
      if (!stopped) continue;
      expect(model.position).toBe(32);
      if (model.logits() === undefined) expect(await codeOf(() => generate(model, 1))).toBe('nothing-to-continue');
      else expect((await generate(model, 1))[0]?.token).toBe(expected?.token);
    }
    await model.close();
  });
});
