/**
 * Programs that keep state which a position does not restore. For every order of calls, the logits must be those of a freshly
 * loaded program that reads the same tokens.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LoadOptions, Model } from '../index.d.ts';
import { addon, codeOf, contract, fixturePath, load } from './addon.ts';

type Act =
  | { readonly kind: 'read'; readonly tokens: readonly number[] }
  | { readonly kind: 'answer'; readonly count: number }
  /** Goes back by a share of the resident tokens. */
  | { readonly kind: 'return'; readonly share: number };

interface Case {
  readonly programPath: string;
  readonly vocabulary: number;
  readonly options?: Partial<LoadOptions>;
}

const tiny = (name: string, options?: Partial<LoadOptions>): Case => ({
  programPath: fixturePath(`${name}.pte`),
  vocabulary: 48,
  ...(options === undefined ? {} : { options }),
});

const cases: Readonly<Record<string, Case>> = {
  state: tiny('state'),
  'state, as pre-flight says': tiny('state', { keptState: 'more' }),
  'state-static': tiny('state-static'),
  'state-initial': tiny('state-initial'),
  'state-cleared': tiny('state-cleared'),
  'state-no-cache': tiny('state-no-cache'),
};

const actsFor = (vocabulary: number): fc.Arbitrary<readonly Act[]> =>
  fc.array(
    fc.oneof(
      fc.record({
        kind: fc.constant('read' as const),
        tokens: fc.array(fc.integer({ min: 0, max: vocabulary - 1 }), { minLength: 1, maxLength: 6 }),
      }),
      fc.record({ kind: fc.constant('answer' as const), count: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ kind: fc.constant('return' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
    ),
    { minLength: 1, maxLength: 7 },
  );

/** Does what it can of one act; returns the resident tokens after it. */
async function perform(model: Model, act: Act, resident: readonly number[]): Promise<readonly number[]> {
  const room = model.facts.contextLength - resident.length;
  if (act.kind === 'read') {
    const tokens = act.tokens.slice(0, room);
    await model.prefill(Int32Array.from(tokens));
    return [...resident, ...tokens];
  }
  if (act.kind === 'return') {
    const position = Math.floor(act.share * resident.length);
    model.seek(position);
    return resident.slice(0, position);
  }
  if (model.logits() === undefined) return resident;
  const sampler = new addon.Sampler();
  const tokens: number[] = [];
  for (let i = 0; i < Math.min(act.count, room); i++) tokens.push((await model.next(sampler)).token);
  // The last token is not resident.
  return [...resident, ...tokens.slice(0, -1)];
}

async function logitsOf(model: Model, tokens: readonly number[]): Promise<Float32Array> {
  await model.prefill(Int32Array.from(tokens));
  return model.logits()!;
}

function expectSame(found: Float32Array, expected: Float32Array): void {
  // Another cut of the tokens may round differently. Stale state differs a thousand times more.
  const largest = Math.max(...expected.map(Math.abs));
  found.forEach((value, i) => {
    expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(largest * 1e-4);
  });
}

describe.each(Object.entries(cases))('%s', (_, { programPath, vocabulary, options }) => {
  test('has the logits of a fresh load after any order of calls', async () => {
    const model = await addon.Model.load({ programPath, ...options });
    await fc.assert(
      fc.asyncProperty(actsFor(vocabulary), fc.integer({ min: 0, max: vocabulary - 1 }), async (acts, last) => {
        model.seek(0);
        let resident: readonly number[] = [];
        for (const act of acts) resident = await perform(model, act, resident);
        resident = resident.slice(0, model.facts.contextLength - 1);
        model.seek(resident.length);
        const fresh = await addon.Model.load({ programPath, warmUp: false, keptState: 'more' });
        expectSame(await logitsOf(model, [last]), await logitsOf(fresh, [...resident, last]));
        await fresh.close();
      }),
      { numRuns: 30 },
    );
    await model.close();
  });
});

test('a program that the test of its state clears answers its first prompt like PyTorch', async () => {
  const { prompt, logits } = contract['state-initial']![0]!;
  for (const warmUp of [true, false]) {
    const model = await load('state-initial', { warmUp });
    expectSame(await logitsOf(model, prompt), Float32Array.from(logits));
    await model.close();
  }
});

test('a token that is not resident never reaches the state', async () => {
  const model = await load('state');
  const { prompt, continuation } = contract['state']![0]!;
  const sampler = new addon.Sampler();
  await model.prefill(Int32Array.from(prompt));
  await model.next(sampler);
  // A model without state feeds the token ahead while this waits.
  await new Promise(setImmediate);
  await model.prefill(Int32Array.of(continuation[0]!));
  const fresh = await load('state');
  expectSame(model.logits()!, await logitsOf(fresh, [...prompt, continuation[0]!]));
  await Promise.all([model.close(), fresh.close()]);
});

test('after a failed step, the next one continues from the resident tokens', async () => {
  const model = await load('state-overstated');
  const tokens = Array.from({ length: 31 }, (_, i) => (i * 7) % 48);
  await model.prefill(Int32Array.from(tokens));
  expect(await codeOf(() => model.prefill(Int32Array.of(1, 2, 3)))).toBe('execution-failed');
  expect(model.position).toBe(31);
  const fresh = await load('state-overstated');
  expectSame(await logitsOf(model, [5]), await logitsOf(fresh, [...tokens, 5]));
  // A failed decode step, too: the cache has 32 slots.
  await model.next(new addon.Sampler());
  expect(await codeOf(() => model.next(new addon.Sampler()))).toBe('execution-failed');
  model.seek(0);
  fresh.seek(0);
  expectSame(await logitsOf(model, tokens.slice(3)), await logitsOf(fresh, tokens.slice(3)));
  await Promise.all([model.close(), fresh.close()]);
});
