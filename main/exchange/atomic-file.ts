import { randomUUID } from 'node:crypto';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { removeFile, renameFile } from '../files/held.ts';

/**
 * Writes a file piece by piece. The file gets its name when it is complete; until then the old file stays. The next piece
 * is requested after the last one is written.
 * @throws the system's own error; no partial file stays
 */
export async function writeAtomically(path: string, pieces: Iterable<string | Uint8Array>): Promise<void> {
  const half = join(dirname(path), `.wyvern-${randomUUID()}.tmp`);
  try {
    const file = await open(half, 'wx');
    try {
      for (const piece of pieces) await file.writeFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
    await renameFile(half, path);
  } catch (cause) {
    await removeFile(half).catch(() => undefined);
    throw cause;
  }
}
