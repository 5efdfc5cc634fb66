/**
 * The pages of a SQLite file after its last commit: the file, overlaid with its write-ahead log. Reads files that SQLite
 * refuses: any header, page or frame may be damaged. https://sqlite.org/fileformat2.html
 */

/** The place of a page's newest bytes. */
interface PagePlace {
  readonly file: 'db' | 'wal';
  readonly offset: number;
}

export interface PageImage {
  readonly pageSize: number;
  /** Pages are numbered from 1. */
  readonly pageCount: number;
  /** Undefined for a missing or incomplete page. */
  page(number: number): Buffer | undefined;
  place(number: number): PagePlace | undefined;
}

const defaultPageSize = 4096;
const walHeaderBytes = 32;
const frameHeaderBytes = 24;
/** A larger page count is ignored. A damaged one could claim 2^32 pages. */
const maxPages = 4_000_000;

function plausiblePageSize(size: number): number | undefined {
  const bytes = size === 1 ? 65_536 : size;
  return bytes >= 512 && bytes <= 65_536 && (bytes & (bytes - 1)) === 0 ? bytes : undefined;
}

export function readPageImage(db: Buffer, wal: Buffer): PageImage {
  const named = db.length >= 100 && db.toString('latin1', 0, 15) === 'SQLite format 3';
  const pageSize = (named ? plausiblePageSize(db.readUInt16BE(16)) : undefined) ?? defaultPageSize;
  const inLog = new Map<number, number>();
  let pageCount = Math.floor(db.length / pageSize);
  for (const { page, offset } of readLog(wal, pageSize).frames) {
    inLog.set(page, offset);
    pageCount = Math.min(maxPages, Math.max(pageCount, page));
  }
  const place = (number: number): PagePlace | undefined => {
    const logged = inLog.get(number);
    if (logged !== undefined) return { file: 'wal', offset: logged };
    const offset = (number - 1) * pageSize;
    return number >= 1 && offset + pageSize <= db.length ? { file: 'db', offset } : undefined;
  };
  return {
    pageSize,
    pageCount,
    place,
    page(number) {
      const at = place(number);
      return at && (at.file === 'db' ? db : wal).subarray(at.offset, at.offset + pageSize);
    },
  };
}

interface Frame {
  readonly page: number;
  /** Offset of the page's bytes. */
  readonly offset: number;
}

interface Log {
  /** Frames of committed transactions, oldest first. */
  readonly frames: readonly Frame[];
  /** SQLite silently ignores frames after a damaged place. */
  readonly damaged: boolean;
}

/**
 * SQLite reads a log up to its first damaged frame. All frames carry the same two numbers, and the checksum of each follows
 * from the one before. That finds the frames after a damaged one.
 */
export function readLog(wal: Buffer, pageSize: number): Log {
  const frameBytes = frameHeaderBytes + pageSize;
  const count = Math.floor((wal.length - walHeaderBytes) / frameBytes);
  if (count < 1) return { frames: [], damaged: false };
  const starts = Array.from({ length: count }, (_, index) => walHeaderBytes + index * frameBytes);
  const saltOf = (start: number): string => wal.toString('latin1', start + 8, start + 16);
  const storedSum = (at: number): Sum => [wal.readUInt32BE(at), wal.readUInt32BE(at + 4)];

  const littleEndian = (wal.readUInt32BE(0) & 1) === 0;
  const headerSum = checksum(wal.subarray(0, 24), littleEndian, [0, 0]);
  const headerWhole = isEqual(headerSum, storedSum(24)) && wal.readUInt32BE(8) === pageSize % 65_536;
  const salt = headerWhole ? wal.toString('latin1', 16, 24) : commonest(starts.slice(0, 64).map(saltOf));
  // Zeros alone: the log never reached the disk.
  if (!headerWhole && salt === '\0'.repeat(8)) return { frames: [], damaged: false };

  const frames: Frame[] = [];
  let transaction: Frame[] = [];
  let damaged = !headerWhole;
  /** A frame is damaged. In the last transaction, a power cut looks the same. */
  let broken = false;
  let before = storedSum(24);
  for (const start of starts) {
    const sum = checksum(
      wal.subarray(start + frameHeaderBytes, start + frameBytes),
      littleEndian,
      checksum(wal.subarray(start, start + 8), littleEndian, before),
    );
    before = storedSum(start + 16);
    const belongs = saltOf(start) === salt;
    const ended = transaction.length === 0;
    if (belongs && broken && ended) damaged = true;
    if (!belongs || !isEqual(sum, before)) broken = true;
    if (!belongs) continue;
    const page = wal.readUInt32BE(start);
    if (page >= 1 && page <= maxPages) transaction.push({ page, offset: start + frameHeaderBytes });
    if (wal.readUInt32BE(start + 4) === 0) continue;
    frames.push(...transaction);
    transaction = [];
  }
  return { frames, damaged };
}

function commonest(salts: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const salt of salts) counts.set(salt, (counts.get(salt) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

type Sum = readonly [number, number];

function isEqual([a, b]: Sum, [c, d]: Sum): boolean {
  return a === c && b === d;
}

function checksum(bytes: Buffer, littleEndian: boolean, [first, second]: Sum): Sum {
  let a = first;
  let b = second;
  for (let at = 0; at < bytes.length; at += 8) {
    const one = littleEndian ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
    const two = littleEndian ? bytes.readUInt32LE(at + 4) : bytes.readUInt32BE(at + 4);
    a = (a + one + b) >>> 0;
    b = (b + two + a) >>> 0;
  }
  return [a, b];
}
