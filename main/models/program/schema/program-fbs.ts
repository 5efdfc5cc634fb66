/**
 * Upstream's `schema/program.fbs` (ExecuTorch 1.5.0). A field is needed if `runtime/executor` reads it without a check: in
 * `Method`, `MethodMeta`, `Program`, the tensor parser, or the backends, which get the compile specs unchanged.
 */
import {
  list,
  maybeList,
  maybeTable,
  maybeTables,
  maybeText,
  number,
  table,
  tables,
  text,
  union,
  unread,
  type TableSchema,
} from './schema.ts';

/** The CPU. The runtime has no memory for other devices. */
const cpu = 0;

const allocationDetails: TableSchema = {
  name: 'AllocationDetails',
  fields: [number('memory_id', 4), number('memory_offset_low', 4), number('memory_offset_high', 4)],
};

const extraTensorInfo: TableSchema = {
  name: 'ExtraTensorInfo',
  fields: [
    number('mutable_data_segments_idx', 8, 0),
    maybeText('fully_qualified_name'),
    number('location', 1, 1),
    number('device_type', 1, cpu),
    number('device_index', 1, 0),
  ],
};

const tensorSchema: TableSchema = {
  name: 'Tensor',
  fields: [
    number('scalar_type', 1),
    number('storage_offset', 4, 0),
    list('sizes', 4),
    list('dim_order', 1),
    unread('requires_grad'),
    number('data_buffer_idx', 4),
    maybeTable('allocation_info', allocationDetails),
    unread('layout'),
    number('shape_dynamism', 1, 1),
    maybeTable('extra_tensor_info', extraTensorInfo),
  ],
};

const items = (name: string, bytes: 1 | 4 | 8): TableSchema => ({ name, fields: [list('items', bytes)] });

const eValue: TableSchema = {
  name: 'EValue',
  fields: [
    union('val', [
      { name: 'Null', fields: [] },
      { name: 'Int', fields: [number('int_val', 8)] },
      { name: 'Bool', fields: [number('bool_val', 1)] },
      { name: 'Double', fields: [number('double_val', 8)] },
      tensorSchema,
      { name: 'String', fields: [text('string_val')] },
      items('IntList', 8),
      items('DoubleList', 8),
      items('BoolList', 1),
      items('TensorList', 4),
      items('OptionalTensorList', 4),
    ]),
  ],
};

const instruction: TableSchema = {
  name: 'Instruction',
  fields: [
    union('instr_args', [
      { name: 'KernelCall', fields: [number('op_index', 4), list('args', 4)] },
      { name: 'DelegateCall', fields: [number('delegate_index', 4), list('args', 4)] },
      { name: 'MoveCall', fields: [number('move_from', 4), number('move_to', 4)] },
      { name: 'JumpFalseCall', fields: [number('cond_value_index', 4), number('destination_instruction', 4)] },
      { name: 'FreeCall', fields: [number('value_index', 4)] },
    ]),
  ],
};

const chain: TableSchema = {
  name: 'Chain',
  fields: [list('inputs', 4), list('outputs', 4), tables('instructions', instruction), unread('stacktrace')],
};

const delegate: TableSchema = {
  name: 'BackendDelegate',
  fields: [
    text('id'),
    table('processed', {
      name: 'BackendDelegateDataReference',
      fields: [number('location', 1, 1), number('index', 4)],
    }),
    tables('compile_specs', { name: 'CompileSpec', fields: [text('key'), list('value', 1)] }),
  ],
};

const executionPlan: TableSchema = {
  name: 'ExecutionPlan',
  fields: [
    text('name'),
    unread('container_meta_type'),
    tables('values', eValue),
    list('inputs', 4),
    list('outputs', 4),
    tables('chains', chain),
    // The runtime prints the overload of an operator that fails.
    tables('operators', { name: 'Operator', fields: [text('name'), text('overload')] }),
    tables('delegates', delegate),
    list('non_const_buffer_sizes', 8),
    maybeTables('non_const_buffer_device', {
      name: 'NonConstBufferDevice',
      fields: [number('buffer_idx', 4), number('device_type', 1, cpu), number('device_index', 1, 0)],
    }),
  ],
};

const subsegmentOffsets: TableSchema = {
  name: 'SubsegmentOffsets',
  fields: [number('segment_index', 4), list('offsets', 8)],
};

export const programSchema: TableSchema = {
  name: 'Program',
  fields: [
    number('version', 4),
    tables('execution_plan', executionPlan),
    maybeTables('constant_buffer', { name: 'Buffer', fields: [maybeList('storage', 1)] }),
    maybeTables('backend_delegate_data', { name: 'BackendDelegateInlineData', fields: [list('data', 1)] }),
    maybeTables('segments', { name: 'DataSegment', fields: [number('offset', 8), number('size', 8)] }),
    maybeTable('constant_segment', subsegmentOffsets),
    maybeTables('mutable_data_segments', subsegmentOffsets),
    maybeTables('named_data', { name: 'NamedData', fields: [text('key'), number('segment_index', 4)] }),
  ],
};
