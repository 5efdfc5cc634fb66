/** Attention with random operands, and its expected result, computed in doubles with plain loops. */
import { randomFrom, type Random } from '../random.ts';
import { dtypes, fromBfloat, fromHalf, kernels, type Boxed, type TestTensor } from './kernel-test-addon.ts';

type FloatName = 'float32' | 'float16' | 'bfloat16';

export interface AttentionShape {
  readonly batch: number;
  readonly kvHeads: number;
  /** Query heads for each KV head. */
  readonly group: number;
  readonly tokens: number;
  /** Position of the first token. */
  readonly start: number;
  /** Cache slots beyond the last token's. */
  readonly spare: number;
  readonly dim: number;
  readonly visible: 'causal' | 'all' | 'mask';
  readonly element: FloatName | 'int8';
  /** `[batch, heads, tokens, dim]` instead of `[batch, tokens, heads, dim]`; int8 only. */
  readonly headsFirst: boolean;
  readonly scale: number | undefined;
  readonly seed: number;
}

/** Returns an entry that must exist. */
const entry = (array: ArrayLike<number>, i: number): number => array[i] ?? NaN;

/** A tensor for the kernel, and its numbers. */
interface Operand {
  readonly tensor: TestTensor;
  readonly real: Float64Array;
  readonly scales?: TestTensor;
  readonly zeroPoints?: TestTensor;
}

function floatOperand(sizes: readonly number[], element: FloatName, random: Random): Operand {
  const count = sizes.reduce((product, size) => product * size, 1);
  if (element === 'float32') {
    const data = Float32Array.from({ length: count }, () => 4 * random() - 2);
    return { tensor: { dtype: dtypes.float32, sizes, data }, real: Float64Array.from(data) };
  }
  // Bits with random sign and fraction, and exponents for magnitudes of 2^-6 to 2.
  const data = Uint16Array.from({ length: count }, () => {
    const word = Math.floor(random() * 2 ** 16);
    const exponent = Math.floor(random() * 7);
    return element === 'float16' ? (word & 0x83ff) | ((9 + exponent) << 10) : (word & 0x807f) | ((121 + exponent) << 7);
  });
  const decode = element === 'float16' ? fromHalf : fromBfloat;
  return { tensor: { dtype: dtypes[element], sizes, data }, real: Float64Array.from(data, decode) };
}

function quantizedOperand(sizes: readonly number[], random: Random): Operand {
  const dim = sizes.at(-1) ?? 0;
  const vectors = sizes.slice(0, -1).reduce((product, size) => product * size, 1);
  const data = Int8Array.from({ length: vectors * dim }, () => Math.floor(random() * 256) - 128);
  const scales = Float32Array.from({ length: vectors }, () => 0.005 + 0.01 * random());
  const zeroPoints = Int8Array.from({ length: vectors }, () => Math.floor(random() * 81) - 40);
  const real = Float64Array.from(data, (stored, i) => {
    const vector = Math.floor(i / dim);
    return (stored - entry(zeroPoints, vector)) * entry(scales, vector);
  });
  const each = [...sizes.slice(0, -1), 1];
  return {
    tensor: { dtype: dtypes.int8, sizes, data },
    real,
    scales: { dtype: dtypes.float32, sizes: each, data: scales },
    zeroPoints: { dtype: dtypes.int8, sizes: each, data: zeroPoints },
  };
}

/** Words around the result that the kernel must not change. */
const guard = 32;

export interface AttentionCase {
  readonly operator: string;
  readonly args: readonly Boxed[];
  readonly expected: Float64Array;
  /** Largest difference from `expected` due to rounding. */
  readonly allowed: number;
  /** Returns the result as numbers. @throws if the kernel wrote around it */
  readonly result: () => Float64Array;
}

/** Operands drawn from the shape's seed, boxed for `custom_sdpa` or `custom_quantized_sdpa`. */
export function attentionCase(shape: AttentionShape): AttentionCase {
  const { batch, kvHeads, group, tokens, start, spare, dim, visible, element, headsFirst } = shape;
  const random = randomFrom(shape.seed);
  const slots = start + tokens + spare;
  const layout = (count: number, heads: number): number[] =>
    headsFirst ? [batch, heads, count, dim] : [batch, count, heads, dim];
  const draw = (sizes: number[]): Operand =>
    element === 'int8' ? quantizedOperand(sizes, random) : floatOperand(sizes, element, random);
  const query = draw(layout(tokens, kvHeads * group));
  const key = draw(layout(slots, kvHeads));
  const value = draw(layout(slots, kvHeads));
  const mask =
    visible === 'mask'
      ? Float32Array.from({ length: tokens * slots }, () => (random() < 0.4 ? -Infinity : 2 * random()))
      : undefined;

  const outElement = element === 'int8' ? 'float32' : element;
  const words = query.real.length;
  const storage = outElement === 'float32' ? new Float32Array(words + 2 * guard) : new Uint16Array(words + 2 * guard);
  storage.fill(7);
  const out = { dtype: dtypes[outElement], sizes: query.tensor.sizes, data: storage.subarray(guard, guard + words) };

  const boxedMask: Boxed = mask === undefined ? null : { dtype: dtypes.float32, sizes: [tokens, slots], data: mask };
  const scale: Boxed = shape.scale === undefined ? null : { float: shape.scale };
  const common = [query.tensor, key.tensor, value.tensor, { int: start }, boxedMask, { float: 0 }];
  const quantization = [query, key, value].flatMap((operand) => [operand.zeroPoints ?? null, operand.scales ?? null]);
  const args =
    element === 'int8'
      ? [...common, visible === 'causal', scale, ...quantization, headsFirst, out]
      : [...common, visible === 'causal', scale, out];

  const { out: expected, magnitude } = referenceAttention(shape, query.real, key.real, value.real, mask);
  const largestValue = value.real.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return {
    operator: element === 'int8' ? 'llama::custom_quantized_sdpa.out' : 'llama::custom_sdpa.out',
    args,
    expected,
    // The error of weights is that of scores: some units in the last place of the sum of the products' sizes. The
    // result is also rounded to its own dtype.
    allowed:
      largestValue * (2 ** -22 * (4 + magnitude) + { float32: 0, float16: 2 ** -11, bfloat16: 2 ** -8 }[outElement]),
    result: () => {
      const around = [...storage.subarray(0, guard), ...storage.subarray(guard + words)];
      if (!around.every((word) => word === 7)) throw new Error('The kernel wrote outside its result.');
      const decode = { float32: Number, float16: fromHalf, bfloat16: fromBfloat }[outElement];
      return Float64Array.from(out.data, decode);
    },
  };
}

/** Returns attention's result, and the largest sum of |scale · q · k| of any score. */
function referenceAttention(
  shape: AttentionShape,
  query: Float64Array,
  key: Float64Array,
  value: Float64Array,
  mask: Float32Array | undefined,
): { out: Float64Array; magnitude: number } {
  const { batch, kvHeads, group, tokens, start, spare, dim, visible, headsFirst } = shape;
  const slots = start + tokens + spare;
  const heads = kvHeads * group;
  const scale = shape.scale ?? 1 / Math.sqrt(dim);
  const at = (row: number, token: number, head: number, count: number, width: number): number =>
    dim * (headsFirst ? (row * width + head) * count + token : (row * count + token) * width + head);
  const out = new Float64Array(query.length);
  let magnitude = 0;
  for (let row = 0; row < batch; row++) {
    for (let token = 0; token < tokens; token++) {
      const seen = { causal: start + token + 1, all: start + tokens, mask: slots }[visible];
      for (let head = 0; head < heads; head++) {
        const kvHead = Math.floor(head / group);
        const from = at(row, token, head, tokens, heads);
        const scores = new Float64Array(seen);
        for (let slot = 0; slot < seen; slot++) {
          const other = at(row, slot, kvHead, slots, kvHeads);
          let [sum, size] = [0, 0];
          for (let i = 0; i < dim; i++) {
            const product = entry(query, from + i) * entry(key, other + i);
            sum += product;
            size += Math.abs(product);
          }
          magnitude = Math.max(magnitude, size * scale);
          scores[slot] = sum * scale + (mask?.[token * slots + slot] ?? 0);
        }
        const most = scores.reduce((a, b) => Math.max(a, b), -Infinity);
        if (most === -Infinity) continue;
        let total = 0;
        for (let slot = 0; slot < seen; slot++) total += Math.exp(entry(scores, slot) - most);
        for (let slot = 0; slot < seen; slot++) {
          const weight = Math.exp(entry(scores, slot) - most) / total;
          const other = at(row, slot, kvHead, slots, kvHeads);
          for (let i = 0; i < dim; i++) out[from + i] = entry(out, from + i) + weight * entry(value, other + i);
        }
      }
    }
  }
  return { out, magnitude };
}

/**
 * Runs the case.
 * @returns the largest difference from the expected result, in units of the rounding bound
 * @throws if the kernel refuses
 */
export function attentionError(shape: AttentionShape): number {
  const { operator, args, expected, allowed, result } = attentionCase(shape);
  const error = kernels.run(operator, args);
  if (error !== 0) throw new Error(`refused with error ${error}`);
  let worst = 0;
  for (const [i, got] of result().entries()) {
    const difference = Math.abs(got - entry(expected, i));
    // NaN must not count as a small difference.
    worst = difference <= worst ? worst : Number.isNaN(difference) ? Infinity : difference;
  }
  return worst / allowed;
}
