/**
 * A decoder as an ExecuTorch program over GGUF's weight blocks, in the form of upstream's standard export: tokens and a position
 * in, the logits of the last token out. `wyvern::linear`, the other operators and attention give a token the same bits on every
 * processor, with any other tokens in the call. So the text does not depend on the machine or on the cuts of a prompt.
 */
import type { Shape } from './architecture.ts';
import { Constants, type Constant, type Weight } from './constants.ts';
import type { Gguf } from './gguf-file.ts';
import { constantMethod, Method, writeProgram } from './program-file.ts';
import { angles, factorTensors } from './rotation.ts';
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
interface Product {
  readonly name: string;
  readonly sizes: readonly number[];
  readonly pairedHead?: number;
}

/** Tokens int64 `[1, T]` and the position of the first, int64 `[1]`, to the logits of the last, float32 `[1, vocabulary]`. */
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
  readonly #cos: number;
  readonly #sin: number;
  /** `update_cache` has a result that nothing reads. */
  readonly #placeholder: number;
  readonly #start: number;

  constructor(gguf: Gguf, shape: Shape, limits: Limits) {
    this.#constants = new Constants(gguf, this.method);
    this.#shape = shape;
    this.#limits = limits;
    this.#eps = this.method.value(shape.normEps);
    const sizes = [limits.context, shape.rotation.size / 2];
    const { cos, sin } = angles(shape.rotation, limits.context, factorsOf(gguf, shape, limits));
    this.#cos = this.#constants.computed('cos', cos, sizes);
    this.#sin = this.#constants.computed('sin', sin, sizes);
    this.#placeholder = this.method.tensor('float', [1], { lasting: true });

    const tokens = this.method.tensor('long', [1, limits.longest], { dynamic: true, planned: false });
    const position = this.method.tensor('long', [1], { planned: false });
    this.method.inputs = [tokens, position];
    this.#start = this.method.value(0n);
    this.method.call('aten::_local_scalar_dense', '', position, this.#start);
    const table = this.#constants.matrix('token_embd', shape.vocabulary, shape.width);
    let x = this.#rows(shape.width);
    this.method.call('wyvern::embedding', 'out', ...table, tokens, x, x);
    for (let layer = 0; layer < shape.layers; layer++) x = this.#layer(`blk.${layer}.`, x);
    this.method.outputs = [this.#head(x, table)];
    this.#constants.requireAllUsed(factorTensors);
  }

  get constants(): readonly Constant[] {
    return this.#constants.all;
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
    const weights = products.map(({ name, sizes, pairedHead }) => {
      const rows = sizes.reduce((product, size) => product * size, 1);
      return { name, rows, weight: this.#constants.matrix(name, rows, width, pairedHead) };
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

  /** Adds one weight's products to the residual stream. */
  #joined(x: number, name: string, width: number, added: number): number {
    const out = this.#rows(this.#shape.width);
    const weight = this.#constants.matrix(name, this.#shape.width, width);
    this.method.call('wyvern::linear', 'out', x, ...weight, added, this.#fine, out, out);
    return out;
  }

  /** Adds one decoder layer with its key and value cache. */
  #layer(prefix: string, x: number): number {
    const { width, hidden, heads, kvHeads, headSize, pairs } = this.#shape;
    let h = this.#norm(`${prefix}attn_norm`, width, x, this.#rows(width));
    const paired = pairs === 'neighbours' ? { pairedHead: headSize } : {};
    const [query = 0, key = 0, value = 0] = this.#linear(h, width, [
      { name: `${prefix}attn_q`, sizes: this.#headSizes(`${prefix}attn_q_norm`, heads), ...paired },
      { name: `${prefix}attn_k`, sizes: this.#headSizes(`${prefix}attn_k_norm`, kvHeads), ...paired },
      { name: `${prefix}attn_v`, sizes: [kvHeads, headSize] },
    ]);
    const rotatedQuery = this.#rotated(this.#headNorm(`${prefix}attn_q_norm`, query, heads), heads);
    const rotatedKey = this.#rotated(this.#headNorm(`${prefix}attn_k_norm`, key, kvHeads), kvHeads);
    const mixed = this.#attention(rotatedQuery, rotatedKey, value);
    x = this.#joined(mixed, `${prefix}attn_output`, heads * headSize, x);
    h = this.#norm(`${prefix}ffn_norm`, width, x, this.#rows(width));
    const [gate = 0, up = 0] = this.#linear(h, width, [
      { name: `${prefix}ffn_gate`, sizes: [hidden] },
      { name: `${prefix}ffn_up`, sizes: [hidden] },
    ]);
    const product = this.#rows(hidden);
    this.method.call('wyvern::silu_mul', 'out', gate, up, product, product);
    return this.#joined(product, `${prefix}ffn_down`, hidden, x);
  }

  /** Heads that are normed are a dimension of their own; the rotation makes it one otherwise. */
  #headSizes(norm: string, heads: number): readonly number[] {
    const { headSize } = this.#shape;
    return this.#constants.has(norm) ? [heads, headSize] : [heads * headSize];
  }

  /** Norms each head, if the file has weights for that. */
  #headNorm(name: string, x: number, heads: number): number {
    const { headSize } = this.#shape;
    return this.#constants.has(name) ? this.#norm(name, headSize, x, this.#rows(heads, headSize)) : x;
  }

  /** Rotates heads by the angles of their positions. */
  #rotated(x: number, heads: number): number {
    const out = this.#rows(heads, this.#shape.headSize);
    this.method.call('wyvern::rotate', 'out', x, this.#cos, this.#sin, this.#start, out, out);
    return out;
  }

  /** Adds key and value to the cache and attends over it: `[1, T, heads, headSize]`. */
  #attention(query: number, key: number, value: number): number {
    const { heads, kvHeads, headSize } = this.#shape;
    const sizes = [1, this.#limits.context, kvHeads, headSize];
    const keys = this.method.tensor('float', sizes, { lasting: true });
    const values = this.method.tensor('float', sizes, { lasting: true });
    const placeholders = [this.#placeholder, this.#placeholder];
    this.method.call('llama::update_cache', 'out', key, keys, this.#start, ...placeholders);
    this.method.call('llama::update_cache', 'out', value, values, this.#start, ...placeholders);
    const out = this.#rows(heads, headSize);
    const options = [this.#start, this.#none, this.#zero, this.#yes, this.#none];
    this.method.call('llama::custom_sdpa', 'out', query, keys, values, ...options, out, out);
    return out;
  }

  /** Returns the logits after the last token. Without an output weight, the embedding is the output weight. */
  #head(x: number, table: Weight): number {
    const { width, vocabulary } = this.#shape;
    const last = this.method.tensor('float', [1, width]);
    this.method.call('aten::select_copy', 'int_out', x, this.method.value(1n), this.method.value(-1n), last, last);
    const h = this.#norm('output_norm', width, last, this.method.tensor('float', [1, width]));
    const weight = this.#constants.has('output') ? this.#constants.matrix('output', vocabulary, width) : table;
    const logits = this.method.tensor('float', [1, vocabulary]);
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
