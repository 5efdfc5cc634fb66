/**
 * What a `.ptd` holds: the FlatBuffer of upstream's `extension/flat_tensor/serialize/flat_tensor.fbs`. The weights
 * themselves lie in segments behind it and are not read.
 */
import { every, FlatBuffer, FlatBufferError } from './flat-buffer.ts';
import type { Segment } from './program.ts';

export interface FlatTensorFacts {
  readonly version: number;
  readonly segments: readonly Segment[];
  /** Names of its pieces, by which programs ask for them. */
  readonly keys: readonly string[];
}

const flatTensor = { version: 0, segments: 1, namedData: 2 } as const;
const segment = { offset: 0, size: 1 } as const;
const namedData = { key: 0, segment: 1 } as const;

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
  const keys = every(root.tables(flatTensor.namedData), most.keys).map((table) => {
    const index = table.u32(namedData.segment);
    if (index >= segments.length) throw new FlatBufferError(`it names a segment ${index} that it does not have.`);
    return table.string(namedData.key);
  });
  return { version: root.u32(flatTensor.version), segments, keys };
}
