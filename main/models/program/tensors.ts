/**
 * Finds the memory of each tensor of a program and checks its size. The runtime only assigns an address and reads as many bytes
 * as the shape needs.
 */
import { elementBytes, elementsOf } from './dtypes.ts';
import { FlatBufferError, type FlatTable } from './flat-buffer.ts';

/** Field numbers of `Tensor` and of the tables that it refers to. */
export const tensor = { dtype: 0, sizes: 2, order: 3, buffer: 5, allocation: 6, dynamism: 8, extra: 9 } as const;
export const extra = { name: 1, location: 2 } as const;
const allocation = { memory: 0, low: 1, high: 2 } as const;
export const externalLocation = 1;

/**
 * `outside`: bytes that the engine allocates for an input or output. Masks and caches of a long context take some hundred
 * megabytes.
 */
const most = { rank: 16, bytes: 2n ** 48n, outside: 2n ** 32n };

/** Data of many tensors in one segment. */
export interface Region {
  readonly offsets: readonly bigint[];
  readonly bytes: bigint;
}

/** The memory that tensors of a method may name. */
export interface Memory {
  /** Constant data, `Program.constant_segment`. */
  readonly constants: Region | undefined;
  /** Initial values of mutable tensors, the first of `Program.mutable_data_segments`. */
  readonly initial: Region | undefined;
  /** Bytes of each buffer that the runtime allocates, `ExecutionPlan.non_const_buffer_sizes`. */
  readonly planned: readonly bigint[];
}

function fail(index: number, what: string): never {
  throw new FlatBufferError(`its tensor ${index} ${what}.`);
}

/** A tensor's memory before the first step: none, read-only data of the file, or its own. */
export type Home = 'nowhere' | 'file' | 'own';

/** @throws FlatBufferError */
export function checkTensor(table: FlatTable, index: number, memory: Memory): Home {
  const bytes = bytesOf(table, index);
  const buffer = table.u32(tensor.buffer);
  const place = table.table(tensor.allocation);
  if (place !== undefined) requirePlanned(place, index, bytes, memory.planned);
  const more = table.table(tensor.extra);
  if (more?.u8(extra.location) === externalLocation) {
    if (more.string(extra.name) === '') fail(index, 'lies in another file and has no “fully_qualified_name”');
    return place === undefined ? 'file' : 'own';
  }
  if (buffer !== 0) {
    const [region, field] =
      place === undefined ? [memory.constants, 'constant_segment'] : [memory.initial, 'mutable_data_segments'];
    requireWithin(region, buffer, bytes, () => fail(index, `has a “data_buffer_idx” of ${buffer}, beyond “${field}”`));
    return place === undefined ? 'file' : 'own';
  }
  if (place !== undefined || bytes === 0n) return 'own';
  if (bytes > most.outside) fail(index, 'is too large');
  return 'nowhere';
}

function bytesOf(table: FlatTable, index: number): bigint {
  const sizes = table.i32Vector(tensor.sizes);
  const order = table.byteVector(tensor.order);
  const element = elementBytes(table.u8(tensor.dtype));
  if (element === undefined) fail(index, `has a “scalar_type” of ${table.u8(tensor.dtype)}, which nothing knows`);
  if (sizes.length > most.rank) fail(index, `has ${sizes.length} dimensions`);
  if (sizes.some((size) => size < 0)) fail(index, 'has a size below zero');
  const isOrder = order.length === sizes.length && order.toSorted().every((dimension, at) => dimension === at);
  if (!isOrder) fail(index, 'has a “dim_order” that is no order of its dimensions');
  // A size of zero hides an overflow in the product of the other sizes, which the runtime computes too.
  const bytes = elementsOf(sizes.filter((size) => size > 0)) * element;
  if (bytes > most.bytes) fail(index, 'is too large');
  return sizes.includes(0) ? 0n : bytes;
}

function requirePlanned(place: FlatTable, index: number, bytes: bigint, planned: readonly bigint[]): void {
  const id = place.u32(allocation.memory);
  // Buffers are counted from 1; the first entry stands for memory outside of the program.
  const size = id === 0 ? undefined : planned[id];
  if (size === undefined) fail(index, `has a “memory_id” of ${id}, which its method does not have`);
  const offset = BigInt(place.u32(allocation.low)) + (BigInt(place.u32(allocation.high)) << 32n);
  if (offset + bytes > size) fail(index, `lies outside of its buffer: ${offset + bytes} of ${size} bytes`);
}

function requireWithin(region: Region | undefined, buffer: number, bytes: bigint, refuse: () => never): void {
  const offset = region?.offsets[buffer];
  if (region === undefined || offset === undefined || offset + bytes > region.bytes) refuse();
}
