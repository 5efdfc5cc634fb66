/** The default model writes the same text with prompt lookup and without, whatever the prompt asks for. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Model, SamplingOptions, StepOptions } from '../../index.d.ts';
import { addon } from '../addon.ts';

const folder = fileURLToPath(new URL('../../../resources/models/smollm2-135m-instruct/', import.meta.url));
let model: Model;
beforeAll(async () => {
  model = await addon.Model.load({ programPath: `${folder}model.pte`, dataPaths: [`${folder}model.ptd`] });
});
afterAll(() => model.close());

/** A chat that asks "What is the capital of France?". */
const question = [
  ...[1, 9690, 198, 2683, 359, 253, 5356, 5646, 11173, 3365, 3511, 308, 34519, 28, 7018, 411, 407, 19712, 8182, 2, 198],
  ...[1, 4093, 198, 1780, 314, 260, 3575, 282, 4649, 47, 2, 198, 1, 520, 9531, 198],
];
const endId = 2;

async function answer(prompt: readonly number[], sampling: SamplingOptions, options: StepOptions) {
  const sampler = new addon.Sampler(sampling);
  model.seek(0);
  await model.prefill(Int32Array.from(prompt));
  const tokens: number[] = [];
  let accepted = 0;
  while (tokens.length < 60) {
    const step = await model.next(sampler, options);
    tokens.push(step.token);
    if (step.accepted === true) {
      accepted++;
      // The pass was that of an earlier token.
      expect(step.wallUs).toBe(0);
    } else if (tokens.length > 1) expect(step.wallUs).toBeGreaterThan(0);
    if (step.token === endId) break;
  }
  return { tokens, accepted };
}

const cases: Readonly<Record<string, { readonly prompt: readonly number[]; readonly sampling: SamplingOptions }>> = {
  'a question': { prompt: question, sampling: {} },
  'a chat that repeats itself': { prompt: [...question, ...question], sampling: {} },
  'raw text in a circle': { prompt: Array.from({ length: 90 }, (_, i) => 500 + (i % 30)), sampling: {} },
  'a repetition penalty': { prompt: [...question, ...question], sampling: { repetitionPenalty: 1.2 } },
  'sampled text': {
    prompt: Array.from({ length: 90 }, (_, i) => 500 + (i % 30)),
    sampling: { temperature: 0.7, topP: 0.9, seed: 5 },
  },
};

describe.each(Object.entries(cases))('%s', (_, { prompt, sampling }) => {
  test('gets the same tokens with prompt lookup', async () => {
    const plain = await answer(prompt, sampling, { promptLookup: 'off' });
    expect(plain.accepted).toBe(0);
    for (const promptLookup of ['always', 'measured'] as const) {
      expect((await answer(prompt, sampling, { promptLookup })).tokens).toEqual(plain.tokens);
    }
  });
});

test('a text in a circle takes several tokens a step', async () => {
  const { prompt } = cases['raw text in a circle']!;
  const { tokens, accepted } = await answer(prompt, {}, { promptLookup: 'always' });
  expect(accepted / tokens.length).toBeGreaterThan(0.5);
});

test('a wrong mode is refused', async () => {
  // @ts-expect-error -- a value that the types forbid
  await expect(model.next(new addon.Sampler(), { promptLookup: 'sometimes' })).rejects.toMatchObject({
    code: 'invalid-argument',
  });
});
