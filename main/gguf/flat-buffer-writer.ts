/** Writes tables and vectors of FlatBuffers by field numbers, without generated code. */
import type { Builder } from 'flatbuffers';

/** A place in the buffer; 0 is absent. */
export type Offset = number;

/** A table whose fields are all offsets. */
export function table(builder: Builder, fields: number, offsets: Readonly<Record<number, Offset>>): Offset {
  builder.startObject(fields);
  for (const [field, offset] of Object.entries(offsets)) builder.addFieldOffset(Number(field), offset, 0);
  return builder.endObject();
}

export function tables(builder: Builder, items: readonly Offset[]): Offset {
  builder.startVector(4, items.length, 4);
  for (const item of items.toReversed()) builder.addOffset(item);
  return builder.endVector();
}

/** A vector of integers of `bytes` bytes each. */
export function numbers(builder: Builder, items: readonly number[], bytes: 1 | 4 | 8): Offset {
  builder.startVector(bytes, items.length, bytes);
  for (const item of items.toReversed()) {
    if (bytes === 1) builder.addInt8(item);
    else if (bytes === 4) builder.addInt32(item);
    else builder.addInt64(BigInt(item));
  }
  return builder.endVector();
}

export function finished(builder: Builder, root: Offset, identifier: string): Uint8Array {
  builder.finish(root, identifier);
  return builder.asUint8Array();
}
