import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { failure } from '../engine/errors.ts';
import type { Bundle } from './bundle.ts';

export interface Verification {
  readonly file: string;
  /** Whether the file's SHA-256 is the one that `wyvern.json` promises. */
  readonly matches: boolean;
}

/**
 * Reads every file that `wyvern.json` has a hash of.
 * @throws EngineFailure `model-unreadable`
 */
export async function verifyBundle({ folder, manifest }: Bundle): Promise<readonly Verification[]> {
  const verified: Verification[] = [];
  for (const [file, expected] of Object.entries(manifest?.sha256 ?? {})) {
    const path = join(folder, file);
    const hash = createHash('sha256');
    try {
      await pipeline(createReadStream(path), hash);
    } catch (error) {
      throw failure('model-unreadable', { path, reason: error instanceof Error ? `${error.message}.` : String(error) });
    }
    verified.push({ file, matches: hash.digest('hex') === expected });
  }
  return verified;
}
