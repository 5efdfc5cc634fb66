import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { randomFrom } from '../random.ts';
import { dtypes, errors, kernels, type TestTensor } from './kernel-test-addon.ts';

interface Shape {
  readonly batch: number;
  readonly heads: number;
  /** Query heads for each head. */
  readonly group: number;
  readonly tokens: number;
  readonly keys: number;
  readonly values: number;
  readonly decay: 'by head' | 'by key';
}
interface Operands {
  readonly query: Float32Array;
  readonly key: Float32Array;
  readonly value: Float32Array;
  readonly decay: Float32Array;
  readonly beta: Float32Array;
  readonly state: Float32Array;
}
interface Result {
  readonly out: Float32Array;
  readonly state: Float32Array;
}

const operator = 'llama::gated_delta_rule.out';
const sets = kernels.instructionSets();
afterAll(() => {
  kernels.useInstructionSet(sets[0]!);
  kernels.useThreads(2);
});

function operandsOf({ batch, heads, group, tokens, keys, values, decay }: Shape, seed: number): Operands {
  const random = randomFrom(seed);
  const floats = (count: number, least: number, most: number): Float32Array =>
    Float32Array.from({ length: count }, () => least + (most - least) * random());
  const rows = batch * heads * tokens;
  return {
    query: floats(rows * group * keys, -1, 1),
    key: floats(rows * keys, -0.5, 0.5),
    value: floats(rows * values, -2, 2),
    decay: floats(rows * (decay === 'by key' ? keys : 1), 0, 1),
    beta: floats(rows, 0, 1),
    state: floats(batch * heads * keys * values, -1, 1),
  };
}

const tensor = (data: Float32Array, ...sizes: number[]): TestTensor => ({ dtype: dtypes.float32, sizes, data });

function argumentsOf({ batch, heads, group, tokens, keys, values, decay }: Shape, x: Operands, result: Result) {
  const rows = [batch, heads, tokens] as const;
  return [
    tensor(x.query, batch, heads * group, tokens, keys),
    tensor(x.key, ...rows, keys),
    tensor(x.value, ...rows, values),
    decay === 'by key' ? tensor(x.decay, ...rows, keys) : tensor(x.decay, ...rows),
    tensor(x.beta, ...rows),
    tensor(x.state, batch, heads, keys, values),
    tensor(result.out, batch, heads * group, tokens, values),
    tensor(result.state, batch, heads, keys, values),
  ];
}

function run(set: string, shape: Shape, x: Operands, name = operator): Result {
  const { batch, heads, group, tokens, values } = shape;
  const result = {
    out: new Float32Array(batch * heads * group * tokens * values).fill(NaN),
    state: new Float32Array(x.state.length).fill(NaN),
  };
  kernels.useInstructionSet(set);
  expect(kernels.run(name, argumentsOf(shape, x, result))).toBe(errors.ok);
  return result;
}

/** The formula of operators.h in doubles, one number at a time. */
function slowly({ batch, heads, group, tokens, keys, values, decay }: Shape, x: Operands) {
  const state = Float64Array.from(x.state);
  const out = new Float64Array(batch * heads * group * tokens * values);
  for (let head = 0; head < batch * heads; head++) {
    for (let token = 0; token < tokens; token++) {
      const row = head * tokens + token;
      const at = (k: number, v: number): number => (head * keys + k) * values + v;
      for (let v = 0; v < values; v++) {
        let found = 0;
        for (let k = 0; k < keys; k++) {
          state[at(k, v)]! *= x.decay[decay === 'by key' ? row * keys + k : row]!;
          found += state[at(k, v)]! * x.key[row * keys + k]!;
        }
        const change = (x.value[row * values + v]! - found) * x.beta[row]!;
        for (let k = 0; k < keys; k++) state[at(k, v)]! += x.key[row * keys + k]! * change;
        for (let query = 0; query < group; query++) {
          const place = (head * group + query) * tokens + token;
          for (let k = 0; k < keys; k++) {
            out[place * values + v]! += state[at(k, v)]! * x.query[place * keys + k]!;
          }
        }
      }
    }
  }
  return { out, state };
}

const shapes = fc.record<Shape>({
  batch: fc.integer({ min: 1, max: 2 }),
  heads: fc.integer({ min: 1, max: 3 }),
  group: fc.integer({ min: 1, max: 3 }),
  tokens: fc.integer({ min: 1, max: 9 }),
  keys: fc.constantFrom(1, 5, 16, 128),
  values: fc.constantFrom(1, 6, 16, 40, 128),
  decay: fc.constantFrom('by head', 'by key'),
});

describe.each(sets)(`${operator} with %s`, (set) => {
  it('is the recurrence, with the bits of portable code', () => {
    fc.assert(
      fc.property(shapes, fc.integer(), fc.constantFrom(1, 2), (shape, seed, threads) => {
        const x = operandsOf(shape, seed);
        kernels.useThreads(threads);
        const found = run(set, shape, x);
        const expected = slowly(shape, x);
        for (const part of ['out', 'state'] as const) {
          found[part].forEach((value, i) => {
            expect(Math.abs(value - expected[part][i]!)).toBeLessThanOrEqual(1e-4);
          });
        }
        kernels.useThreads(3 - threads);
        expect(run('portable', shape, x)).toEqual(found);
      }),
      { numRuns: 40 },
    );
  });

  it('gives the same bits for a prompt at once and in two parts', () => {
    const shape: Shape = { batch: 1, heads: 2, group: 1, tokens: 12, keys: 16, values: 24, decay: 'by head' };
    const x = operandsOf(shape, 7);
    const whole = run(set, shape, x);
    const part = (data: Float32Array, width: number, from: number, to: number): Float32Array =>
      Float32Array.from(
        [0, 1].flatMap((head) => [...data.subarray((head * 12 + from) * width, (head * 12 + to) * width)]),
      );
    const parts = (from: number, to: number, state: Float32Array): Result =>
      run(
        set,
        { ...shape, tokens: to - from },
        {
          query: part(x.query, 16, from, to),
          key: part(x.key, 16, from, to),
          value: part(x.value, 24, from, to),
          decay: part(x.decay, 1, from, to),
          beta: part(x.beta, 1, from, to),
          state,
        },
      );
    const first = parts(0, 5, x.state);
    const second = parts(5, 12, first.state);
    expect(second.state).toEqual(whole.state);
    expect([first.out, second.out]).toEqual([part(whole.out, 24, 0, 5), part(whole.out, 24, 5, 12)]);
  });
});

describe(operator, () => {
  const shape: Shape = { batch: 1, heads: 2, group: 2, tokens: 3, keys: 4, values: 5, decay: 'by key' };

  it('has an older name', () => {
    const x = operandsOf(shape, 3);
    expect(run(sets[0]!, shape, x, 'llama::channelwise_gated_delta_rule.out')).toEqual(run(sets[0]!, shape, x));
  });

  const large = new Float32Array(4096);
  it.each([
    ['query heads that do not divide', 0, tensor(large, 1, 3, 3, 4)],
    ['another number of tokens', 0, tensor(large, 1, 4, 2, 4)],
    ['no heads', 1, tensor(large, 1, 0, 3, 4)],
    ['a value of other heads', 2, tensor(large, 1, 1, 3, 5)],
    ['a decay that is too short', 3, tensor(large, 1, 2, 2)],
    ['a decay of other keys', 3, tensor(large, 1, 2, 3, 5)],
    ['a beta of another rank', 4, tensor(large, 1, 2, 3, 1)],
    ['a state of other keys', 5, tensor(large, 1, 2, 5, 5)],
    ['a state of doubles', 5, { ...tensor(large, 1, 2, 4, 5), dtype: dtypes.float64 }],
    ['an output that is too small', 6, tensor(large, 1, 4, 3, 4)],
    ['a state for the result that is too small', 7, tensor(large, 1, 2, 4, 4)],
  ])('refuses %s', (_, index, replacement) => {
    const result = { out: new Float32Array(60).fill(7), state: new Float32Array(40).fill(7) };
    const args = argumentsOf(shape, operandsOf(shape, 1), result).with(index, replacement);
    expect(kernels.run(operator, args)).toBe(errors.invalidArgument);
    expect(result.out.every((value) => value === 7) && result.state.every((value) => value === 7)).toBe(true);
  });
});
