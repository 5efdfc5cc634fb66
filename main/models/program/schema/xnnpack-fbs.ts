/**
 * Upstream's `backends/xnnpack/serialization/runtime_schema.fbs` (ExecuTorch 1.5.0). A field is needed if `XNNCompiler` reads
 * it without a check.
 */
import {
  list,
  maybeList,
  maybeTables,
  maybeText,
  number,
  tables,
  table,
  union,
  unread,
  maybeTable,
  type TableSchema,
} from './schema.ts';

/** The fields with a node's value ids, and those that may be absent. */
export interface NodeKind {
  readonly schema: TableSchema;
  readonly inputs: readonly number[];
  /** Inputs that may be {@link noValue}. */
  readonly optional: readonly number[];
  readonly output: number;
}

/** `XNN_INVALID_VALUE_ID`. */
export const noValue = 0xff_ff_ff_ff;

const ids = (...names: readonly string[]): TableSchema['fields'] => names.map((name) => number(name, 4));

function node(
  name: string,
  inputs: readonly string[],
  before: TableSchema['fields'] = [],
  optional: readonly string[] = [],
): NodeKind {
  const first = before.length;
  const fields = [...before, ...ids(...inputs, 'output_id', 'flags')];
  return {
    schema: { name, fields },
    inputs: inputs.map((_, index) => first + index),
    optional: inputs.flatMap((input, index) => (optional.includes(input) ? [first + index] : [])),
    output: first + inputs.length,
  };
}

const one = (name: string, before: TableSchema['fields'] = []): NodeKind => node(name, ['input_id'], before);
const two = (name: string): NodeKind => node(name, ['input1_id', 'input2_id']);

/** `_XNNCat`: the schema got the fifth input later, so it is last. */
function concatenation(count: 2 | 3 | 4 | 5): NodeKind {
  const fields = ids('axis', 'input1_id', 'input2_id', 'input3_id', 'input4_id', 'output_id', 'flags', 'input5_id');
  const inputs = [1, 2, 3, 4, 7].slice(0, count);
  return { schema: { name: `XNNConcatenate${count}`, fields }, inputs, optional: [], output: 5 };
}

/** The numbers of `_XNNNodeConv` before its values. */
const convolution = ids(
  ...['padding_top', 'padding_right', 'padding_bottom', 'padding_left', 'kernel_height', 'kernel_width'],
  ...['subsampling_height', 'subsampling_width', 'dilation_height', 'dilation_width'],
  ...['group_input_channels', 'group_output_channels', 'groups', 'adjustment_height', 'adjustment_width'],
);

/**
 * The union `XNodeUnion`, counted from 1. Of convolutions, language models use those of one channel each (LFM2, Qwen 3.5). Nodes
 * that they do not use (other convolutions, pooling, images) have only a name. A program with one is refused.
 */
export const nodeKinds: readonly (NodeKind | string)[] = [
  two('XNNAdd'),
  node('XNNFullyConnected', ['input1_id', 'filter_id', 'bias_id'], [], ['bias_id']),
  one('XNNSoftmax'),
  one('XNNSigmoid'),
  one('XNNStaticTranspose', [number('num_dims', 4), list('perm', 4)]),
  one('XNNClamp'),
  'XNNConv2d',
  two('XNNDiv'),
  'XNNStaticResizeBilinear2D',
  'XNNStaticConstantPad',
  'XNNAvgPooling2d',
  two('XNNMinimum'),
  node('XNNDepthwiseConv2d', ['input1_id', 'filter_id', 'bias_id'], convolution, ['bias_id']),
  'XNNMaxPooling2d',
  two('XNNMultiply'),
  two('XNNSubtract'),
  one('XNNFloor'),
  one('XNNConvert'),
  'XNNGlobalAvgPooling2d',
  one('XNNStaticReshape', [number('num_dims', 4), list('new_shape', 4)]),
  'XNNArgMaxPooling2d',
  one('XNNSquareRoot'),
  one('XNNCeiling'),
  one('XNNHardswish'),
  one('XNNLeakyReLU', [number('negative_slope', 4)]),
  two('XNNMaximum'),
  one('XNNNegate'),
  one('XNNSquare'),
  one('XNNELU', [number('alpha', 4)]),
  one('XNNAbs'),
  'XNNPReLU',
  concatenation(2),
  concatenation(3),
  concatenation(4),
  one('XNNStaticSlice', [number('num_dims', 4), list('offsets', 4), list('sizes', 4)]),
  'XNNScaledDotProductAttention',
  two('XNNBatchMatrixMultiply'),
  concatenation(5),
  'XNNConvTranspose2d',
  one('XNNReciprocalSquareRoot'),
  one('XNNLog'),
  one('XNNGelu'),
  one('XNNTanh'),
  one('XNNExp'),
  one('XNNSin'),
  one('XNNCopy'),
  one('XNNCos'),
];

/** Field numbers: `tensorValue.dims` is the number of `dims`. */
export const tensorValue = {
  type: 0,
  rank: 1,
  dims: 2,
  constant: 3,
  external: 4,
  flags: 5,
  id: 6,
  dynamic: 7,
} as const;

const tensorValueSchema: TableSchema = {
  name: 'XNNTensorValue',
  fields: [
    number('datatype', 2),
    number('num_dims', 4),
    maybeList('dims', 4),
    number('constant_buffer_idx', 4),
    number('external_id', 4),
    number('flags', 4),
    number('id_out', 4),
    number('dq_datatype', 2, 0),
  ],
};

/** The union `XNNQuantParams`, counted from 1. */
export const quantParams = { channel: 1, tensor: 2, token: 3, group: 4 } as const;

const quantised: TableSchema = {
  name: 'XNNQuantizedTensorValue',
  fields: [
    table('tensor_value', tensorValueSchema),
    union('quant_params', [
      {
        name: 'PerChannelQuant',
        fields: [
          maybeList('scale', 4),
          number('channel_dim', 4),
          number('scale_buffer_idx', 4),
          number('num_scales', 4),
        ],
      },
      { name: 'PerTensorQuant', fields: [number('scale', 4), number('zero_point', 4)] },
      { name: 'PerTokenDynamicQuant', fields: [number('num_nonbatch_dims', 4)] },
      {
        name: 'PerChannelGroupQuant',
        fields: [
          maybeList('scale', 4),
          number('channel_dim', 4),
          number('group_size', 4),
          unread('scale_bf16'),
          number('scale_buffer_idx', 4),
          number('num_scales', 4),
        ],
      },
    ]),
  ],
};

export const graphSchema: TableSchema = {
  name: 'XNNGraph',
  fields: [
    unread('version'),
    tables('xnodes', {
      name: 'XNode',
      fields: [
        union(
          'xnode_union',
          nodeKinds.map((kind) => (typeof kind === 'string' ? { name: kind, fields: [] } : kind.schema)),
        ),
        number('debug_handle', 4),
        maybeTable('output_min_max', {
          name: 'OutputMinMax',
          fields: [number('output_min', 4), number('output_max', 4)],
        }),
      ],
    }),
    tables('xvalues', {
      name: 'XValue',
      fields: [union('xvalue_union', [tensorValueSchema, quantised])],
    }),
    number('num_externs', 4),
    list('input_ids', 4),
    list('output_ids', 4),
    maybeTables('constant_buffer', { name: 'Buffer', fields: [list('storage', 1)] }),
    unread('mem_buffer_sizes'),
    maybeTables('constant_data', {
      name: 'ConstantDataOffset',
      fields: [number('offset', 8), number('size', 8), maybeText('named_key')],
    }),
  ],
};
