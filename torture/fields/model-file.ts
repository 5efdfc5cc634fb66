/** A model file as its FlatBuffer and what lies around it, so that tables can be changed one at a time. */
import { readFileSync } from 'node:fs';

/** Segments begin at multiples of this. */
const alignment = 4096;

interface Header {
  /** Where the length of the FlatBuffer stands, as u64. */
  readonly length: number;
  /** Where the start of the segments stands, as u64. */
  readonly segments: number;
  /** Of the first byte of the FlatBuffer's own count: where the file begins, or its `FlatBuffer offset`. */
  readonly end: (bytes: Buffer) => number;
}

const headers: Readonly<Record<string, Header>> = {
  ET12: { length: 16, segments: 24, end: (bytes) => Number(bytes.readBigUInt64LE(16)) },
  FT01: {
    length: 24,
    segments: 32,
    end: (bytes) => Number(bytes.readBigUInt64LE(16) + bytes.readBigUInt64LE(24)),
  },
};

export class ModelFile {
  readonly path: string;
  readonly bytes: Buffer;
  /** Where the FlatBuffer ends. */
  readonly end: number;
  readonly #header: Header;

  constructor(path: string) {
    this.path = path;
    this.bytes = readFileSync(path);
    const header = headers[this.bytes.toString('latin1', 4, 8)];
    if (header === undefined) throw new Error(`${path} is no model file.`);
    this.#header = header;
    this.end = header.end(this.bytes);
  }

  get flatBuffer(): Buffer {
    return this.bytes.subarray(0, this.end);
  }

  /** Where the segments begin; 0 where there are none. */
  get segmentBase(): number {
    return Number(this.bytes.readBigUInt64LE(this.#header.segments));
  }

  /** A copy with a vtable of its own for the table at `place`, in which the field is absent. */
  withoutField(place: number, field: number): Buffer {
    const copy = Buffer.from(this.bytes);
    const vtable = place - copy.readInt32LE(place);
    const own = Buffer.from(copy.subarray(vtable, vtable + copy.readUInt16LE(vtable)));
    own.writeUInt16LE(0, 4 + 2 * field);
    const at = Math.ceil(this.end / 16) * 16;
    const grown = Buffer.concat([copy.subarray(0, this.end), Buffer.alloc(at - this.end), own, Buffer.alloc(16)]);
    grown.writeInt32LE(place - at, place);
    grown.writeBigUInt64LE(
      copy.readBigUInt64LE(this.#header.length) + BigInt(grown.length - this.end),
      this.#header.length,
    );
    if (this.segmentBase === 0) return grown;
    const base = Math.ceil(Math.max(grown.length, this.segmentBase) / alignment) * alignment;
    grown.writeBigUInt64LE(BigInt(base), this.#header.segments);
    return Buffer.concat([grown, Buffer.alloc(base - grown.length), copy.subarray(this.segmentBase)]);
  }
}
