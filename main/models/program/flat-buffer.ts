/**
 * Reads FlatBuffers that others wrote. Every read is checked against the end of the bytes. The `flatbuffers` package has no
 * verifier in JavaScript and reads zeros beyond the end, so damaged files would look valid.
 *
 * Format (little-endian): a table starts with an i32, the distance back to its vtable. A vtable has the u16 lengths of itself
 * and of the table, then a u16 for each field: the distance of its value from the table's start, or 0 if it is absent. Vectors
 * and strings have a u32 count and their elements. References are u32 distances forward.
 */

/** Thrown for an inconsistent FlatBuffer. The message is the end of a sentence about the file. */
export class FlatBufferError extends Error {}
/** A valid part of a file that no language model has. */
export class ForeignPart extends FlatBufferError {}

/**
 * Many references may lead to one part, so a small file could describe an enormous list. Reading costs a unit for each table,
 * for each element and for every {@link bytesAUnit} bytes of text. A program of SmolLM2-135M takes about 2,500.
 */
const mostWork = 500_000;
const bytesAUnit = 32;
/** No vector of a language model's program is longer. */
const mostElements = 1_000_000;
const longestString = 65_536;
const vtableHead = 4;

export class FlatBuffer {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #work = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** @throws FlatBufferError */
  root(): FlatTable {
    return new FlatTable(this, this.follow(0));
  }

  u8(at: number): number {
    return this.#view.getUint8(this.#within(at, 1));
  }

  u16(at: number): number {
    return this.#view.getUint16(this.#within(at, 2), true);
  }

  u32(at: number): number {
    return this.#view.getUint32(this.#within(at, 4), true);
  }

  i32(at: number): number {
    return this.#view.getInt32(this.#within(at, 4), true);
  }

  u64(at: number): bigint {
    return this.#view.getBigUint64(this.#within(at, 8), true);
  }

  bytes(at: number, length: number): Uint8Array {
    this.#within(at, length);
    return this.#bytes.subarray(at, at + length);
  }

  /** Returns the target of the reference at `at`. It must be further on in the bytes. */
  follow(at: number): number {
    const distance = this.u32(at);
    if (distance === 0) throw new FlatBufferError('one of its parts points at itself.');
    return this.#within(at + distance, 4);
  }

  /** Requires the whole vector at `at` to be within the bytes, without reading its elements. */
  requireVector(at: number, size: number): void {
    this.#within(at + 4, this.u32(at) * size);
  }

  /** Returns the number of elements of the vector at `at`. Each has `size` bytes. */
  count(at: number, size: number): number {
    const count = this.u32(at);
    if (count > mostElements) throw new FlatBufferError(`it has a list of ${count} entries.`);
    this.#within(at + 4, count * size);
    return count;
  }

  /** Counts the units of reading. @throws FlatBufferError above the limit */
  spend(units: number): void {
    this.#work += units;
    if (this.#work > mostWork) throw new FlatBufferError('its parts are too many to read.');
  }

  #within(at: number, length: number): number {
    if (!(at >= 0 && length >= 0 && at + length <= this.#bytes.length)) {
      throw new FlatBufferError('its parts point outside of it.');
    }
    return at;
  }
}

/** One table. A field is identified by its number in the schema, counted from 0. A union takes two numbers. */
export class FlatTable {
  readonly #buffer: FlatBuffer;
  readonly #at: number;
  readonly #vtable: number;
  readonly #vtableLength: number;

  constructor(buffer: FlatBuffer, at: number) {
    buffer.spend(1);
    this.#buffer = buffer;
    this.#at = at;
    this.#vtable = at - buffer.i32(at);
    this.#vtableLength = buffer.u16(this.#vtable);
  }

  /** Start of the table. */
  get place(): number {
    return this.#at;
  }

  /** Returns the place of a field's value; undefined if it is absent. */
  placeOf(field: number): number | undefined {
    return this.#field(field);
  }

  has(field: number): boolean {
    return this.#field(field) !== undefined;
  }

  /** Requires a list of elements of `size` bytes to be within the bytes, if it is present. @throws FlatBufferError */
  requireVector(field: number, size: number): void {
    const at = this.#field(field);
    if (at !== undefined) this.#buffer.requireVector(this.#buffer.follow(at), size);
  }

  u8(field: number, absent = 0): number {
    const at = this.#field(field);
    return at === undefined ? absent : this.#buffer.u8(at);
  }

  bool(field: number): boolean {
    return this.u8(field) !== 0;
  }

  u32(field: number, absent = 0): number {
    const at = this.#field(field);
    return at === undefined ? absent : this.#buffer.u32(at);
  }

  i32(field: number, absent = 0): number {
    const at = this.#field(field);
    return at === undefined ? absent : this.#buffer.i32(at);
  }

  /** Reads an unsigned number of `bytes`; 0 if it is absent. */
  number(field: number, bytes: 1 | 2 | 4 | 8): number | bigint {
    const at = this.#field(field);
    if (at === undefined) return 0;
    if (bytes === 1) return this.#buffer.u8(at);
    if (bytes === 2) return this.#buffer.u16(at);
    return bytes === 4 ? this.#buffer.u32(at) : this.#buffer.u64(at);
  }

  u16(field: number): number {
    const at = this.#field(field);
    return at === undefined ? 0 : this.#buffer.u16(at);
  }

  u64(field: number): bigint {
    const at = this.#field(field);
    return at === undefined ? 0n : this.#buffer.u64(at);
  }

  table(field: number): FlatTable | undefined {
    const at = this.#field(field);
    return at === undefined ? undefined : new FlatTable(this.#buffer, this.#buffer.follow(at));
  }

  /** Returns an empty text if it is absent. Invalid UTF-8 becomes replacement characters. */
  string(field: number): string {
    const bytes = this.byteVector(field);
    if (bytes.length > longestString) throw new FlatBufferError(`it has a name of ${bytes.length} bytes.`);
    this.#buffer.spend(bytes.length / bytesAUnit);
    return new TextDecoder().decode(bytes);
  }

  /** Returns the number of entries of a list; 0 if it is absent. */
  length(field: number): number {
    const at = this.#field(field);
    return at === undefined ? 0 : this.#buffer.u32(this.#buffer.follow(at));
  }

  byteVector(field: number): Uint8Array {
    const at = this.#field(field);
    if (at === undefined) return new Uint8Array();
    const vector = this.#buffer.follow(at);
    const length = this.#buffer.u32(vector);
    return this.#buffer.bytes(vector + 4, length);
  }

  i32Vector(field: number): readonly number[] {
    return this.#vector(field, 4, (at) => this.#buffer.i32(at));
  }

  u32Vector(field: number): readonly number[] {
    return this.#vector(field, 4, (at) => this.#buffer.u32(at));
  }

  i64Vector(field: number): readonly bigint[] {
    return this.u64Vector(field).map((element) => BigInt.asIntN(64, element));
  }

  u64Vector(field: number): readonly bigint[] {
    return this.#vector(field, 8, (at) => this.#buffer.u64(at));
  }

  /** The tables of a vector, read on demand. */
  tables(field: number): FlatTables {
    const at = this.#field(field);
    if (at === undefined) return { length: 0, at: () => undefined };
    const vector = this.#buffer.follow(at);
    const length = this.#buffer.count(vector, 4);
    return {
      length,
      at: (index) =>
        index >= 0 && index < length
          ? new FlatTable(this.#buffer, this.#buffer.follow(vector + 4 + 4 * index))
          : undefined,
    };
  }

  #vector<T>(field: number, size: number, read: (at: number) => T): readonly T[] {
    const at = this.#field(field);
    if (at === undefined) return [];
    const vector = this.#buffer.follow(at);
    const length = this.#buffer.count(vector, size);
    this.#buffer.spend(length);
    return Array.from({ length }, (_, index) => read(vector + 4 + size * index));
  }

  #field(field: number): number | undefined {
    const entry = vtableHead + 2 * field;
    if (entry + 2 > this.#vtableLength) return undefined;
    const distance = this.#buffer.u16(this.#vtable + entry);
    return distance === 0 ? undefined : this.#at + distance;
  }
}

export interface FlatTables {
  readonly length: number;
  /** Returns undefined beyond the end. @throws FlatBufferError */
  at(index: number): FlatTable | undefined;
}

/** Returns all tables. @throws FlatBufferError if there are more than `most` */
export function every(tables: FlatTables, most: number): readonly FlatTable[] {
  if (tables.length > most) throw new FlatBufferError(`it has a list of ${tables.length} entries.`);
  return Array.from({ length: tables.length }, (_, index) => tables.at(index)).filter((table) => table !== undefined);
}
