import { basename, dirname, join } from 'node:path';
import { failure } from '../engine/errors.ts';
import type { Bundle } from './bundle.ts';
import { hashFile } from './hash.ts';
import { filesOf } from './addition/parts.ts';

export interface Verification {
  readonly file: string;
  /** Whether the file's SHA-256 equals the one in `wyvern.json`. */
  readonly matches: boolean;
}

/**
 * Reads every file with a hash in `wyvern.json`: the bundle's files in their places, others beside the manifest.
 * @throws EngineFailure `model-unreadable`
 */
export async function verifyBundle({ paths, manifest }: Bundle): Promise<readonly Verification[]> {
  const files = new Map(filesOf(paths).map(([, path]) => [basename(path), path]));
  const verified: Verification[] = [];
  for (const [file, expected] of Object.entries(manifest?.sha256 ?? {})) {
    const path = files.get(file) ?? join(dirname(paths.manifest ?? paths.program), file);
    try {
      verified.push({ file, matches: (await hashFile(path)) === expected });
    } catch (error) {
      throw failure('model-unreadable', { path, reason: error instanceof Error ? `${error.message}.` : String(error) });
    }
  }
  return verified;
}
