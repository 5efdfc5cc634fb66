/** Damaged GGUF files: valid tiny models with wrong metadata, tensors, bytes or lengths. The same dice give the same bytes. */
import { tinyModel, type TinyModel } from './tiny-models.ts';
import { scoredVocabulary } from './vocabularies.ts';
import { ggufBytes, type TestGguf, type TestTensor, type TestValue } from './write-gguf.ts';

/** Makes the random choices. */
interface Dice {
  /** A whole number from 0 to `end` − 1. */
  readonly below: (end: number) => number;
  readonly pick: <T>(of: readonly T[]) => T;
}

export interface GgufMutant {
  /** The changes, for people. */
  readonly what: string;
  readonly bytes: Uint8Array;
}

const small = { layers: 1, width: 64, hidden: 64, heads: 2, kvHeads: 1, context: 128 };
const pieces = scoredVocabulary(true);
const q4K = 12;
const models: readonly TinyModel[] = [
  ...['llama', 'qwen2', 'qwen3', 'smollm3'].map((architecture) => ({ architecture, ...small })),
  { architecture: 'phi3', ...small, metadata: { 'general.name': 'Tiny' } },
  { architecture: 'gemma3', ...small, metadata: { 'gemma3.attention.sliding_window': 12 } },
  { architecture: 'llama', ...small, width: 256, hidden: 256, type: q4K, tableType: q4K },
  { architecture: 'llama', ...small, vocabulary: pieces.size, metadata: pieces.metadata },
];
/** Made when first used. */
const made = new Map<TinyModel, TestGguf>();

export function ggufMutant({ below, pick }: Dice): GgufMutant {
  const model = pick(models);
  const source = made.get(model) ?? tinyModel(model);
  made.set(model, source);
  const what: string[] = [];
  let gguf = source;
  const structural = below(2) === 0 ? pick([1, 1, 2]) : 0;
  for (let count = 0; count < structural; count++) {
    const [name, changed] =
      below(2) === 0 ? changeMetadata(gguf, { below, pick }) : changeTensor(gguf, { below, pick });
    what.push(name);
    gguf = changed;
  }
  let bytes: Uint8Array = ggufBytes(gguf);
  if (structural === 0 || below(8) === 0) {
    for (let count = 1 + below(3); count > 0; count--) what.push(changeBytes(bytes, gguf, { below, pick }));
  }
  if (below(8) === 0) {
    bytes = bytes.subarray(0, below(bytes.length));
    what.push(`cut to ${bytes.length} bytes`);
  }
  return { what: `${model.architecture}: ${what.join(', ')}`, bytes };
}

/** Numbers at the borders of types, counts and sizes. */
const numbers: readonly TestValue[] = [
  ...[0, 1, 2, 3, 7, 31, 33, 65_537, 2 ** 24, 2 ** 31, 2 ** 32 - 1],
  ...[0.5, 1e-30, Number.NaN, Number.POSITIVE_INFINITY],
  ...[0n, 2n ** 32n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n],
];
const values: readonly TestValue[] = [
  ...numbers,
  ...[true, '', 'llama', 'x'.repeat(70_000), '\0', '{% for m in messages %}', '{{ messages[0]["content"] }}'],
  ...[[], [''], [0], [[0]], { i32s: [-1, 7] }, { f32s: [0.5] }],
];

function changeMetadata(gguf: TestGguf, { below, pick }: Dice): readonly [what: string, changed: TestGguf] {
  const entries = Object.entries(gguf.metadata ?? {});
  const at = below(entries.length);
  const [key, old] = entries[at] ?? ['', 0];
  const action = pick(['set', 'set', 'set', 'remove', 'rename', 'shorten'] as const);
  const changed =
    action === 'remove'
      ? []
      : action === 'rename'
        ? [[`${key}.`, old] as const]
        : action === 'shorten' && Array.isArray(old)
          ? [[key, (old as readonly TestValue[]).slice(0, below(old.length + 1))] as const]
          : [[key, typeof old === 'number' ? pick(numbers) : pick(values)] as const];
  const metadata = Object.fromEntries(
    entries.toSpliced(at, 1, ...changed.map(([name, value]) => [name, value] as [string, TestValue])),
  );
  return [`${action} ${key}`, { ...gguf, metadata }];
}

function changeTensor(gguf: TestGguf, { below, pick }: Dice): readonly [what: string, changed: TestGguf] {
  const tensors = gguf.tensors ?? [];
  const at = below(tensors.length);
  const tensor = tensors[at];
  if (tensor === undefined) return ['no tensor', gguf];
  const other = pick(tensors);
  const size = pick([0, 1, 31, 32, 63, 65, 2 ** 31, 2n ** 40n, 2n ** 63n, 2n ** 64n - 1n]);
  const changes: Readonly<Record<string, readonly TestTensor[]>> = {
    remove: [],
    repeat: [tensor, tensor],
    swap: [{ ...other, name: tensor.name }],
    rename: [{ ...tensor, name: pick(['', 'x'.repeat(100), `${tensor.name}s`, other.name]) }],
    retype: [{ ...tensor, type: below(45) }],
    resize: [{ ...tensor, dimensions: tensor.dimensions.with(below(tensor.dimensions.length), size) }],
    reshape: [
      { ...tensor, dimensions: pick([[], [...tensor.dimensions, 1], tensor.dimensions.toReversed(), [1, 1, 1, 1, 1]]) },
    ],
    empty: [{ ...tensor, data: tensor.data.subarray(0, below(tensor.data.length)) }],
    fill: [{ ...tensor, data: new Uint8Array(tensor.data.length).fill(pick([0, 0x7c, 0x7f, 0x80, 0xff])) }],
  };
  const action = pick(Object.keys(changes));
  return [`${action} ${tensor.name}`, { ...gguf, tensors: tensors.toSpliced(at, 1, ...(changes[action] ?? [])) }];
}

/** Bytes that turn counts, lengths and types into extreme ones are noticed too late more often than random ones. */
const extremes = [
  [255, 255, 255, 255, 255, 255, 255, 255],
  [255, 255, 255, 127],
  [0, 0, 0, 0, 0, 0, 0, 0],
  [0, 0, 0, 128],
  [9, 0, 0, 0],
];

function changeBytes(bytes: Uint8Array, { tensors = [] }: TestGguf, { below, pick }: Dice): string {
  const weights = tensors.reduce((sum, { data }) => sum + Math.ceil(data.length / 32) * 32, 0);
  const header = Math.max(1, bytes.length - weights);
  // Counts and dimensions are at the header's beginning, tensors at its end, the vocabulary in between.
  const place = pick([
    () => below(Math.min(1500, header)),
    () => header - 1 - below(Math.min(2500, header)),
    () => below(header),
    () => below(bytes.length),
  ])();
  const content = below(2) === 0 ? pick(extremes) : Array.from({ length: 1 + below(8) }, () => below(256));
  bytes.set(content.slice(0, bytes.length - place), place);
  return `bytes ${content.join(' ')} at ${place}`;
}
