/**
 * A decoder as an ExecuTorch program over GGUF's weight blocks, in the form of upstream's standard export with one more input:
 * the first token whose logits are wanted. A step can so verify several tokens of a draft. `wyvern::linear`, the other operators and attention give a token the same bits on every
 * processor, with any other tokens in the call. So the text does not depend on the machine or on the cuts of a prompt.
 */
import type { Shape } from './architecture.ts';
import { Constants, type Constant, type MatrixOptions, type Weight } from './constants.ts';
import type { Gguf } from './gguf-file.ts';
import { constantMethod, Method, writeProgram } from './program-file.ts';
import { angles, factorTensors, type Rotation } from './rotation.ts';
import { readVector } from './vectors.ts';

export interface Limits {
  /** Tokens that the cache holds. */
  readonly context: number;
  /** Most tokens of one call: the program plans working memory for them. Longer prompts take several calls. */
  readonly longest: number;
}

export interface DecoderProgram {
  readonly program: Uint8Array;
  /** The data that the program names. */
  readonly constants: readonly Constant[];
}

/** @throws GgufFault if the file's weights are not those of its architecture */
export function decoderProgram(gguf: Gguf, shape: Shape, limits: Limits): DecoderProgram {
  const forward = new Forward(gguf, shape, limits);
  const program = writeProgram([
    forward.method,
    constantMethod('get_max_seq_len', BigInt(limits.longest)),
    constantMethod('get_max_context_len', BigInt(limits.context)),
    constantMethod('get_vocab_size', BigInt(shape.vocabulary)),
    constantMethod('get_n_layers', BigInt(shape.layers)),
    constantMethod('use_kv_cache', true),
    constantMethod('use_sdpa_with_kv_cache', true),
    constantMethod('enable_dynamic_shape', true),
  ]);
  return { program, constants: forward.constants };
}

/** One of several products of the same input: a weight, and the sizes of a row of the result. */
interface Product extends MatrixOptions {
  readonly name: string;
  readonly sizes: readonly number[];
}

/** Cosines and sines of all positions. */
type Angles = readonly [cos: number, sin: number];

/** Most tokens of a call whose logits are wanted. */
const mostLogits = 16;

/**
 * Tokens int64 `[1, T]`, the position of the first, int64 `[1]`, and the index of the first wanted one, int64 `[1]`, to the logits
 * of the wanted tokens, float32 `[1, T − index, vocabulary]`.
 */
class Forward {
  readonly method = new Method('forward');
  readonly #constants: Constants;
  readonly #shape: Shape;
  readonly #limits: Limits;
  readonly #none = this.method.value(null);
  readonly #fine = this.method.value(true);
  readonly #zero = this.method.value(0);
  readonly #yes = this.method.value(true);
  readonly #eps: number;
  readonly #angles: Angles;
  /** For layers that see a window: their angles, and the mask of the window. */
  readonly #local: { readonly angles: Angles; readonly mask: number } | undefined;
  /** `update_cache` has a result that nothing reads. */
  readonly #placeholder: number;
  readonly #start: number;

  constructor(gguf: Gguf, shape: Shape, limits: Limits) {
    this.#constants = new Constants(gguf, this.method);
    this.#shape = shape;
    this.#limits = limits;
    this.#eps = this.method.value(shape.normEps);
    this.#angles = this.#anglesOf('', shape.rotation, factorsOf(gguf, shape, limits));
    this.#placeholder = this.method.tensor('float', [1], { lasting: true });

    const tokens = this.method.tensor('long', [1, limits.longest], { dynamic: true, planned: false });
    const position = this.method.tensor('long', [1], { planned: false });
    const first = this.method.tensor('long', [1], { planned: false });
    this.method.inputs = [tokens, position, first];
    this.#start = this.#scalar(position);
    const table = this.#constants.matrix('token_embd', shape.vocabulary, shape.width);
    let x = this.#rows(shape.width);
    this.method.call('wyvern::embedding', 'out', ...table, tokens, x, x);
    if (shape.scalesEmbedding === true) x = this.#scaled(x, Math.sqrt(shape.width));
    this.#local = this.#localOf(x);
    for (let layer = 0; layer < shape.layers; layer++) x = this.#layer(layer, x);
    this.method.outputs = [this.#head(x, table, this.#scalar(first))];
    this.#constants.requireAllUsed(factorTensors);
  }

  get constants(): readonly Constant[] {
    return this.#constants.all;
  }

  /** The number in an int64 `[1]`. */
  #scalar(tensor: number): number {
    const value = this.method.value(0n);
    this.method.call('aten::_local_scalar_dense', '', tensor, value);
    return value;
  }

  #anglesOf(prefix: string, rotation: Rotation, factors?: Float32Array): Angles {
    const sizes = [this.#limits.context, rotation.size / 2];
    const { cos, sin } = angles(rotation, this.#limits.context, factors);
    return [this.#constants.computed(`${prefix}cos`, cos, sizes), this.#constants.computed(`${prefix}sin`, sin, sizes)];
  }

  /** @param x any rows of the call's tokens */
  #localOf(x: number): { readonly angles: Angles; readonly mask: number } | undefined {
    const { local } = this.#shape;
    if (local === undefined) return undefined;
    const { longest, context } = this.#limits;
    const mask = this.method.tensor('float', [longest, context], { dynamic: true });
    const window = this.method.value(BigInt(local.window));
    this.method.call('wyvern::window_mask', 'out', x, this.#start, window, mask, mask);
    return { angles: this.#anglesOf('local_', local.rotation), mask };
  }

  #scaled(x: number, factor: number): number {
    const out = this.#rows(this.#shape.width);
    this.method.call('aten::mul', 'Scalar_out', x, this.method.value(factor), out, out);
    return out;
  }

  /** A new float32 `[1, T, …]`. */
  #rows(...sizes: readonly number[]): number {
    return this.method.tensor('float', [1, this.#limits.longest, ...sizes], { dynamic: true });
  }

  /** Adds the root mean square norm of `x` over its last `width` elements. */
  #norm(name: string, width: number, x: number, out: number): number {
    const weight = this.#constants.vector(`${name}.weight`, width);
    this.method.call('wyvern::rms_norm', 'out', x, weight, this.#eps, out, out);
    return out;
  }

  /** Adds products of one input with several weights. */
  #linear(x: number, width: number, products: readonly Product[]): readonly number[] {
    const weights = products.map(({ name, sizes, ...options }) => {
      const rows = sizes.reduce((product, size) => product * size, 1);
      return { name, rows, weight: this.#constants.matrix(name, rows, width, options) };
    });
    const biases = weights.map(({ name, rows }) => this.#constants.optionalVector(`${name}.bias`, rows));
    const outs = products.map(({ sizes }) => this.#rows(...sizes));
    if (biases.every((bias) => bias === undefined)) {
      const flat = weights.flatMap(({ weight }) => weight);
      this.method.call(`wyvern::linear_${products.length}`, 'out', x, ...flat, this.#fine, ...outs);
      return outs;
    }
    weights.forEach(({ weight }, index) => {
      const out = outs[index] ?? 0;
      this.method.call('wyvern::linear', 'out', x, ...weight, biases[index] ?? this.#none, this.#fine, out, out);
    });
    return outs;
  }

  /** Adds one weight's products, normed if the file has weights for that, to the residual stream. */
  #joined(x: number, name: string, width: number, { added, norm }: { added: number; norm: string }): number {
    const size = this.#shape.width;
    const out = this.#rows(size);
    const weight = this.#constants.matrix(name, size, width);
    const isNormed = this.#constants.has(norm);
    const addend = isNormed ? this.#none : added;
    this.method.call('wyvern::linear', 'out', x, ...weight, addend, this.#fine, out, out);
    if (!isNormed) return out;
    const normed = this.#norm(norm, size, out, this.#rows(size));
    const sum = this.#rows(size);
    this.method.call('aten::add', 'out', added, normed, this.method.value(1n), sum, sum);
    return sum;
  }

  /** Adds one decoder layer with its key and value cache. */
  #layer(index: number, x: number): number {
    const { width, hidden, heads, headSize, globalEvery, activation } = this.#shape;
    const at = (name: string): string => `blk.${index}.${name}`;
    const isLocal = globalEvery !== undefined && (index + 1) % globalEvery !== 0;
    const local = isLocal ? this.#local : undefined;
    let h = this.#norm(at('attn_norm'), width, x, this.#rows(width));
    const mixed = this.#attention(this.#heads(h, index, local?.angles ?? this.#angles), local?.mask);
    x = this.#joined(mixed, at('attn_output'), heads * headSize, { added: x, norm: at('post_attention_norm') });
    h = this.#norm(at('ffn_norm'), width, x, this.#rows(width));
    const [gate = 0, up = 0] = this.#linear(h, width, this.#gateAndUnits(at));
    const product = this.#rows(hidden);
    this.method.call(`wyvern::${activation}_mul`, 'out', gate, up, product, product);
    return this.#joined(product, at('ffn_down'), hidden, { added: x, norm: at('post_ffw_norm') });
  }

  #gateAndUnits(at: (name: string) => string): readonly Product[] {
    const { hidden, fused } = this.#shape;
    const part = (firstRow: number): MatrixOptions =>
      fused === true ? { part: { of: at('ffn_up'), firstRow, allRows: 2 * hidden } } : {};
    return [
      { name: at('ffn_gate'), sizes: [hidden], ...part(0) },
      { name: at('ffn_up'), sizes: [hidden], ...part(hidden) },
    ];
  }

  /** Returns queries and keys, rotated, and values: `[1, T, heads, headSize]`. */
  #heads(h: number, index: number, angles: Angles): readonly [query: number, key: number, value: number] {
    const { width, heads, kvHeads, headSize, pairs, fused, unrotatedEvery } = this.#shape;
    const at = (name: string): string => `blk.${index}.${name}`;
    const rotates = unrotatedEvery === undefined || (index + 1) % unrotatedEvery !== 0;
    const paired = pairs === 'neighbours' ? { pairedHead: headSize } : {};
    const allRows = (heads + 2 * kvHeads) * headSize;
    const part = (firstRow: number): MatrixOptions =>
      fused === true ? { part: { of: at('attn_qkv'), firstRow, allRows } } : {};
    const sizes = (norm: string, count: number): readonly number[] =>
      rotates && !this.#constants.has(norm) ? [count * headSize] : [count, headSize];
    const [query = 0, key = 0, value = 0] = this.#linear(h, width, [
      { name: at('attn_q'), sizes: sizes(at('attn_q_norm'), heads), ...paired, ...part(0) },
      { name: at('attn_k'), sizes: sizes(at('attn_k_norm'), kvHeads), ...paired, ...part(heads * headSize) },
      { name: at('attn_v'), sizes: [kvHeads, headSize], ...part((heads + kvHeads) * headSize) },
    ]);
    const finished = (x: number, norm: string, count: number): number => {
      const normed = this.#headNorm(norm, x, count);
      return rotates ? this.#rotated(normed, count, angles) : normed;
    };
    return [finished(query, at('attn_q_norm'), heads), finished(key, at('attn_k_norm'), kvHeads), value];
  }

  /** Norms each head, if the file has weights for that. */
  #headNorm(name: string, x: number, heads: number): number {
    const { headSize } = this.#shape;
    return this.#constants.has(name) ? this.#norm(name, headSize, x, this.#rows(heads, headSize)) : x;
  }

  /** Rotates heads by the angles of their positions. */
  #rotated(x: number, heads: number, [cos, sin]: Angles): number {
    const out = this.#rows(heads, this.#shape.headSize);
    this.method.call('wyvern::rotate', 'out', x, cos, sin, this.#start, out, out);
    return out;
  }

  /** Adds key and value to the cache and attends over it, or over what the mask shows: `[1, T, heads, headSize]`. */
  #attention([query, key, value]: readonly [number, number, number], mask: number | undefined): number {
    const { heads, kvHeads, headSize, attentionScale } = this.#shape;
    const sizes = [1, this.#limits.context, kvHeads, headSize];
    const keys = this.method.tensor('float', sizes, { lasting: true });
    const values = this.method.tensor('float', sizes, { lasting: true });
    const placeholders = [this.#placeholder, this.#placeholder];
    this.method.call('llama::update_cache', 'out', key, keys, this.#start, ...placeholders);
    this.method.call('llama::update_cache', 'out', value, values, this.#start, ...placeholders);
    const out = this.#rows(heads, headSize);
    const isCausal = mask === undefined ? this.#yes : this.method.value(false);
    const scale = attentionScale === undefined ? this.#none : this.method.value(attentionScale);
    const options = [this.#start, mask ?? this.#none, this.#zero, isCausal, scale];
    this.method.call('llama::custom_sdpa', 'out', query, keys, values, ...options, out, out);
    return out;
  }

  /** Returns the logits from token `first` on. Without an output weight, the embedding is the output weight. */
  #head(x: number, table: Weight, first: number): number {
    const { width, vocabulary } = this.#shape;
    const most = Math.min(mostLogits, this.#limits.longest);
    const rows = (size: number): number => this.method.tensor('float', [1, most, size], { dynamic: true });
    const wanted = rows(width);
    const along = [this.method.value(1n), first, this.#none, this.method.value(1n)];
    this.method.call('aten::slice_copy', 'Tensor_out', x, ...along, wanted, wanted);
    const h = this.#norm('output_norm', width, wanted, rows(width));
    const weight = this.#constants.has('output') ? this.#constants.matrix('output', vocabulary, width) : table;
    const logits = rows(vocabulary);
    this.method.call('wyvern::linear', 'out', h, ...weight, this.#none, this.#fine, logits, logits);
    return logits;
  }
}

function factorsOf(gguf: Gguf, { rotation }: Shape, { context }: Limits): Float32Array | undefined {
  const { factors, originalContext } = rotation;
  if (factors === undefined) return undefined;
  const tensor = gguf.tensors.get(context > originalContext ? factors.long : factors.short);
  return tensor === undefined ? undefined : readVector(tensor);
}
