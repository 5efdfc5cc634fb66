/**
 * Measures the attention kernels against plain loops, on the shapes of two models, and prints one JSON figure per line.
 * It uses one thread and processor time, so that figures hold on a busy machine too.
 */
import { kernels, type AttentionSizes, type Boxed } from '../../native/test/kernels/kernel-test-addon.ts';
import type { Figure } from '../figure.ts';

const heads = {
  'SmolLM2 135M': { queryHeads: 9, kvHeads: 3, dim: 64 },
  'Llama 3.2 1B': { queryHeads: 32, kvHeads: 8, dim: 64 },
};
const steps = {
  'decode at 256': { tokens: 1, slots: 256 },
  'decode at 2048': { tokens: 1, slots: 2048 },
  'prefill of 127 at 0': { tokens: 127, slots: 127 },
  'prefill of 127 at 1024': { tokens: 127, slots: 1151 },
};
const turns = 3;
/** Number of KV caches that take turns, like a model's layers, so that none stays in the processor's caches. */
const layers = 8;
const float32 = 6;

/** The best of several turns on each side. */
function* figures(): Generator<Figure> {
  for (const [model, shape] of Object.entries(heads)) {
    for (const [step, length] of Object.entries(steps))
      yield compare(`attention, ${model}, ${step}`, { ...shape, ...length });
  }
}

function compare(name: string, sizes: AttentionSizes): Figure {
  const { tokens, slots, queryHeads, kvHeads, dim } = sizes;
  const fill = (count: number): Float32Array => Float32Array.from({ length: count }, (_, i) => Math.sin(i));
  const tensor = (data: Float32Array, count: number, width: number): Boxed => ({
    dtype: float32,
    sizes: [1, count, width, dim],
    data,
  });
  const query = fill(tokens * queryHeads * dim);
  const out = new Float32Array(query.length);
  const caches = Array.from({ length: layers }, () => ({
    key: fill(slots * kvHeads * dim),
    value: fill(slots * kvHeads * dim),
  }));
  const sum = (time: (cache: (typeof caches)[number]) => number): number =>
    caches.reduce((total, cache) => total + time(cache), 0) / layers;
  const runNaive = (): number => sum(({ key, value }) => kernels.timeNaive(query, key, value, out, sizes, 1));
  const runOurs = (): number =>
    sum(({ key, value }) => {
      const operands = [tensor(query, tokens, queryHeads), tensor(key, slots, kvHeads), tensor(value, slots, kvHeads)];
      const options: Boxed[] = [{ int: slots - tokens }, null, { float: 0 }, true, { float: 0.125 }];
      return kernels.time('llama::custom_sdpa.out', [...operands, ...options, tensor(out, tokens, queryHeads)], 1);
    });
  let [naive, ours] = [Infinity, Infinity];
  for (let turn = 0; turn < turns; turn++) {
    naive = Math.min(naive, runNaive());
    ours = Math.min(ours, runOurs());
  }
  // A multiply-add counts as two operations, as usual.
  const operations = 4 * queryHeads * dim * tokens * (slots - (tokens - 1) / 2);
  return {
    name,
    value: naive / ours,
    unit: '×',
    detail: `${ours.toFixed(0)} µs against ${naive.toFixed(0)} µs, ${(operations / ours / 1000).toFixed(0)} GFLOP/s, ${kernels.instructionSets()[0] ?? ''}`,
  };
}

kernels.useThreads(1);
for (const figure of figures()) console.log(JSON.stringify(figure));
