/** Writes GGUF files for tests: valid ones, and those that no converter would write. Format: `docs/gguf.md` in the ggml repository. */
import { writeFileSync } from 'node:fs';

/** A value of metadata: numbers are u32 (whole) or f32, bigints u64, lists have the type of their first element. */
export type TestValue =
  | number
  | bigint
  | boolean
  | string
  | readonly TestValue[]
  | { readonly i32s: readonly number[] }
  | { readonly f32s: readonly number[] };

export interface TestTensor {
  readonly name: string;
  /** GGUF's number. */
  readonly type: number;
  readonly dimensions: readonly (number | bigint)[];
  readonly data: Uint8Array;
}

export interface TestGguf {
  readonly version?: number;
  readonly alignment?: number;
  readonly metadata?: Readonly<Record<string, TestValue>>;
  readonly tensors?: readonly TestTensor[];
}

export function ggufBytes({ version = 3, alignment = 32, metadata = {}, tensors = [] }: TestGguf): Buffer {
  const entries = Object.entries(alignment === 32 ? metadata : { ...metadata, 'general.alignment': alignment });
  const head: Buffer[] = [Buffer.from('GGUF'), u32(version), u64(BigInt(tensors.length)), u64(BigInt(entries.length))];
  for (const [key, value] of entries) head.push(text(key), u32(typeOf(value)), bytesOf(value));
  let offset = 0;
  for (const { name, type, dimensions, data } of tensors) {
    head.push(text(name), u32(dimensions.length), ...dimensions.map((size) => u64(BigInt(size))), u32(type));
    head.push(u64(BigInt(offset)));
    offset = aligned(offset + data.length, alignment);
  }
  const start = Buffer.concat(head);
  const body = tensors.map(({ data }) => padded(data, alignment));
  return Buffer.concat([padded(start, alignment), ...body]);
}

export function writeGguf(path: string, gguf: TestGguf): void {
  writeFileSync(path, ggufBytes(gguf));
}

const types = { u32: 4, i32: 5, f32: 6, bool: 7, text: 8, list: 9, u64: 10 } as const;

function typeOf(value: TestValue): number {
  if (typeof value === 'number') return Number.isInteger(value) ? types.u32 : types.f32;
  if (typeof value === 'bigint') return types.u64;
  if (typeof value === 'boolean') return types.bool;
  return typeof value === 'string' ? types.text : types.list;
}

function bytesOf(value: TestValue): Buffer {
  if (typeof value === 'number') return Number.isInteger(value) ? u32(value) : f32(value);
  if (typeof value === 'bigint') return u64(value);
  if (typeof value === 'boolean') return Buffer.of(Number(value));
  if (typeof value === 'string') return text(value);
  if ('i32s' in value) return Buffer.concat([u32(types.i32), u64(BigInt(value.i32s.length)), ...value.i32s.map(i32)]);
  if ('f32s' in value) return Buffer.concat([u32(types.f32), u64(BigInt(value.f32s.length)), ...value.f32s.map(f32)]);
  return Buffer.concat([u32(typeOf(value[0] ?? 0)), u64(BigInt(value.length)), ...value.map(bytesOf)]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
function i32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
function f32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}
function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}
function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(BigInt(bytes.length)), bytes]);
}
function aligned(size: number, alignment: number): number {
  return Math.ceil(size / alignment) * alignment;
}
function padded(bytes: Uint8Array, alignment: number): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(aligned(bytes.length, alignment) - bytes.length)]);
}
