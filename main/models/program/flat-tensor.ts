/**
 * Reads the FlatBuffer of a `.ptd` by upstream's `extension/flat_tensor/serialize/flat_tensor.fbs`. The weights are in segments
 * after it and are not read.
 */
import { elementBytes, elementsOf } from './dtypes.ts';
import { every, FlatBuffer, FlatBufferError, type FlatTable } from './flat-buffer.ts';
import type { Segment } from './program.ts';
import { flatTensorSchema } from './schema/flat-tensor-fbs.ts';
import { requireComplete } from './schema/schema.ts';

export interface FlatTensorFacts {
  readonly version: number;
  readonly segments: readonly Segment[];
  /** Names of its tensors, by which programs request them. Data that a backend has packed is not included. */
  readonly keys: readonly string[];
  /** Bytes of all its data by name: tensors, and data that backends have packed. */
  readonly bytes: ReadonlyMap<string, bigint>;
}

const flatTensor = { version: 0, segments: 1, namedData: 2 } as const;
const segment = { offset: 0, size: 1 } as const;
const namedData = { key: 0, segment: 1, layout: 2 } as const;
const tensorLayout = { scalarType: 0, sizes: 1, dimOrder: 2 } as const;
const most = { segments: 100_000, keys: 100_000 };

/**
 * @param flatBuffer the file up to the end of its FlatBuffer
 * @throws FlatBufferError
 */
export function readFlatTensor(flatBuffer: Uint8Array): FlatTensorFacts {
  const root = new FlatBuffer(flatBuffer).root();
  requireComplete(root, flatTensorSchema);
  const segments = every(root.tables(flatTensor.segments), most.segments).map((table) => ({
    offset: table.u64(segment.offset),
    size: table.u64(segment.size),
  }));
  const keys: string[] = [];
  const bytes = new Map<string, bigint>();
  for (const table of every(root.tables(flatTensor.namedData), most.keys)) {
    const index = table.u32(namedData.segment);
    const data = segments[index];
    if (data === undefined) throw new FlatBufferError(`it names a segment ${index} that it does not have.`);
    const key = table.string(namedData.key);
    if (key === '') throw new FlatBufferError('one of its “NamedData” has an empty “key”.');
    if (bytes.has(key)) throw new FlatBufferError(`it has two entries “${key}”.`);
    bytes.set(key, data.size);
    const layout = table.table(namedData.layout);
    if (layout === undefined) continue;
    checkLayout(key, layout, data);
    keys.push(key);
  }
  return { version: root.u32(flatTensor.version), segments, keys, bytes };
}

/** The runtime does not check a weight's shape, and it ends the process at an unknown element type. */
function checkLayout(key: string, layout: FlatTable, data: Segment): void {
  const element = elementBytes(layout.u8(tensorLayout.scalarType));
  if (element === undefined) throw new FlatBufferError(`“${key}” has elements of an unknown type.`);
  const sizes = layout.i32Vector(tensorLayout.sizes);
  const order = layout.byteVector(tensorLayout.dimOrder);
  const isOrder = order.length === sizes.length && order.toSorted().every((dimension, index) => dimension === index);
  if (!isOrder || sizes.some((size) => size < 0) || elementsOf(sizes) * element !== data.size) {
    throw new FlatBufferError(`“${key}” has another shape than its ${data.size} bytes.`);
  }
}
