/** Free space on the disk, and errors while writing. */
import { statfs } from 'node:fs/promises';
import { AppFailure } from '../../failure.ts';
import { asReadError, UnreadableFileError } from '../../files/reading.ts';

/** Progress of unpacking, preparing, copying or comparing. */
export interface Progress {
  readonly stage: 'unpack' | 'prepare' | 'copy' | 'verify';
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

/** Space that stays free for the system and the app. */
const reserveBytes = 64 * 2 ** 20;

/** @throws AppFailure `disk-full`, with both numbers */
export async function requireSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder).catch((error: unknown) => {
    throw writeFailure(error, folder);
  });
  const free = bavail * bsize;
  if (bytes + reserveBytes <= free) return;
  throw new AppFailure(
    'disk-full',
    `The model needs ${megabytes(bytes)} and a reserve of ${megabytes(reserveBytes)}, but the disk of “${folder}” has only ${megabytes(free)} free.`,
    'Free space on that disk, or use the model in its place.',
  );
}

/** The error of an unreadable source. */
export function readFailure(error: unknown, path: string): AppFailure {
  const known = asReadError(error);
  if (known instanceof UnreadableFileError) {
    return new AppFailure('model-unreadable', `“${path}” cannot be read: ${known.message}`, known.hint);
  }
  return new AppFailure(
    'model-unreadable',
    `“${path}” cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
    'Check that the file is there and that you may read it.',
  );
}

/** The error of a failed write. */
export function writeFailure(error: unknown, path: string): AppFailure {
  if (error instanceof AppFailure) return error;
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') {
    return new AppFailure(
      'disk-full',
      `The disk is full: “${path}” could not be written.`,
      'No part was kept. Free space on that disk and try again.',
    );
  }
  return new AppFailure(
    'copy-failed',
    `“${path}” could not be written: ${reason.replace(/\.$/, '')}.`,
    'No part was kept. Check the disk and try again, or use the model in its place.',
  );
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6).toLocaleString('en-US')} MB`;
}
