/**
 * What a `.ptd` holds: the FlatBuffer of upstream's `extension/flat_tensor/serialize/flat_tensor.fbs`. The weights
 * themselves lie in segments behind it and are not read.
 */
import { every, FlatBuffer, FlatBufferError, type FlatTable } from './flat-buffer.ts';
import type { Segment } from './program.ts';

export interface FlatTensorFacts {
  readonly version: number;
  readonly segments: readonly Segment[];
  /** Names of its tensors, by which programs ask for them. What a backend has packed for itself is none of them. */
  readonly keys: readonly string[];
}

const flatTensor = { version: 0, segments: 1, namedData: 2 } as const;
const segment = { offset: 0, size: 1 } as const;
const namedData = { key: 0, segment: 1, layout: 2 } as const;
const tensorLayout = { scalarType: 0, sizes: 1, dimOrder: 2 } as const;
/** Bytes of an element, by the numbers of upstream's `ScalarType`: integers, floating point numbers, bool. */
const elementBytes: Readonly<Record<number, bigint>> = {
  ...{ 0: 1n, 1: 1n, 2: 2n, 3: 4n, 4: 8n, 5: 2n, 6: 4n, 7: 8n },
  ...{ 11: 1n, 15: 2n, 27: 2n, 28: 4n, 29: 8n },
};

const most = { segments: 100_000, keys: 100_000 };

/**
 * @param flatBuffer the file up to the end of its FlatBuffer
 * @throws FlatBufferError
 */
export function readFlatTensor(flatBuffer: Uint8Array): FlatTensorFacts {
  const root = new FlatBuffer(flatBuffer).root();
  const segments = every(root.tables(flatTensor.segments), most.segments).map((table) => ({
    offset: table.u64(segment.offset),
    size: table.u64(segment.size),
  }));
  const keys = every(root.tables(flatTensor.namedData), most.keys).flatMap((table) => {
    const index = table.u32(namedData.segment);
    const data = segments[index];
    if (data === undefined) throw new FlatBufferError(`it names a segment ${index} that it does not have.`);
    if (!table.has(namedData.key)) throw new FlatBufferError('one of its weights has no name.');
    const key = table.string(namedData.key);
    const layout = table.table(namedData.layout);
    if (layout === undefined) return [];
    checkLayout(key, layout, data);
    return [key];
  });
  return { version: root.u32(flatTensor.version), segments, keys };
}

/**
 * The runtime takes a weight's shape as it is written: it follows what is missing, and ends the process over an element type
 * that it does not know.
 */
function checkLayout(key: string, layout: FlatTable, data: Segment): void {
  const bytes = elementBytes[layout.u8(tensorLayout.scalarType)];
  if (bytes === undefined) throw new FlatBufferError(`“${key}” has elements of an unknown type.`);
  if (!layout.has(tensorLayout.sizes) || !layout.has(tensorLayout.dimOrder)) {
    throw new FlatBufferError(`“${key}” has no shape.`);
  }
  const sizes = layout.i32Vector(tensorLayout.sizes);
  const order = layout.byteVector(tensorLayout.dimOrder);
  const isOrder = order.length === sizes.length && order.toSorted().every((dimension, index) => dimension === index);
  const whole = sizes.reduce((product, size) => product * BigInt(size), bytes);
  if (!isOrder || sizes.some((size) => size < 0) || whole !== data.size) {
    throw new FlatBufferError(`“${key}” has another shape than its ${data.size} bytes.`);
  }
}
