/**
 * The disks that a power cut could have left. `native/test/disk-log` notes each change of the store's files; a change is safe
 * once its file, or for names its folder, was flushed after it. Of the others, the disk kept what it happened to have written.
 */
import { dirname } from 'node:path';
import type { Dice } from '../../native/test/random.ts';

export interface Change {
  /** W: data written at the offset. T: cut or grown to the offset. S: flushed. C: created. U: removed. R: renamed. */
  readonly kind: 'W' | 'T' | 'S' | 'C' | 'U' | 'R';
  readonly path: string;
  readonly offset: number;
  readonly data: Buffer;
}

/** Contents by absolute path. */
export type Disk = ReadonlyMap<string, Buffer>;

/** What a worn disk does to one flushed write. */
export type Wear = 'none' | 'lost' | 'misdirected';

const headBytes = 17;
/** Disks write whole sectors. */
const sectorBytes = 512;

/** Reads the log of `disk_log.so`; its source describes the records. */
export function readChanges(log: Buffer): readonly Change[] {
  const changes: Change[] = [];
  for (let at = 0; at < log.length;) {
    const kind = String.fromCharCode(log.readUInt8(at)) as Change['kind'];
    const pathEnd = at + headBytes + log.readUInt32LE(at + 1);
    const end = pathEnd + log.readUInt32LE(at + 5);
    const path = log.toString('utf8', at + headBytes, pathEnd);
    changes.push({ kind, path, offset: Number(log.readBigUInt64LE(at + 9)), data: log.subarray(pathEnd, end) });
    at = end;
  }
  return changes;
}

interface File {
  flushed: Buffer;
  /** Writes and cuts after the last flush. */
  readonly waiting: Change[];
}

/** A created, removed or renamed name that no flush has made safe. */
interface Naming {
  readonly folder: string;
  readonly file: File;
  readonly apply: (names: Map<string, File>) => void;
}

/** @param before the disk when the log began */
export function diskAfterPowerCut(before: Disk, changes: readonly Change[], wear: Wear, random: Dice): Disk {
  const names = new Map([...before].map(([path, bytes]) => [path, { flushed: bytes, waiting: [] }]));
  const safe = new Map(names);
  const namings: Naming[] = [];
  const worn = wear === 'none' ? undefined : random.pick(changes.filter(({ kind }) => kind === 'W'));
  for (const change of changes) {
    follow(change === worn ? wornWrite(change, wear, random) : [change], names, safe, namings);
  }
  // A journal keeps the order of names.
  for (const { apply } of namings.slice(0, random.below(namings.length + 1))) apply(safe);
  return new Map([...safe].map(([path, file]) => [path, contents(file, random)]));
}

/** The disk after the process ended: the system writes everything. */
export function diskAfterCrash(before: Disk, changes: readonly Change[]): Disk {
  const names = new Map([...before].map(([path, bytes]) => [path, { flushed: bytes, waiting: [] }]));
  for (const change of changes) follow([change], names, new Map(), []);
  return new Map([...names].map(([path, { flushed, waiting }]) => [path, waiting.reduce(applied, flushed)]));
}

function wornWrite(change: Change, wear: Wear, random: Dice): readonly Change[] {
  if (wear === 'lost') return [];
  return [{ ...change, offset: random.below(1 + change.offset / sectorBytes) * sectorBytes }];
}

function follow(
  changes: readonly Change[],
  names: Map<string, File>,
  safe: Map<string, File>,
  namings: Naming[],
): void {
  for (const change of changes) {
    const { kind, path, data } = change;
    const file = names.get(path);
    if (kind === 'C') {
      const created: File = { flushed: Buffer.alloc(0), waiting: [] };
      names.set(path, created);
      namings.push({ folder: dirname(path), file: created, apply: (into) => into.set(path, created) });
    } else if (kind === 'S') {
      flush(path, file, safe, namings);
    } else if (file !== undefined && kind === 'U') {
      names.delete(path);
      namings.push({ folder: dirname(path), file, apply: (into) => into.delete(path) });
    } else if (file !== undefined && kind === 'R') {
      const to = data.toString();
      names.delete(path);
      names.set(to, file);
      const apply = (into: Map<string, File>): void => {
        into.delete(path);
        into.set(to, file);
      };
      namings.push({ folder: dirname(path), file, apply });
    } else if (file !== undefined) {
      file.waiting.push(change);
    }
  }
}

/** Flushing a folder makes its names safe; flushing a file makes its contents and its own name safe. */
function flush(path: string, file: File | undefined, safe: Map<string, File>, namings: Naming[]): void {
  if (file !== undefined) file.flushed = file.waiting.splice(0).reduce(applied, file.flushed);
  const now = namings.filter((naming) => naming.folder === path || naming.file === file);
  for (const naming of now) {
    naming.apply(safe);
    namings.splice(namings.indexOf(naming), 1);
  }
}

function applied(bytes: Buffer, { kind, offset, data }: Change): Buffer {
  if (kind === 'T') return Buffer.concat([bytes.subarray(0, offset), Buffer.alloc(Math.max(0, offset - bytes.length))]);
  const grown = offset + data.length > bytes.length ? Buffer.alloc(offset + data.length) : Buffer.from(bytes);
  bytes.copy(grown);
  data.copy(grown, offset);
  return grown;
}

/** What the disk kept of a file. */
function contents({ flushed, waiting }: File, random: Dice): Buffer {
  switch (random.below(5)) {
    case 0:
      return flushed;
    case 1:
      return waiting.reduce(applied, flushed);
    case 2:
      return waiting.slice(0, random.below(waiting.length + 1)).reduce(applied, flushed);
    case 3: {
      // The new size was kept, the data was not: the tail is zero.
      const size = waiting.reduce(applied, flushed).length;
      return Buffer.concat([flushed.subarray(0, size), Buffer.alloc(Math.max(0, size - flushed.length))]);
    }
    default:
      return waiting
        .flatMap(sectors)
        .filter(() => random.below(2) === 0)
        .reduce(applied, flushed);
  }
}

/** A write as one change for each sector, which the disk may write in any order. */
function sectors(change: Change): readonly Change[] {
  if (change.kind !== 'W') return [change];
  const parts: Change[] = [];
  for (let from = 0; from < change.data.length;) {
    const to = Math.min(change.data.length, from + sectorBytes - ((change.offset + from) % sectorBytes));
    parts.push({ ...change, offset: change.offset + from, data: change.data.subarray(from, to) });
    from = to;
  }
  return parts;
}
