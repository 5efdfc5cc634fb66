/**
 * Writes FlatTensor files (`.ptd`): named tensors for a program. Format: ExecuTorch's
 * `extension/flat_tensor/serialize/flat_tensor.fbs` with the extended header of `serialize.py` beside it. A FlatBuffer lists
 * names, layouts and segments; the segments follow it.
 */
import { Builder } from 'flatbuffers';
import { finished, numbers, table, tables } from './flat-buffer-writer.ts';
import { dtypes, type Dtype } from './program-file.ts';

export interface PtdEntry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly sizes: readonly number[];
}

export interface PtdLayout {
  /** Everything before the first segment. */
  readonly head: Uint8Array;
  /** Each entry's place in the file, and its bytes. */
  readonly places: readonly { readonly offset: number; readonly bytes: number }[];
  readonly bytes: number;
}

/** Bytes of the extended header, padded so that the FlatBuffer after it stays aligned. */
const room = 48;
const headerBytes = 40;
/** Alignment of each segment, so that a mapped file works in place. */
const alignment = 128;

const aligned = (bytes: number): number => Math.ceil(bytes / alignment) * alignment;

/** Places the entries in their order. The same entries give the same file. */
export function layOutPtd(entries: readonly PtdEntry[]): PtdLayout {
  let end = 0;
  const segments = entries.map(({ dtype, sizes }) => {
    const offset = aligned(end);
    const bytes = sizes.reduce((product, size) => product * size, dtypes[dtype].bytes);
    end = offset + bytes;
    return { offset, bytes };
  });
  const flat = flatBuffer(entries, segments);
  const base = aligned(room + flat.length);
  const head = Buffer.alloc(base);
  // The FlatBuffer's root offset and identifier come first, then the extended header, then the rest of the FlatBuffer.
  head.writeUInt32LE(Buffer.from(flat.buffer, flat.byteOffset).readUInt32LE(0) + room, 0);
  head.set(flat.subarray(4, 8), 4);
  head.write('FH01', 8, 'latin1');
  head.writeUInt32LE(headerBytes, 12);
  [room, flat.length, base, end].forEach((value, index) => head.writeBigUInt64LE(BigInt(value), 16 + 8 * index));
  head.set(flat.subarray(8), 8 + room);
  return {
    head,
    places: segments.map(({ offset, bytes }) => ({ offset: base + offset, bytes })),
    bytes: base + end,
  };
}

interface Segment {
  readonly offset: number;
  readonly bytes: number;
}

function flatBuffer(entries: readonly PtdEntry[], segments: readonly Segment[]): Uint8Array {
  const builder = new Builder(1 << 16);
  const named = entries.map((entry, index) => namedData(builder, entry, index));
  const parts = segments.map(({ offset, bytes }) => {
    builder.startObject(2);
    builder.addFieldInt64(0, BigInt(offset), 0n);
    builder.addFieldInt64(1, BigInt(bytes), 0n);
    return builder.endObject();
  });
  const partsVector = tables(builder, parts);
  const namedVector = tables(builder, named);
  return finished(builder, table(builder, 3, { 1: partsVector, 2: namedVector }), 'FT01');
}

function namedData(builder: Builder, { name, dtype, sizes }: PtdEntry, segment: number): number {
  const key = builder.createString(name);
  const sizesVector = numbers(builder, sizes, 4);
  const order = numbers(builder, [...sizes.keys()], 1);
  builder.startObject(3);
  builder.addFieldInt8(0, dtypes[dtype].number, 0);
  builder.addFieldOffset(1, sizesVector, 0);
  builder.addFieldOffset(2, order, 0);
  const layout = builder.endObject();
  builder.startObject(3);
  builder.addFieldOffset(0, key, 0);
  builder.addFieldInt32(1, segment, 0);
  builder.addFieldOffset(2, layout, 0);
  return builder.endObject();
}
