/** A GGUF file's metadata: values by key, with the type that a reader asks for. */
import { GgufFault, type Cursor } from './cursor.ts';

export type Value = number | bigint | boolean | string | readonly Value[];

const most = { text: 16 * 2 ** 20, elements: 4_000_000, depth: 4, key: 65_535 };
/** Bytes of all texts and arrays that are kept. Vocabularies of a quarter million tokens take about 10 MB. */
const mostKept = 256 * 2 ** 20;

/** `gguf_metadata_value_type`: least bytes of a value, and its reader. */
const scalars: readonly (readonly [bytes: number, read: (cursor: Cursor) => Value] | undefined)[] = [
  [1, (cursor) => cursor.u8()],
  [1, (cursor) => cursor.i8()],
  [2, (cursor) => cursor.u16()],
  [2, (cursor) => cursor.i16()],
  [4, (cursor) => cursor.u32()],
  [4, (cursor) => cursor.i32()],
  [4, (cursor) => cursor.f32()],
  [1, (cursor) => cursor.u8() !== 0],
  [8, (cursor) => cursor.text('a text', most.text)],
  undefined,
  [8, (cursor) => plain(cursor.u64())],
  [8, (cursor) => plain(cursor.i64())],
  [8, (cursor) => cursor.f64()],
];
const arrayType = 9;

/** Reads the values of one file's header. */
export class MetadataReader {
  readonly #cursor: Cursor;
  #kept = 0;

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  entry(): readonly [string, Value] {
    const key = this.#cursor.text('a key', most.key);
    this.#keep(key.length);
    return [key, this.#value(this.#cursor.u32(), 0)];
  }

  #value(type: number, depth: number): Value {
    if (type === arrayType) return this.#array(depth);
    const scalar = scalars[type];
    if (scalar === undefined) throw new GgufFault(`its metadata has a value of unknown type ${type}.`);
    const value = scalar[1](this.#cursor);
    // An engine keeps a text in one or two bytes a character, and an entry of a list in eight.
    this.#keep(8 + (typeof value === 'string' ? 2 * value.length : 0));
    return value;
  }

  #array(depth: number): readonly Value[] {
    if (depth >= most.depth) throw new GgufFault('its metadata has arrays in arrays, too deep to be real.');
    const type = this.#cursor.u32();
    const least = type === arrayType ? 12 : scalars[type]?.[0];
    if (least === undefined) throw new GgufFault(`its metadata has an array of unknown type ${type}.`);
    const count = this.#cursor.count('values of an array', most.elements, least);
    const values: Value[] = [];
    for (let i = 0; i < count; i++) values.push(this.#value(type, depth + 1));
    return values;
  }

  #keep(bytes: number): void {
    this.#kept += bytes;
    if (this.#kept > mostKept) throw new GgufFault('its metadata is larger than that of any model.');
  }
}

/** A number if it is exact as one. */
function plain(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Values by key. A value of another type than the one asked for is a fault of the file. */
export class Metadata {
  readonly #values: ReadonlyMap<string, Value>;

  constructor(values: ReadonlyMap<string, Value>) {
    this.#values = values;
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  text(key: string): string | undefined {
    return this.#of(key, 'a text', (value) => typeof value === 'string');
  }

  flag(key: string): boolean | undefined {
    return this.#of(key, 'true or false', (value) => typeof value === 'boolean');
  }

  /** A finite number. */
  number(key: string): number | undefined {
    return this.#of(key, 'a number', (value): value is number => typeof value === 'number' && Number.isFinite(value));
  }

  /** A whole number within bounds, both included. */
  integer(key: string, least: number, greatest: number): number | undefined {
    const isIn = (value: Value): value is number =>
      typeof value === 'number' && Number.isInteger(value) && value >= least && value <= greatest;
    return this.#of(key, `a whole number from ${least} to ${greatest}`, isIn);
  }

  texts(key: string): readonly string[] | undefined {
    const isTexts = (value: Value): value is readonly string[] =>
      typeof value === 'object' && value.every((one) => typeof one === 'string');
    return this.#of(key, 'a list of texts', isTexts);
  }

  numbers(key: string): readonly number[] | undefined {
    const isNumbers = (value: Value): value is readonly number[] =>
      typeof value === 'object' && value.every((one) => typeof one === 'number');
    return this.#of(key, 'a list of numbers', isNumbers);
  }

  /** Whether the value is a list, for keys that may have one number or one for each layer. */
  isList(key: string): boolean {
    return typeof this.#values.get(key) === 'object';
  }

  #of<T extends Value>(key: string, wanted: string, is: (value: Value) => value is T): T | undefined {
    const value = this.#values.get(key);
    if (value === undefined || is(value)) return value;
    throw new GgufFault(`its “${key}” is not ${wanted}.`);
  }
}

/** @throws GgufFault if the value is absent */
export function required<T>(key: string, value: T | undefined): T {
  if (value === undefined) throw new GgufFault(`it has no “${key}”.`);
  return value;
}
