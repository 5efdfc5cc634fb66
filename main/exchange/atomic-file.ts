import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Writes a file piece by piece. The file gets its name when it is complete; until then the old file stays. The next piece
 * is requested after the last one is written.
 * @throws the system's own error; no partial file stays
 */
export async function writeAtomically(path: string, pieces: Iterable<string>): Promise<void> {
  const half = join(dirname(path), `.${basename(path).slice(0, 100)}.${randomUUID()}.tmp`);
  try {
    const file = await open(half, 'wx');
    try {
      for (const piece of pieces) await file.writeFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(half, path);
  } catch (cause) {
    await rm(half, { force: true }).catch(() => undefined);
    throw cause;
  }
}
