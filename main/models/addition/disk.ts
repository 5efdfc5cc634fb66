/** Room on the disk, and what goes wrong while it is written to. */
import { statfs } from 'node:fs/promises';
import { AppFailure } from '../../failure.ts';

/** How far unpacking, copying or comparing is. */
export interface Progress {
  readonly stage: 'unpack' | 'copy' | 'verify';
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

/** What the system and the app's own files keep. */
const reserveBytes = 64 * 2 ** 20;

/** @throws AppFailure `disk-full`, with both numbers */
export async function requireSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (bytes + reserveBytes <= free) return;
  throw new AppFailure(
    'disk-full',
    `The model needs ${megabytes(bytes)} and ${megabytes(reserveBytes)} to spare, but the disk of “${folder}” has only ${megabytes(free)} free.`,
    'Make room on that disk, or use the model where it is.',
  );
}

/** A source that cannot be read, in words. */
export function readFailure(error: unknown, path: string): AppFailure {
  return new AppFailure(
    'model-unreadable',
    `“${path}” cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
    'Check that the file is there and that you may read it.',
  );
}

/** A failed write, in words. */
export function writeFailure(error: unknown, path: string): AppFailure {
  if (error instanceof AppFailure) return error;
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') {
    return new AppFailure(
      'disk-full',
      `The disk filled up while “${path}” was written.`,
      'Nothing was kept of it. Make room on that disk and try again.',
    );
  }
  return new AppFailure(
    'copy-failed',
    `“${path}” could not be written: ${reason.replace(/\.$/, '')}.`,
    'Nothing was kept of it. Check the disk and try again, or use the model where it is.',
  );
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6).toLocaleString('en-US')} MB`;
}
