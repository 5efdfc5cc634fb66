/**
 * Upstream's `extension/flat_tensor/serialize/flat_tensor.fbs` (ExecuTorch 1.5.0). A field is needed if `FlatTensorDataMap`
 * reads it without a check.
 */
import { list, maybeTable, number, tables, text, type TableSchema } from './schema.ts';

export const flatTensorSchema: TableSchema = {
  name: 'FlatTensor',
  fields: [
    number('version', 4),
    tables('segments', { name: 'DataSegment', fields: [number('offset', 8), number('size', 8)] }),
    tables('named_data', {
      name: 'NamedData',
      fields: [
        text('key'),
        number('segment_index', 4),
        maybeTable('tensor_layout', {
          name: 'TensorLayout',
          fields: [number('scalar_type', 1), list('sizes', 4), list('dim_order', 1)],
        }),
      ],
    }),
  ],
};
