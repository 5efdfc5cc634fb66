/**
 * The operators that a program may call, with the arguments of their kernels. ExecuTorch registers about two hundred more. No
 * language model needs them, and a hostile file could reach their code.
 *
 * The runtime's kernels do not check the types of their arguments. The schemas are those of PyTorch's `native_functions.yaml`,
 * `kernels/quantized/quantized.yaml` and `kernels/prim_ops`, release 1.5.0. After the arguments of its schema, an operator gets
 * its results again.
 */
import type { Kind } from './values.ts';

/** `scalar`: a number of any kind. `?`: the argument may be absent. */
type Parameter = Kind | 'scalar' | 'tensor?' | 'int?' | 'double?' | 'bool?' | 'ints?' | 'scalar?';

export interface Signature {
  readonly parameters: readonly Parameter[];
  /** Positions of the tensors, or lists of tensors, that the kernel writes into. */
  readonly writes: readonly number[];
  /** Position of a tensor that becomes a view of the first one. */
  readonly view?: number;
}

const t = 'tensor';
/** The parameters are `inputs`, the tensor for the result, and the same tensor again. */
const out = (...inputs: readonly Parameter[]): Signature => ({
  parameters: [...inputs, t, t],
  writes: [inputs.length, inputs.length + 1],
});

const unary = out(t);
const binary = out(t, t);
const withScalar = out(t, 'scalar');
const reduction = out(t, 'ints?', 'bool', 'int?');

/** Arithmetic of layers outside of the backends: norms, activations, products. */
const arithmetic: Readonly<Record<string, Signature>> = {
  ...Object.fromEntries(
    [
      'abs',
      'cos',
      'exp',
      'log',
      'log1p',
      'neg',
      'reciprocal',
      'relu',
      'round',
      'rsqrt',
      'sigmoid',
      'sin',
      'sqrt',
      'tanh',
    ].map((name) => [`aten::${name}.out`, unary]),
  ),
  'aten::add.out': out(t, t, 'scalar'),
  'aten::add.Scalar_out': out(t, 'scalar', 'scalar'),
  'aten::sub.out': out(t, t, 'scalar'),
  'aten::sub.Scalar_out': out(t, 'scalar', 'scalar'),
  'aten::mul.out': binary,
  'aten::mul.Scalar_out': withScalar,
  'aten::div.out': binary,
  'aten::div.Scalar_out': withScalar,
  'aten::pow.Tensor_Scalar_out': withScalar,
  'aten::remainder.Scalar_out': withScalar,
  'aten::maximum.out': binary,
  'aten::minimum.out': binary,
  'aten::clamp.out': out(t, 'scalar?', 'scalar?'),
  'aten::bmm.out': binary,
  'aten::mm.out': binary,
  'aten::addmm.out': out(t, t, t, 'scalar', 'scalar'),
  'aten::linear.out': out(t, t, 'tensor?'),
  'aten::mean.out': reduction,
  'aten::mean.dim_out': reduction,
  'aten::sum.IntList_out': reduction,
  'aten::_softmax.out': out(t, 'int', 'bool'),
  'aten::convolution.out': out(t, t, 'tensor?', 'ints', 'ints', 'ints', 'bool', 'ints', 'int'),
  'aten::gelu.out': out(t, 'string'),
};

/** Operators that cut, transpose and join tensors. */
const shapes: Readonly<Record<string, Signature>> = {
  'aten::_to_copy.out': out(t, 'bool', 'int?'),
  'aten::alias_copy.out': unary,
  'aten::cat.out': out('tensors', 'int'),
  'aten::clone.out': out(t, 'int?'),
  'aten::detach_copy.out': unary,
  'aten::expand_copy.out': out(t, 'ints', 'bool'),
  'aten::permute_copy.out': out(t, 'ints'),
  'aten::select_copy.int_out': out(t, 'int', 'int'),
  'aten::slice_copy.Tensor_out': out(t, 'int', 'int?', 'int?', 'int'),
  'aten::slice_scatter.out': out(t, t, 'int', 'int?', 'int?', 'int'),
  'aten::split_with_sizes_copy.out': { parameters: [t, 'ints', 'int', 'tensors', 'tensors'], writes: [3, 4] },
  'aten::squeeze_copy.dims_out': out(t, 'ints'),
  'aten::t_copy.out': unary,
  'aten::transpose_copy.int_out': out(t, 'int', 'int'),
  'aten::unsqueeze_copy.out': out(t, 'int'),
  'aten::view_copy.out': out(t, 'ints'),
  'dim_order_ops::_clone_dim_order.out': out(t, 'bool', 'ints?'),
  'dim_order_ops::_to_dim_order_copy.out': out(t, 'bool', 'ints?'),
  'executorch_prim::et_view.default': { parameters: [t, 'ints', t], writes: [], view: 2 },
};

/** Operators for masks and positions. */
const masks: Readonly<Record<string, Signature>> = {
  ...Object.fromEntries(
    ['eq', 'ge', 'gt', 'le', 'lt', 'ne'].flatMap((name) => [
      [`aten::${name}.Scalar_out`, withScalar],
      [`aten::${name}.Tensor_out`, binary],
    ]),
  ),
  'aten::any.out': out(t, 'int', 'bool'),
  'aten::arange.start_out': out('scalar', 'scalar', 'scalar'),
  'aten::bitwise_and.Tensor_out': binary,
  'aten::cumsum.out': out(t, 'int', 'int?'),
  'aten::full.out': out('ints', 'scalar'),
  'aten::full_like.out': out(t, 'scalar', 'int?'),
  'aten::logical_and.out': binary,
  'aten::logical_not.out': unary,
  'aten::logical_or.out': binary,
  'aten::scalar_tensor.out': out('scalar'),
  'aten::where.self_out': out(t, t, t),
};

/** Rows of tables: embeddings, KV caches in plain operators, rotary frequencies. */
const rows: Readonly<Record<string, Signature>> = {
  'aten::copy.out': out(t, t, 'bool'),
  'aten::copy_': { parameters: [t, t, 'bool', t], writes: [0, 3] },
  'aten::embedding.out': out(t, t, 'int', 'bool', 'bool'),
  'aten::index.Tensor_out': out(t, 'optional tensors'),
  'aten::index_put.out': out(t, 'optional tensors', t, 'bool'),
  'aten::index_select.out': out(t, 'int', t),
};

/** Quantised embeddings and KV caches. */
const quantised: Readonly<Record<string, Signature>> = {
  ...Object.fromEntries(
    ['embedding_byte', 'embedding_2bit', 'embedding_4bit'].flatMap((name) => [
      [`quantized_decomposed::${name}.out`, out(t, t, 'tensor?', 'int', 'int', t)],
      [`quantized_decomposed::${name}.dtype_out`, out(t, t, 'tensor?', 'int', 'int', t, 'int?')],
    ]),
  ),
  'quantized_decomposed::choose_qparams.Tensor_out': {
    parameters: [t, 'int', 'int', 'double', 'int', t, t, 'tensors'],
    writes: [5, 6],
  },
  'quantized_decomposed::choose_qparams_per_token_asymmetric.out': {
    parameters: [t, 'int', t, t, 'tensors'],
    writes: [2, 3],
  },
  'quantized_decomposed::quantize_per_tensor.out': out(t, 'double', 'int', 'int', 'int', 'int'),
  'quantized_decomposed::quantize_per_token.out': out(t, t, t, 'int', 'int', 'int'),
  'quantized_decomposed::dequantize_per_tensor.out': out(t, 'double', 'int', 'int', 'int', 'int', 'int?'),
  'quantized_decomposed::dequantize_per_token.out': out(t, t, t, 'int', 'int', 'int', 'int'),
};

const sizes: Signature = { parameters: ['scalar', 'scalar', 'scalar'], writes: [] };
/** Arithmetic on sizes of dynamic shapes, and numbers read from tensors for them. */
const primitives: Readonly<Record<string, Signature>> = {
  ...Object.fromEntries(
    ['add', 'sub', 'mul', 'floordiv', 'mod', 'eq', 'gt', 'lt', 'ge', 'le'].map((name) => [
      `executorch_prim::${name}.Scalar`,
      sizes,
    ]),
  ),
  'executorch_prim::neg.Scalar': { parameters: ['scalar', 'scalar'], writes: [] },
  'aten::_local_scalar_dense': { parameters: [t, 'int'], writes: [] },
  'aten::sym_size.int': { parameters: [t, 'int', 'int'], writes: [] },
};

const listed: ReadonlyMap<string, Signature> = new Map(
  [arithmetic, shapes, masks, rows, quantised, primitives].flatMap((group) => Object.entries(group)),
);

/**
 * Namespaces whose kernels are in Wyvern: attention, caches, recurrences, Hadamard transforms, linear layers. These kernels check their
 * arguments. Another check before the load ensures that the addon has the operators.
 */
const own = /^(?:llama|wyvern)::/;
/** Arguments that Wyvern's kernels write into, besides the last one: caches, and results in lists. */
const ownWrites: Readonly<Record<string, readonly number[]>> = {
  'llama::channelwise_gated_delta_rule.out': [6, 7],
  'llama::gated_delta_rule.out': [6, 7],
  'llama::sdpa_with_kv_cache.out': [3, 4],
  'llama::update_cache.out': [1],
  'llama::update_cache_with_indices.out': [1],
  'wyvern::linear_2.out': [6, 7],
  'wyvern::linear_3.out': [8, 9, 10],
};

export function isAllowed(operator: string): boolean {
  return own.test(operator) || listed.has(operator);
}

/** Returns undefined for kernels that check their own arguments. */
export function signatureOf(operator: string): Signature | undefined {
  return listed.get(operator);
}

/** Returns the positions of the tensors that a call with `count` arguments writes into. */
export function writesOf(operator: string, count: number): readonly number[] {
  return listed.get(operator)?.writes ?? [...(ownWrites[operator] ?? []), count - 1];
}

const numbers: ReadonlySet<Kind> = new Set(['int', 'bool', 'double']);

export function fits(parameter: Parameter, kind: Kind): boolean {
  const optional = parameter.endsWith('?');
  if (optional && kind === 'none') return true;
  const wanted = optional ? parameter.slice(0, -1) : parameter;
  return wanted === 'scalar' ? numbers.has(kind) : wanted === kind;
}
