/** Reads numbers and texts of a GGUF header, a piece of the file at a time. */
import { readSync } from 'node:fs';

/** The fault of a file, as a sentence without its name. */
export class GgufFault extends Error {
  readonly kind: 'damaged' | 'cut-short' | 'unsupported';

  constructor(message: string, kind: GgufFault['kind'] = 'damaged') {
    super(message);
    this.kind = kind;
  }
}

const chunkBytes = 2 ** 20;

/** A place in an open file. Each read checks that the file has the bytes. */
export class Cursor {
  readonly #descriptor: number;
  readonly #size: number;
  #bytes: Buffer = Buffer.alloc(0);
  /** The chunk's place in the file. */
  #from = 0;
  /** The next byte's place in the chunk. */
  #at = 0;

  constructor(descriptor: number, size: number) {
    this.#descriptor = descriptor;
    this.#size = size;
  }

  get position(): number {
    return this.#from + this.#at;
  }

  get remaining(): number {
    return this.#size - this.position;
  }

  u8(): number {
    const at = this.#take(1);
    return this.#bytes.readUInt8(at);
  }
  i8(): number {
    const at = this.#take(1);
    return this.#bytes.readInt8(at);
  }
  u16(): number {
    const at = this.#take(2);
    return this.#bytes.readUInt16LE(at);
  }
  i16(): number {
    const at = this.#take(2);
    return this.#bytes.readInt16LE(at);
  }
  u32(): number {
    const at = this.#take(4);
    return this.#bytes.readUInt32LE(at);
  }
  i32(): number {
    const at = this.#take(4);
    return this.#bytes.readInt32LE(at);
  }
  f32(): number {
    const at = this.#take(4);
    return this.#bytes.readFloatLE(at);
  }
  f64(): number {
    const at = this.#take(8);
    return this.#bytes.readDoubleLE(at);
  }
  u64(): bigint {
    const at = this.#take(8);
    return this.#bytes.readBigUInt64LE(at);
  }
  i64(): bigint {
    const at = this.#take(8);
    return this.#bytes.readBigInt64LE(at);
  }

  /** A count of things that take at least `leastBytes` each. @throws GgufFault if the file is too short for them */
  count(what: string, most: number, leastBytes: number): number {
    const count = this.u64();
    if (count > BigInt(most)) throw new GgufFault(`it claims ${count} ${what}, more than the ${most} allowed.`);
    const number = Number(count);
    if (number * leastBytes > this.remaining) {
      throw new GgufFault(`it claims ${count} ${what}, but it ends before them.`, 'cut-short');
    }
    return number;
  }

  /** Bytes that begin with their number (u64). They are valid until the next read. */
  bytes(what: string, most: number): Buffer {
    const length = this.count(`bytes of ${what}`, most, 1);
    const from = this.#take(length);
    return this.#bytes.subarray(from, from + length);
  }

  text(what: string, most: number): string {
    return this.bytes(what, most).toString('utf8');
  }

  skip(bytes: number): void {
    if (bytes > this.remaining) throw endsEarly();
    if (this.#at + bytes <= this.#bytes.length) this.#at += bytes;
    else {
      this.#from = this.position + bytes;
      this.#at = 0;
      this.#bytes = Buffer.alloc(0);
    }
  }

  /** Advances by `count` bytes and returns their place in the chunk. */
  #take(count: number): number {
    if (this.#at + count > this.#bytes.length) this.#fill(count);
    const from = this.#at;
    this.#at += count;
    return from;
  }

  #fill(count: number): void {
    if (count > this.remaining) throw endsEarly();
    this.#from = this.position;
    const chunk = Buffer.allocUnsafe(Math.min(Math.max(count, chunkBytes), this.#size - this.#from));
    let filled = 0;
    while (filled < chunk.length) {
      const read = readSync(this.#descriptor, chunk, filled, chunk.length - filled, this.#from + filled);
      if (read === 0) break;
      filled += read;
    }
    // Another program may have shortened the file.
    if (filled < count) throw endsEarly();
    this.#bytes = chunk.subarray(0, filled);
    this.#at = 0;
  }
}

function endsEarly(): GgufFault {
  return new GgufFault('it ends inside its header.', 'cut-short');
}
