/** Makes zip archives for tests, also malicious ones: every field of an entry can be false. */
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  readonly name: string | Uint8Array;
  readonly data?: Uint8Array | string;
  /** 0 stored, 8 deflated (default), or an unknown method. */
  readonly method?: number;
  /** Bits of the general purpose flag: 1 encrypted, 0x800 the name is UTF-8 (default). */
  readonly flags?: number;
  /** Unix mode of the file, e.g. 0o120777 for a link. */
  readonly mode?: number;
  /** False values in the directory. */
  readonly claims?: { readonly size?: number; readonly compressedSize?: number; readonly crc?: number };
  /** Takes the data of this entry instead of its own. */
  readonly dataOf?: number;
  /** Sizes and place in a Zip64 field. */
  readonly zip64?: boolean;
}

export interface ZipOptions {
  /** False count at the end of the directory. */
  readonly entryCount?: number;
  readonly comment?: string;
}

export function zip(entries: readonly ZipEntry[], { entryCount, comment = '' }: ZipOptions = {}): Buffer {
  const locals: Buffer[] = [];
  const places: number[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [index, entry] of entries.entries()) {
    const { method = 8, flags = 0x800, mode = 0, claims = {}, dataOf, zip64 = false } = entry;
    const name = Buffer.from(entry.name as Uint8Array);
    const data = Buffer.from((entry.data ?? '') as Uint8Array);
    const packed = method === 8 ? deflateRawSync(data) : data;
    const size = claims.size ?? data.length;
    const compressedSize = claims.compressedSize ?? packed.length;
    const at = dataOf === undefined ? offset : (places[dataOf] ?? 0);
    const fields = Buffer.alloc(22);
    fields.writeUInt16LE(flags, 0);
    fields.writeUInt16LE(method, 2);
    fields.writeUInt32LE((claims.crc ?? crc32(data)) >>> 0, 8);
    fields.writeUInt32LE(zip64 ? 0xffffffff : compressedSize, 12);
    fields.writeUInt32LE(zip64 ? 0xffffffff : size, 16);
    fields.writeUInt16LE(name.length, 20);
    const extra = zip64 ? Buffer.alloc(28) : Buffer.alloc(0);
    if (zip64) {
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(24, 2);
      extra.writeBigUInt64LE(BigInt(size), 4);
      extra.writeBigUInt64LE(BigInt(compressedSize), 12);
      extra.writeBigUInt64LE(BigInt(at), 20);
    }
    const extraLength = Buffer.alloc(2);
    extraLength.writeUInt16LE(extra.length);
    if (dataOf === undefined) {
      const version = Buffer.from([20, 0]);
      const local = Buffer.concat([Buffer.from('PK\x03\x04'), version, fields, extraLength, name, extra, packed]);
      locals.push(local);
      offset += local.length;
    }
    places[index] = at;
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE((mode << 16) >>> 0, 6);
    tail.writeUInt32LE(zip64 ? 0xffffffff : at, 10);
    // “Made by Unix” makes readers use the mode.
    const head = Buffer.from([0x50, 0x4b, 1, 2, 20, 3, 20, 0]);
    central.push(Buffer.concat([head, fields, extraLength, tail, name, extra]));
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(entryCount ?? entries.length, 8);
  end.writeUInt16LE(entryCount ?? entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(Buffer.byteLength(comment), 20);
  return Buffer.concat([...locals, directory, end, Buffer.from(comment)]);
}
