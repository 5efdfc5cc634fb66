/**
 * Opens files of others for reading. It refuses what is no file, because opening a pipe waits for its other end, and files
 * whose content is not on this computer: OneDrive and its like show a name and a size, and fetch the content at the first read,
 * which fails or never ends without a connection.
 */
import { open, stat, type FileHandle } from 'node:fs/promises';

/** Node's code for errors that have no POSIX name, among them those of Windows' cloud files. */
const unknown = 'UNKNOWN';
/** A disk that was taken out or does not answer. */
const gone: ReadonlySet<unknown> = new Set(['EIO', 'ENXIO', 'ENODEV', 'ENOTCONN', 'ETIMEDOUT', 'ESTALE', 'EHOSTDOWN']);
const held: ReadonlySet<unknown> = new Set(['EBUSY', 'ETXTBSY']);

/** NTFS keeps the content of smaller files beside their names, so they take no place of their own. */
const leastBytes = 4096;
const patienceMs = 10_000;

/** The content of a file cannot be read, for a reason that a person can change. */
export class UnreadableFileError extends Error {
  override readonly name = 'UnreadableFileError';
  /** What the person can do. */
  readonly hint: string;

  /** @param reason a sentence about “it” */
  constructor(reason: string, hint: string, options?: ErrorOptions) {
    super(reason, options);
    this.hint = hint;
  }
}

/** What tests replace. */
export interface ReadOptions {
  /** How long the first read of a file in the cloud may take, ms. */
  readonly patienceMs?: number;
  readonly platform?: NodeJS.Platform;
  /** Reads the first byte. */
  readonly touch?: (file: FileHandle) => Promise<unknown>;
}

/**
 * Opens a file for reading.
 * @throws UnreadableFileError for what is no file, or has its content elsewhere; the system's own error
 */
export async function openToRead(path: string, options: ReadOptions = {}): Promise<FileHandle> {
  requireFile((await stat(path)).isFile());
  const file = await open(path);
  try {
    const found = await file.stat();
    requireFile(found.isFile());
    if (isElsewhere(found, options.platform)) await fetchFirstByte(file, options);
    return file;
  } catch (cause) {
    // A read that does not end keeps the file open.
    void file.close().catch(() => undefined);
    throw cause;
  }
}

/** Reads a whole file. @throws as {@link openToRead}; also if the file has more than `maxBytes` */
export async function readBytes(path: string, maxBytes = Infinity): Promise<Buffer> {
  const file = await openToRead(path);
  try {
    const { size } = await file.stat();
    if (size > maxBytes) throw new Error(`it has ${size} bytes, more than the ${maxBytes} allowed for such a file.`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** Reads a text in UTF-8, without a byte order mark and with plain line feeds. @throws as {@link readBytes} */
export async function readText(path: string, maxBytes?: number): Promise<string> {
  return plainText((await readBytes(path, maxBytes)).toString('utf8'));
}

/** The same text without a byte order mark and with plain line feeds, as Python opens text files. */
export function plainText(text: string): string {
  return text.replace(/^\ufeff/, '').replaceAll(/\r\n?/g, '\n');
}

/** Whether a file states a size and takes no place on the disk. Other systems report no place for files just written. */
export function isElsewhere(
  { size, blocks }: { readonly size: number; readonly blocks: number },
  platform: NodeJS.Platform = process.platform,
): boolean {
  return platform === 'win32' && blocks === 0 && size >= leastBytes;
}

/** Gives the errors of reading a next step. @param cause any error; others are returned as they are */
export function asReadError(cause: unknown): unknown {
  if (!(cause instanceof Error) || cause instanceof UnreadableFileError || !('code' in cause)) return cause;
  const { code } = cause;
  if (code === unknown) {
    return new UnreadableFileError(
      'the system cannot deliver its content.',
      'If it lies in OneDrive or another cloud folder, choose “Always keep on this device” in its menu in Explorer. Then try again.',
      { cause },
    );
  }
  if (gone.has(code)) {
    return new UnreadableFileError('its disk does not answer.', 'Connect the disk again, then try again.', { cause });
  }
  if (held.has(code)) {
    return new UnreadableFileError('another program is using it.', 'Close that program, then try again.', { cause });
  }
  return cause;
}

function requireFile(isFile: boolean): void {
  if (!isFile) throw new UnreadableFileError('it is not a file.', 'Choose a file.');
}

async function fetchFirstByte(
  file: FileHandle,
  { patienceMs: patience = patienceMs, touch = (one) => one.read(Buffer.alloc(1), 0, 1, 0) }: ReadOptions,
): Promise<void> {
  const stop = Promise.withResolvers<never>();
  const timer = setTimeout(() => stop.reject(inTheCloud()), patience);
  try {
    await Promise.race([touch(file), stop.promise]);
  } catch (cause) {
    throw cause instanceof UnreadableFileError ? cause : inTheCloud(cause);
  } finally {
    clearTimeout(timer);
  }
}

function inTheCloud(cause?: unknown): UnreadableFileError {
  return new UnreadableFileError(
    'only its name is on this computer; its content is in the cloud and does not arrive.',
    'Connect to the internet and choose “Always keep on this device” in the file’s menu in Explorer. Then try again.',
    { cause },
  );
}
