/**
 * Reads the header of one GGUF file, version 2 or 3: metadata, and the places of its tensors. Format: `docs/gguf.md` in the
 * ggml repository. The tensors themselves stay on the disk.
 */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { blockType, blockTypeName, type BlockType } from './block-types.ts';
import { Cursor, GgufFault } from './cursor.ts';
import { MetadataReader, Metadata, type Value } from './metadata.ts';

interface TensorPlace {
  readonly path: string;
  /** Bytes from the start of the file. */
  readonly offset: number;
}

/** A tensor of `rows` rows of `width` elements; further dimensions count as rows. */
export interface TensorInfo {
  readonly name: string;
  readonly type: BlockType;
  readonly dimensions: readonly number[];
  readonly width: number;
  readonly rows: number;
  readonly rowBytes: number;
  readonly place: TensorPlace;
}

export interface Header {
  readonly version: number;
  readonly metadata: Metadata;
  readonly tensors: readonly TensorInfo[];
}

const most = { entries: 65_536, tensors: 65_536, name: 512, dimensions: 4, alignment: 2 ** 20 };
/** Least bytes of an entry of the metadata (key length, type, value) and of a tensor (name length, rank, type, offset). */
const least = { entry: 13, tensor: 24 };

export const magicNumber = Buffer.from('GGUF', 'latin1').readUInt32LE();

/** Reads the header of an ordinary file. @throws GgufFault, or an Error of the file system */
export function readHeader(path: string): Header {
  const file = openSync(path, 'r');
  try {
    const stat = fstatSync(file);
    const cursor = new Cursor(file, stat.size);
    const version = readVersion(cursor);
    const tensorCount = cursor.count('tensors', most.tensors, least.tensor);
    const entryCount = cursor.count('entries of metadata', most.entries, least.entry);
    const metadata = readMetadata(cursor, entryCount);
    const tensors = readTensors(cursor, tensorCount);
    return { version, metadata, tensors: place(tensors, metadata, { path, from: cursor.position, size: stat.size }) };
  } finally {
    closeSync(file);
  }
}

function readVersion(cursor: Cursor): number {
  if (cursor.remaining < 24) throw new GgufFault('it is shorter than the header of a GGUF file.', 'cut-short');
  if (cursor.u32() !== magicNumber) throw new GgufFault('it does not begin with “GGUF”.');
  const version = cursor.u32();
  if (version === 2 || version === 3) return version;
  if (version > 0xffff) throw new GgufFault('its numbers are big-endian.', 'unsupported');
  throw new GgufFault(`it is GGUF of version ${version}, not 2 or 3.`, 'unsupported');
}

function readMetadata(cursor: Cursor, count: number): Metadata {
  const reader = new MetadataReader(cursor);
  const values = new Map<string, Value>();
  for (let i = 0; i < count; i++) {
    const [key, value] = reader.entry();
    if (values.has(key)) throw new GgufFault(`it has two entries “${key}”.`);
    values.set(key, value);
  }
  return new Metadata(values);
}

interface Described {
  readonly name: string;
  readonly dimensions: readonly number[];
  readonly typeNumber: number;
  readonly offset: bigint;
}

function readTensors(cursor: Cursor, count: number): readonly Described[] {
  const tensors: Described[] = [];
  const names = new Set<string>();
  for (let i = 0; i < count; i++) {
    const name = cursor.text('a tensor’s name', most.name);
    if (names.has(name)) throw new GgufFault(`it has two tensors “${name}”.`);
    names.add(name);
    const rank = cursor.u32();
    if (rank === 0 || rank > most.dimensions) throw new GgufFault(`its tensor “${name}” has ${rank} dimensions.`);
    const dimensions = Array.from({ length: rank }, () => dimension(name, cursor.u64()));
    tensors.push({ name, dimensions, typeNumber: cursor.u32(), offset: cursor.u64() });
  }
  return tensors;
}

function dimension(name: string, size: bigint): number {
  if (size > 0n && size <= 2n ** 31n - 1n) return Number(size);
  throw new GgufFault(`its tensor “${name}” has a dimension of ${size}.`);
}

interface Bounds {
  readonly path: string;
  /** The end of the header. */
  readonly from: number;
  readonly size: number;
}

/** Finds each tensor's bytes in the file. */
function place(tensors: readonly Described[], metadata: Metadata, { path, from, size }: Bounds): TensorInfo[] {
  const alignment = metadata.integer('general.alignment', 1, most.alignment) ?? 32;
  if (alignment % 8 !== 0) throw new GgufFault(`its “general.alignment” of ${alignment} is not a multiple of 8.`);
  const start = Math.ceil(from / alignment) * alignment;
  let missing = 0;
  const placed = tensors.map(({ name, dimensions, typeNumber, offset }) => {
    const type = blockType(typeNumber);
    if (type === undefined) {
      const reason = `its tensor “${name}” is ${blockTypeName(typeNumber)}, a type that Wyvern does not multiply.`;
      throw new GgufFault(reason, 'unsupported');
    }
    const [width = 1, ...others] = dimensions;
    const rows = others.reduce((product, one) => product * one, 1);
    if (width % type.inputs !== 0) {
      throw new GgufFault(`its tensor “${name}” has rows of ${width}, no multiple of a block of ${type.inputs}.`);
    }
    if (offset % BigInt(alignment) !== 0n) throw new GgufFault(`its tensor “${name}” is at an unaligned place.`);
    const rowBytes = (width / type.inputs) * type.bytes;
    const end = BigInt(start) + offset + BigInt(rowBytes) * BigInt(rows);
    if (!Number.isSafeInteger(rows) || end > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw new GgufFault(`its tensor “${name}” is larger than any file.`);
    }
    missing = Math.max(missing, Number(end) - size);
    return { name, type, dimensions, width, rows, rowBytes, place: { path, offset: start + Number(offset) } };
  });
  if (missing > 0) {
    throw new GgufFault(`it lacks the last ${missing.toLocaleString('en-US')} bytes of its weights.`, 'cut-short');
  }
  return placed;
}
