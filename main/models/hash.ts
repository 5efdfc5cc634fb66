import { createHash } from 'node:crypto';
import { openToRead } from '../files/reading.ts';

export interface HashOptions {
  readonly signal?: AbortSignal;
  /** Called at intervals with the bytes read so far. */
  readonly onProgress?: (bytesDone: number) => void;
  /** Leaves half of the time to other work on the thread and the disk. */
  readonly lowPriority?: boolean;
}

const chunkBytes = 1024 * 1024;

/**
 * SHA-256 of a file, in hexadecimal. One megabyte at a time: a turn of the event loop takes about a millisecond.
 * @throws Error of the file system, or the signal's reason
 */
export async function hashFile(
  path: string,
  { signal, onProgress, lowPriority = false }: HashOptions = {},
): Promise<string> {
  const hash = createHash('sha256');
  const file = await openToRead(path);
  try {
    const chunk = Buffer.allocUnsafe(chunkBytes);
    let bytesDone = 0;
    for (;;) {
      signal?.throwIfAborted();
      const since = performance.now();
      const { bytesRead } = await file.read(chunk, 0, chunkBytes, null);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(chunk.subarray(0, bytesRead));
      bytesDone += bytesRead;
      onProgress?.(bytesDone);
      if (lowPriority) await pause(performance.now() - since);
    }
  } finally {
    await file.close();
  }
}

/** Does not keep the process alive. */
async function pause(ms: number): Promise<void> {
  await new Promise<void>((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
