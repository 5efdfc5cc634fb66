/** Reads rows from the b-tree pages of a file, each on its own, so that damage hides no other row. */
import type { PageImage } from './page-image.ts';

export type Value = null | number | bigint | string | Uint8Array;

export interface RawRow {
  /** 0 in an index. */
  readonly rowid: number;
  readonly values: readonly Value[];
  /** The pages that contain it, with its overflow pages. */
  readonly pages: readonly number[];
}

/** `table`: rows by number. `index`: indexes, and tables without row numbers. */
type Kind = 'table' | 'index';

export interface RawPage {
  readonly kind: Kind;
  readonly rows: readonly RawRow[];
  /** Rows with unreadable bytes. */
  readonly unreadable: number;
  readonly children: readonly number[];
}

const maxRowBytes = 256_000_000;
const maxColumns = 100;
/** Invalid UTF-8 becomes U+FFFD; nothing is removed. */
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** @returns undefined if the page does not look like a b-tree page */
export function readPage(image: PageImage, number: number): RawPage | undefined {
  const page = image.page(number);
  if (!page) return undefined;
  // The first page starts with the header of the file.
  const start = number === 1 ? 100 : 0;
  const type = page[start];
  if (type !== 2 && type !== 5 && type !== 10 && type !== 13) return undefined;
  const kind = type === 5 || type === 13 ? 'table' : 'index';
  const isLeaf = type === 10 || type === 13;
  const headerBytes = isLeaf ? 8 : 12;
  const cells = page.readUInt16BE(start + 3);
  const firstPointer = start + headerBytes;
  const room = Math.floor((page.length - firstPointer) / 2);

  const rows: RawRow[] = [];
  const children: number[] = [];
  let unreadable = 0;
  for (let cell = 0; cell < Math.min(cells, room); cell++) {
    const at = page.readUInt16BE(firstPointer + cell * 2);
    if (at < firstPointer || at + 4 > page.length) {
      unreadable += 1;
      continue;
    }
    if (!isLeaf) children.push(page.readUInt32BE(at));
    // Inner pages of tables contain no rows.
    if (type === 5) continue;
    const row = readRow(image, number, page, isLeaf ? at : at + 4, kind);
    if (row) rows.push(row);
    else unreadable += 1;
  }
  if (!isLeaf) children.push(page.readUInt32BE(start + 8));
  return { kind, rows, unreadable, children };
}

function readRow(image: PageImage, number: number, page: Buffer, at: number, kind: Kind): RawRow | undefined {
  const [size, afterSize] = varint(page, at);
  const [rowid, payloadAt] = kind === 'table' ? varint(page, afterSize) : [0, afterSize];
  // A circular chain of pages is longer than the file.
  if (size < 2 || size > Math.min(maxRowBytes, image.pageCount * image.pageSize)) return undefined;
  // The part of a row on its own page: "B-tree Cell Format" in SQLite's file format.
  const usable = image.pageSize;
  const most = kind === 'table' ? usable - 35 : Math.floor(((usable - 12) * 64) / 255) - 23;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const wanted = least + ((size - least) % (usable - 4));
  const local = size <= most ? size : wanted <= most ? wanted : least;
  if (payloadAt + local > page.length) return undefined;
  const parts = [page.subarray(payloadAt, payloadAt + local)];
  const pages = [number];
  let missing = size - local;
  let next = missing > 0 && payloadAt + local + 4 <= page.length ? page.readUInt32BE(payloadAt + local) : 0;
  while (missing > 0) {
    const overflow = image.page(next);
    if (!overflow) return undefined;
    pages.push(next);
    const part = overflow.subarray(4, 4 + Math.min(missing, usable - 4));
    parts.push(part);
    missing -= part.length;
    next = overflow.readUInt32BE(0);
  }
  const values = readRecord(Buffer.concat(parts));
  return values && { rowid, values, pages };
}

function readRecord(record: Buffer): readonly Value[] | undefined {
  const [headerBytes, first] = varint(record, 0);
  if (headerBytes > record.length) return undefined;
  const values: Value[] = [];
  let body = headerBytes;
  for (let at = first; at < headerBytes;) {
    const [type, next] = varint(record, at);
    at = next;
    const bytes = bytesOf(type);
    if (bytes === undefined || body + bytes > record.length || values.length >= maxColumns) return undefined;
    values.push(readValue(record, type, body, bytes));
    body += bytes;
  }
  return body === record.length ? values : undefined;
}

function bytesOf(type: number): number | undefined {
  const fixed = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0][type];
  if (fixed !== undefined) return fixed;
  return type >= 12 ? Math.floor((type - 12) / 2) : undefined;
}

function readValue(record: Buffer, type: number, at: number, bytes: number): Value {
  if (type === 0) return null;
  if (type <= 5) return record.readIntBE(at, bytes);
  if (type === 6) return record.readBigInt64BE(at);
  if (type === 7) return record.readDoubleBE(at);
  if (type <= 9) return type - 8;
  const content = record.subarray(at, at + bytes);
  return type % 2 === 0 ? new Uint8Array(content) : utf8.decode(content);
}

/** @returns the number and the offset of the next one; bytes after the end count as zeros */
function varint(bytes: Buffer, at: number): readonly [value: number, next: number] {
  let value = 0;
  for (let index = 0; index < 8; index++) {
    const byte = bytes[at + index] ?? 0;
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return [value, at + index + 1];
  }
  return [value * 256 + (bytes[at + 8] ?? 0), at + 9];
}
