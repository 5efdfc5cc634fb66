/**
 * Measures the CPU's own work in a decode step on the NPU: mask, new keys and new values, in caches shaped like Llama
 * 3.2 1B's. A stand-in for `execute` evicts them from the processor's caches, as a model's weights do.
 */
import { kvLayout } from '../native/test/kv-layout/kv-layout-test-addon.ts';
import { median, type Figure } from './figure.ts';

const layers = 16;
const shape = { heads: 8, headDim: 64, elementBytes: 1 };
const context = 4096;
const steps = 200;
/** The limit. A step of a large model on the NPU takes tens of milliseconds. */
const boundUs = 800;
const prefillLength = 128;
const used = 2000;

// eslint-disable-next-line @typescript-eslint/require-await -- the caller iterates over figures one by one
export async function* hostShareFigures(): AsyncGenerator<Figure> {
  const times = kvLayout.timeDecode(shape, layers, context, steps).toSorted();
  const at = (share: number): number => times[Math.floor(share * times.length)] ?? Number.NaN;
  yield {
    name: 'bound of 0.8 ms / host’s share of a decode step (p50)',
    value: boundUs / at(0.5),
    unit: '×',
    target: { atLeast: 1 },
    detail: `${at(0.5).toFixed(0)} µs p50, ${at(0.95).toFixed(0)} µs p95; ${layers} layers, ${shape.heads} KV heads of ${shape.headDim}, uint8, context ${context}, cold caches`,
  };
  const change = median([...kvLayout.timeRepack(shape, layers, context, prefillLength, used, 20)]);
  yield {
    name: 'change of layout, prefill to decode / a decode step’s share',
    value: change / at(0.5),
    unit: '×',
    detail: `${(change / 1000).toFixed(1)} ms for ${used} resident tokens, twice a turn`,
  };
}
