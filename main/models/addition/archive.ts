/**
 * Unpacks zip archives of others. The whole directory is checked first: names outside of the folder, names that are equal on
 * some disk, links, nested archives, impossible sizes. Then only parts of a model are written, and never more bytes than the
 * directory states.
 */
import { constants } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { getFileNameLowLevel, openPromise, type Entry, type ZipFile } from 'yauzl';
import { toAppError } from '../../app-error.ts';
import { AppFailure } from '../../failure.ts';
import { isPortableName, nameKey } from '../../files/names.ts';
import { openToRead } from '../../files/reading.ts';
import { requireSpace, writeFailure, type Progress } from './disk.ts';
import { partOf } from './parts.ts';

/** Endings of files that are no part of a bundle by their name: a manifest may name any JSON, and a GGUF becomes a bundle. */
const others: ReadonlySet<string> = new Set(['.json', '.gguf']);

const limits = {
  entries: 10_000,
  /** Folders within folders. */
  depth: 12,
  /** Weights hardly compress. Small files may compress more. */
  ratio: 100,
  ratioFromBytes: 8 * 2 ** 20,
  totalBytes: 128 * 2 ** 30,
} as const;

const archives: ReadonlySet<string> = new Set(['.zip', '.7z', '.rar', '.tar', '.gz', '.tgz', '.bz2', '.xz', '.zst']);
const fileTypeMask = constants.S_IFMT;

const decryptHint = 'Unpack the archive with its password, then drop the folder.';

interface WantedEntry {
  readonly entry: Entry;
  readonly parts: readonly string[];
}

export interface UnpackOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/**
 * Unpacks the parts of a model into `folder`, which exists and is empty.
 * @throws AppFailure `archive-invalid`, `archive-unsafe`, `archive-unsupported`, `disk-full`, `copy-failed`; the signal's
 * reason. Written files stay: the caller owns the folder.
 */
export async function unpack(archive: string, folder: string, { signal, onProgress }: UnpackOptions): Promise<void> {
  const zip = await openArchive(archive);
  try {
    const wanted = await judge(zip, archive);
    const bytesTotal = wanted.reduce((sum, { entry }) => sum + entry.uncompressedSize, 0);
    await requireSpace(folder, bytesTotal);
    let bytesDone = 0;
    for (const one of wanted) {
      await extract(zip, one, folder, signal, (bytes) => {
        bytesDone += bytes;
        onProgress({ stage: 'unpack', bytesDone, bytesTotal });
      });
    }
  } catch (error) {
    signal.throwIfAborted();
    throw asArchiveFailure(error, archive);
  } finally {
    zip.close();
  }
}

async function openArchive(path: string): Promise<ZipFile> {
  try {
    await (await openToRead(path)).close();
    const zip = await openPromise(path, { lazyEntries: true, autoClose: false, decodeStrings: false });
    zip.on('error', heard);
    return zip;
  } catch (error) {
    throw asArchiveFailure(error, path);
  }
}

/** Checks the whole directory. @returns the entries to unpack */
async function judge(zip: ZipFile, path: string): Promise<readonly WantedEntry[]> {
  const names = new Set<string>();
  const folders = new Set<string>();
  const ranges: { readonly start: number; readonly end: number }[] = [];
  const wanted: WantedEntry[] = [];
  let total = 0;
  let count = 0;
  for await (const entry of zip.eachEntry()) {
    if (++count > limits.entries) throw unsafe(path, `it has more than ${limits.entries} entries.`);
    const name = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false);
    const isFolder = name.endsWith('/');
    const parts = checkName(path, isFolder ? name.slice(0, -1) : name);
    // `./` stands for the folder that was packed.
    if (parts.length === 0) continue;
    checkKind(path, name, entry);
    const key = parts.map(nameKey);
    for (let depth = 1; depth < key.length; depth++) folders.add(key.slice(0, depth).join('/'));
    if (isFolder) {
      folders.add(key.join('/'));
      continue;
    }
    if (names.has(key.join('/'))) throw unsafe(path, `two of its files have the name “${name}” on this disk.`);
    names.add(key.join('/'));
    checkSizes(path, name, entry);
    total += entry.uncompressedSize;
    if (total > limits.totalBytes) throw unsafe(path, 'it would unpack to more than any model needs.');
    const start = entry.relativeOffsetOfLocalHeader;
    ranges.push({ start, end: start + 30 + entry.fileNameLength + entry.compressedSize });
    const last = parts.at(-1) ?? '';
    // macOS adds the properties of each file as `__MACOSX/…/._NAME`.
    if (parts.includes('__MACOSX') || last.startsWith('._')) continue;
    if (partOf(last) !== undefined || others.has(extname(last).toLowerCase())) wanted.push({ entry, parts });
  }
  const both = [...names].find((name) => folders.has(name));
  if (both !== undefined) throw unsafe(path, `“${both}” is both a file and a folder in it.`);
  checkRanges(path, ranges, zip.fileSize);
  return wanted;
}

/** @returns the parts of the name, without the `.` that libarchive's tar.exe on Windows begins each name with */
function checkName(path: string, name: string): readonly string[] {
  const parts = name.split('/').filter((part) => part !== '.');
  if (name.startsWith('/') || /^[a-z]:/i.test(name)) throw unsafe(path, `“${printable(name)}” has an absolute path.`);
  if (parts.includes('..')) throw unsafe(path, `“${printable(name)}” leads out of the folder.`);
  if (parts.length > limits.depth) throw unsafe(path, `its folders are nested deeper than ${limits.depth} levels.`);
  for (const part of parts) {
    if (!isPortableName(part)) throw unsafe(path, `“${printable(name)}” is not a valid file name on every disk.`);
  }
  return parts;
}

function checkKind(path: string, name: string, entry: Entry): void {
  const mode = (entry.externalFileAttributes >>> 16) & fileTypeMask;
  if (mode === constants.S_IFLNK) throw unsafe(path, `“${name}” is a link.`);
  if (mode !== 0 && mode !== constants.S_IFREG && mode !== constants.S_IFDIR) {
    throw unsafe(path, `“${name}” is not a plain file.`);
  }
  if (mode === constants.S_IFDIR && !name.endsWith('/')) throw unsafe(path, `“${name}” is not a plain file.`);
  if (entry.isEncrypted() || (entry.generalPurposeBitFlag & 0x2040) !== 0) {
    throw unsupported(path, `“${name}” is encrypted.`, decryptHint);
  }
  if (archives.has(extname(name).toLowerCase())) throw unsafe(path, `“${name}” is an archive within the archive.`);
  if (!entry.canDecodeFileData()) {
    throw unsupported(path, `“${name}” has compression method ${entry.compressionMethod}, which Wyvern cannot read.`);
  }
}

function checkSizes(path: string, name: string, { uncompressedSize, compressedSize, compressionMethod }: Entry): void {
  if (!Number.isSafeInteger(uncompressedSize) || !Number.isSafeInteger(compressedSize)) {
    throw unsafe(path, `“${name}” has an impossible size.`);
  }
  if (compressionMethod === 0 && uncompressedSize !== compressedSize) {
    throw invalid(path, `the sizes of “${name}” contradict each other.`);
  }
  if (uncompressedSize > limits.ratioFromBytes && uncompressedSize > limits.ratio * compressedSize) {
    throw unsafe(path, `“${name}” would unpack to more than ${limits.ratio} times its size.`);
  }
}

/** Overlapping entries let a small archive unpack to a huge one. */
function checkRanges(path: string, ranges: { readonly start: number; readonly end: number }[], size: number): void {
  let end = 0;
  for (const range of ranges.sort((one, other) => one.start - other.start)) {
    if (range.start < end) throw unsafe(path, 'two of its entries overlap.');
    end = range.end;
  }
  if (end > size) throw invalid(path, 'it is cut short.');
}

async function extract(
  zip: ZipFile,
  { entry, parts }: WantedEntry,
  folder: string,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const target = join(folder, ...parts);
  const name = parts.join('/');
  await mkdir(dirname(target), { recursive: true });
  const file = await open(target, 'wx').catch((error: unknown) => {
    throw writeFailure(error, target);
  });
  let crc = 0;
  try {
    signal.throwIfAborted();
    const stream = await zip.openReadStreamPromise(entry);
    stream.on('error', heard);
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      crc = crc32(chunk, crc);
      await writeAll(file, chunk, target);
      onBytes(chunk.length);
      signal.throwIfAborted();
    }
    if (crc !== entry.crc32) {
      throw new AppFailure(
        'archive-invalid',
        `“${name}” is damaged: its checksum differs from the archive’s.`,
        'Download or copy the archive again.',
      );
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The reader gets the errors. Without a listener, an error between two reads would end the app. */
function heard(): void {
  // Nothing is left to do.
}

async function writeAll(file: Awaited<ReturnType<typeof open>>, chunk: Buffer, target: string): Promise<void> {
  try {
    for (let at = 0; at < chunk.length;) at += (await file.write(chunk, at, chunk.length - at)).bytesWritten;
  } catch (error) {
    throw writeFailure(error, target);
  }
}

function printable(name: string): string {
  const text = name.replace(/\p{Cc}/gu, '?');
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function unsafe(path: string, reason: string): AppFailure {
  return new AppFailure(
    'archive-unsafe',
    `“${path}” was not unpacked: ${reason}`,
    'Nothing was written. Get the model from a source you trust.',
  );
}

function invalid(path: string, reason: string): AppFailure {
  return new AppFailure(
    'archive-invalid',
    `“${path}” cannot be unpacked: ${reason}`,
    'Download or copy the archive again.',
  );
}

function unsupported(path: string, reason: string, hint?: string): AppFailure {
  return new AppFailure(
    'archive-unsupported',
    `“${path}” cannot be unpacked here: ${reason}`,
    hint ?? 'Unpack the archive with another program, then drop the folder.',
  );
}

/** yauzl's own messages describe the fault. */
function asArchiveFailure(error: unknown, path: string): AppFailure {
  if (error instanceof AppFailure) return error;
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
    return new AppFailure('files-not-found', `There is nothing at “${path}”.`, 'Check that it has not been moved.');
  }
  if (/encrypt/i.test(reason)) return unsupported(path, 'it is encrypted.', decryptHint);
  return toAppError(error).code === 'internal'
    ? invalid(path, `${reason.replace(/\.$/, '')}.`)
    : AppFailure.from(toAppError(error));
}
