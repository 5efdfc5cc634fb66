/** Tiny models with random weights in the shape of each architecture, as GGUF files. The same arguments give the same bytes. */
import { blockType, type BlockType } from '../block-types.ts';
import type { TestGguf, TestTensor, TestValue } from './write-gguf.ts';

export interface TinyModel {
  readonly architecture: string;
  /** The block type of the matrices, by its number. */
  readonly type?: number;
  /** The block type of the embedding and the output; Q8_0 by default. */
  readonly tableType?: number;
  readonly layers?: number;
  readonly width?: number;
  readonly hidden?: number;
  readonly heads?: number;
  readonly kvHeads?: number;
  readonly headSize?: number;
  readonly context?: number;
  readonly vocabulary?: number;
  /** Whether the output has weights of its own. */
  readonly untied?: boolean;
  readonly metadata?: Readonly<Record<string, TestValue>>;
  /** More tensors of one dimension, by name. */
  readonly vectors?: Readonly<Record<string, readonly number[]>>;
  readonly seed?: number;
}

const q4_1 = 3;
const q8_0 = 8;

/** A byte-level vocabulary: 256 bytes, the merges of some words, and two control tokens. */
function vocabularyOf(size: number): Readonly<Record<string, TestValue>> {
  const letters = Array.from({ length: 256 }, (_, byte) => letterOf(byte));
  const merges = ['t h', 'th e', 'i n', 'a n', 'an d', 'Ġ t', 'Ġ a', 'e r', 'o n', 'r e'];
  const merged = merges.map((merge) => merge.replace(' ', ''));
  const plain = [...letters, ...merged];
  const fill = Array.from({ length: size - 3 - plain.length }, (_, index) => `[PAD${index}]`);
  const control = ['<|endoftext|>', '<|im_start|>', '<|im_end|>'];
  const tokens = [...plain, ...fill, ...control];
  const types = [...plain.map(() => 1), ...fill.map(() => 5), ...control.map(() => 3)];
  return {
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': 'smollm',
    'tokenizer.ggml.tokens': tokens,
    'tokenizer.ggml.token_type': { i32s: types },
    'tokenizer.ggml.merges': merges,
    'tokenizer.ggml.bos_token_id': tokens.length - 3,
    'tokenizer.ggml.eos_token_id': tokens.length - 1,
    'tokenizer.chat_template':
      '{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}',
  };
}

/** GPT-2's letter for a byte. */
function letterOf(byte: number): string {
  const isOwn = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  if (isOwn) return String.fromCodePoint(byte);
  const place = byte <= 32 ? byte : byte <= 160 ? byte - 127 + 33 : 67;
  return String.fromCodePoint(256 + place);
}

export function tinyModel(model: TinyModel): TestGguf {
  const { architecture, type = q4_1, layers = 2, width = 256, hidden = 512, heads = 4, kvHeads = 2 } = model;
  const { headSize = width / heads, context = 256, vocabulary = 512, untied = false } = model;
  const random = randomOf(model.seed ?? 1);
  const key = (name: string): string => `${architecture}.${name}`;
  const kind = requireType(type);
  const matrix = (name: string, rows: number, columns: number, own: BlockType = kind): TestTensor => ({
    name: `${name}.weight`,
    type: own.number,
    dimensions: [columns, rows],
    data: randomBlocks(own, rows * (columns / own.inputs), random, 1 / Math.sqrt(columns)),
  });
  const norm = (name: string, size = width): TestTensor => vector(`${name}.weight`, noisy(size, random));
  const table = requireType(model.tableType ?? q8_0);
  const tensors: TestTensor[] = [matrix('token_embd', vocabulary, width, table)];
  for (let layer = 0; layer < layers; layer++) {
    const at = (name: string): string => `blk.${layer}.${name}`;
    const isFused = architecture === 'phi3';
    const qkv = isFused
      ? [matrix(at('attn_qkv'), (heads + 2 * kvHeads) * headSize, width)]
      : [
          matrix(at('attn_q'), heads * headSize, width),
          matrix(at('attn_k'), kvHeads * headSize, width),
          matrix(at('attn_v'), kvHeads * headSize, width),
        ];
    const units = isFused
      ? [matrix(at('ffn_up'), 2 * hidden, width)]
      : [matrix(at('ffn_gate'), hidden, width), matrix(at('ffn_up'), hidden, width)];
    tensors.push(
      norm(at('attn_norm')),
      ...qkv,
      matrix(at('attn_output'), width, heads * headSize),
      norm(at('ffn_norm')),
      ...units,
      matrix(at('ffn_down'), width, hidden),
    );
    if (architecture === 'gemma3') tensors.push(norm(at('post_attention_norm')), norm(at('post_ffw_norm')));
    if (architecture === 'qwen2') {
      const sizes = { attn_q: heads * headSize, attn_k: kvHeads * headSize, attn_v: kvHeads * headSize };
      for (const [name, size] of Object.entries(sizes)) {
        tensors.push(
          vector(
            at(`${name}.bias`),
            Array.from({ length: size }, () => random() - 0.5),
          ),
        );
      }
    }
    if (architecture === 'qwen3' || architecture === 'gemma3')
      tensors.push(norm(at('attn_q_norm'), headSize), norm(at('attn_k_norm'), headSize));
  }
  tensors.push(norm('output_norm'));
  if (untied) tensors.push(matrix('output', vocabulary, width, table));
  for (const [name, values] of Object.entries(model.vectors ?? {})) tensors.push(vector(name, values));
  return {
    metadata: {
      'general.architecture': architecture,
      'general.name': `Tiny ${architecture}`,
      [key('block_count')]: layers,
      [key('context_length')]: context,
      [key('embedding_length')]: width,
      [key('feed_forward_length')]: hidden,
      [key('attention.head_count')]: heads,
      [key('attention.head_count_kv')]: kvHeads,
      ...(model.headSize === undefined
        ? {}
        : { [key('attention.key_length')]: headSize, [key('attention.value_length')]: headSize }),
      [key('attention.layer_norm_rms_epsilon')]: 0.00001,
      [key('rope.freq_base')]: 10_000.5,
      ...vocabularyOf(vocabulary),
      ...model.metadata,
    },
    tensors,
  };
}

function requireType(number: number): BlockType {
  const type = blockType(number);
  if (type === undefined) throw new Error(`no block type ${number}`);
  return type;
}

/** Numbers from 0 to 1 (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function noisy(size: number, random: () => number): readonly number[] {
  return Array.from({ length: size }, () => 0.75 + random() / 2);
}

function vector(name: string, values: readonly number[]): TestTensor {
  const data = Float32Array.from(values);
  return { name, type: 0, dimensions: [values.length], data: new Uint8Array(data.buffer) };
}

interface Spread {
  /** The standard deviation of weights of random bytes with a scale of 1. */
  readonly deviation: number;
  /** The place of the float16 scale. */
  readonly scale: number;
  /** The place of the float16 minimum, and the minimum that makes the mean 0 with a scale of 1. */
  readonly minimum?: readonly [place: number, value: number];
}

const spreads: Readonly<Record<string, Spread>> = {
  Q4_0: { deviation: 4.6, scale: 0 },
  Q4_1: { deviation: 4.6, scale: 0, minimum: [2, -7.5] },
  Q5_0: { deviation: 9.2, scale: 0 },
  Q5_1: { deviation: 9.2, scale: 0, minimum: [2, -15.5] },
  Q8_0: { deviation: 74, scale: 0 },
  // These have random scales of a few bits too, and subtract their minimum.
  Q2_K: { deviation: 14, scale: 80, minimum: [82, 1.5] },
  Q3_K: { deviation: 43, scale: 108 },
  Q4_K: { deviation: 245, scale: 0, minimum: [2, 7.5] },
  Q5_K: { deviation: 500, scale: 0, minimum: [2, 15.5] },
  Q6_K: { deviation: 1370, scale: 208 },
  IQ4_NL: { deviation: 71, scale: 0 },
  IQ4_XS: { deviation: 1310, scale: 0 },
};

/** Blocks whose weights have about the given standard deviation and no mean. */
function randomBlocks(type: BlockType, count: number, random: () => number, deviation: number): Uint8Array {
  const bytes = Buffer.alloc(count * type.bytes);
  if (type.inputs === 1) {
    for (let i = 0; i < count; i++) writeNumber(bytes, i, type, (random() - 0.5) * Math.sqrt(12) * deviation);
    return bytes;
  }
  const spread = spreads[type.name];
  if (spread === undefined) throw new Error(`no random blocks of ${type.name}`);
  for (let i = 0; i < bytes.length; i++) bytes[i] = random() * 256;
  for (let at = 0; at < bytes.length; at += type.bytes) {
    const scale = (deviation / spread.deviation) * (0.75 + random() / 2);
    bytes.writeUInt16LE(half(scale), at + spread.scale);
    if (spread.minimum === undefined) continue;
    const [place, value] = spread.minimum;
    bytes.writeUInt16LE(half(value * scale), at + place);
  }
  return bytes;
}

function writeNumber(bytes: Buffer, index: number, { name }: BlockType, value: number): void {
  if (name === 'F32') bytes.writeFloatLE(value, 4 * index);
  else if (name === 'F16') bytes.writeUInt16LE(half(value), 2 * index);
  else bytes.writeUInt16LE((new Uint32Array(Float32Array.of(value).buffer)[0] ?? 0) >>> 16, 2 * index);
}

/** IEEE 754 binary16 of a number below 2^15. */
function half(value: number): number {
  if (value === 0) return 0;
  const magnitude = Math.abs(value);
  const exponent = Math.floor(Math.log2(magnitude));
  const fraction = Math.round((magnitude / 2 ** exponent - 1) * 1024);
  const bits = exponent < -14 ? Math.round(magnitude * 2 ** 24) : ((exponent + 15) << 10) + fraction;
  return (value < 0 ? 0x8000 : 0) | bits;
}
