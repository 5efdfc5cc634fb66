/** Finds the files that may contain chats: dropped or chosen files, and those in folders and zip archives. */
import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { type Entry, getFileNameLowLevel, openPromise, type ZipFile } from 'yauzl';
import type { AppError } from '../../../preload/contract.ts';
import { toAppError } from '../../app-error.ts';
import { AppFailure } from '../../failure.ts';
import { asReadError as asKnown, openToRead, UnreadableFileError } from '../../files/reading.ts';

const limits = {
  /** Files in the named folders. */
  files: 20_000,
  /** Nested folders: LM Studio has them. */
  levels: 8,
  /** Size of a file, or of all unpacked files of an archive. */
  bytes: 8 * 2 ** 30,
  entries: 200_000,
  /** Real text hardly compresses better. */
  ratio: 250,
  ratioFromBytes: 64 * 2 ** 20,
} as const;

const chunkBytes = 2 ** 20;
const endings: ReadonlySet<string> = new Set(['.json', '.jsonl']);
const zipMagic = Buffer.from('PK\x03\x04', 'latin1');

export interface ChatSource {
  readonly name: string;
  /** Name of the folder or archive that the person named, if the file is inside one. */
  readonly container?: string;
  /** Time of the last change, Unix ms. */
  readonly time: number;
  readonly bytes: number;
  /** @throws the system's own error, AppFailure */
  readonly chunks: () => AsyncIterable<Uint8Array>;
}

export interface ChatSources {
  readonly files: readonly ChatSource[];
  /** Files, folders and archives that could not be opened. */
  readonly failed: readonly { readonly name: string; readonly error: AppError }[];
  close(): void;
}

/** Never throws for a file: its error is in `failed`. */
export async function openSources(paths: readonly string[]): Promise<ChatSources> {
  const files: ChatSource[] = [];
  const failed: { name: string; error: AppError }[] = [];
  const archives: ZipFile[] = [];
  for (const path of paths) {
    try {
      const found = await stat(path);
      if (found.isDirectory()) {
        const inside = await filesIn(path, limits.levels);
        for (const one of inside) files.push(await fileSource(one, basename(path)));
      } else if (found.isFile() && (await isZip(path))) {
        const zip = await openPromise(path, { lazyEntries: true, autoClose: false, decodeStrings: false });
        zip.on('error', heard);
        archives.push(zip);
        files.push(...(await archived(zip, path, found.mtimeMs)));
      } else if (found.isFile()) files.push(await fileSource(path));
      else
        throw new AppFailure('chats-not-recognised', 'This is not a file or a folder.', 'Choose a file or a folder.');
    } catch (cause) {
      failed.push({ name: basename(path), error: asReadError(cause) });
    }
  }
  return {
    files,
    failed,
    close() {
      for (const zip of archives) zip.close();
    },
  };
}

async function fileSource(path: string, container?: string): Promise<ChatSource> {
  const { size, mtimeMs } = await stat(path);
  return {
    name: basename(path),
    ...(container !== undefined && { container }),
    time: Math.max(0, Math.round(mtimeMs)),
    bytes: size,
    async *chunks() {
      if (size > limits.bytes) throw tooLarge();
      yield* (await openToRead(path)).createReadStream({ highWaterMark: chunkBytes });
    },
  };
}

/** By the name alone. macOS puts the properties of a file beside it: in `__MACOSX` in zips, as `._NAME` on other disks. */
function mayHoldChats(name: string): boolean {
  const parts = name.split('/');
  const isProperties = parts.includes('__MACOSX') || parts.at(-1)?.startsWith('._') === true;
  return !isProperties && endings.has(extname(name).toLowerCase());
}

/** Files whose names end in `.json` or `.jsonl`; links are not followed. */
async function filesIn(folder: string, levels: number): Promise<readonly string[]> {
  const found: string[] = [];
  const entries = await readdir(folder, { withFileTypes: true });
  entries.sort((one, other) => (one.name < other.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isFile() && mayHoldChats(entry.name)) found.push(path);
    else if (entry.isDirectory() && levels > 0 && entry.name !== '__MACOSX')
      found.push(...(await filesIn(path, levels - 1)));
    if (found.length > limits.files) throw tooLarge();
  }
  return found;
}

/** Checks the content: the name may be anything. */
async function isZip(path: string): Promise<boolean> {
  const file = await openToRead(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(zipMagic.length), 0, zipMagic.length, 0);
    return bytesRead === zipMagic.length && buffer.equals(zipMagic);
  } finally {
    await file.close();
  }
}

/** Reads texts from an archive and writes nothing to the disk, so that its names can do no harm. */
async function archived(zip: ZipFile, path: string, time: number): Promise<readonly ChatSource[]> {
  const found: ChatSource[] = [];
  let bytes = 0;
  let count = 0;
  for await (const entry of zip.eachEntry()) {
    if (++count > limits.entries) throw tooLarge();
    const name = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false);
    if (!mayHoldChats(name)) continue;
    checkEntry(entry, name);
    bytes += entry.uncompressedSize;
    if (bytes > limits.bytes) throw tooLarge();
    found.push({
      name: printable(name),
      container: basename(path),
      time: Math.max(0, Math.round(time)),
      bytes: entry.uncompressedSize,
      chunks: () => unpacked(zip, entry),
    });
  }
  return found;
}

function checkEntry(entry: Entry, name: string): void {
  const { uncompressedSize, compressedSize } = entry;
  if (entry.isEncrypted() || (entry.generalPurposeBitFlag & 0x2040) !== 0) {
    throw new AppFailure(
      'archive-unsupported',
      `“${printable(name)}” in the archive is encrypted.`,
      'Unpack the archive with its password, then import the files.',
    );
  }
  if (!entry.canDecodeFileData()) {
    throw new AppFailure(
      'archive-unsupported',
      `“${printable(name)}” in the archive has compression method ${entry.compressionMethod}, which Wyvern cannot read.`,
      'Unpack the archive with another program, then import the files.',
    );
  }
  const grows = uncompressedSize > limits.ratioFromBytes && uncompressedSize > limits.ratio * compressedSize;
  if (!Number.isSafeInteger(uncompressedSize) || grows) {
    throw new AppFailure(
      'archive-unsafe',
      `“${printable(name)}” in the archive would unpack to more than ${limits.ratio} times its size.`,
      'Nothing was imported from it. Download the export again.',
    );
  }
}

async function* unpacked(zip: ZipFile, entry: Entry): AsyncGenerator<Uint8Array> {
  const stream = await zip.openReadStreamPromise(entry);
  stream.on('error', heard);
  let crc = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    crc = crc32(chunk, crc);
    yield chunk;
  }
  if (crc !== entry.crc32) {
    throw new AppFailure(
      'archive-invalid',
      'The file is damaged: its checksum differs from the archive’s.',
      'Download or copy the archive again.',
    );
  }
}

/** The reader gets the errors. Without a listener, an error between two reads would end the app. */
function heard(): void {
  // Nothing is left to do.
}

function tooLarge(): AppFailure {
  return new AppFailure(
    'chats-too-large',
    'This is too much for one import.',
    'Import fewer files at a time, or a smaller export.',
  );
}

function printable(name: string): string {
  const text = name.replaceAll(/\p{Cc}/gu, '?');
  return text.length > 80 ? `…${text.slice(-80)}` : text;
}

/** The error of an unreadable file. */
export function asReadError(cause: unknown): AppError {
  if (cause instanceof AppFailure) return cause.error;
  const known = asKnown(cause);
  if (known instanceof UnreadableFileError) {
    return { code: 'files-not-found', message: `The file cannot be read: ${known.message}`, hint: known.hint };
  }
  const error = toAppError(cause);
  if (error.code !== 'internal') return error;
  const why = cause instanceof Error ? cause.message : String(cause);
  const isSystem = cause instanceof Error && 'syscall' in cause;
  return isSystem
    ? {
        code: 'files-not-found',
        message: `The file cannot be read: ${why}.`,
        hint: 'Check that the file exists and that you may read it.',
      }
    : {
        code: 'archive-invalid',
        message: `The archive cannot be unpacked: ${why}`,
        hint: 'Download or copy the archive again.',
      };
}
