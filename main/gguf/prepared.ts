/** Recognises a GGUF that was prepared before, so that its weights are written once. */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readText } from '../files/reading.ts';
import type { Gguf } from './gguf-file.ts';

/** The key of `wyvern.json` for the fingerprint of the GGUF. */
export const fingerprintKey = 'madeFrom';
/** Changes if the same GGUF gives another bundle than before. */
const format = 2;

const headBytes = 256 * 1024;
const sampleBytes = 256;

/**
 * SHA-256 of a GGUF's sizes, heads, places of tensors, and the first and last bytes of each tensor. A hash of all bytes would take
 * as long as the preparation.
 * @throws an Error of the file system
 */
export function fingerprint({ path, tensors }: Gguf): string {
  const hash = createHash('sha256').update(`format ${format}\n`);
  const all = [...tensors.values()];
  for (const part of new Set([path, ...all.map(({ place }) => place.path)])) {
    const file = openSync(part, 'r');
    const sample = (offset: number, length: number): void => {
      const bytes = Buffer.alloc(length);
      hash.update(bytes.subarray(0, readSync(file, bytes, 0, length, offset)));
    };
    try {
      hash.update(`size ${fstatSync(file).size}\n`);
      sample(0, headBytes);
      for (const { name, type, dimensions, place, rows, rowBytes } of all.filter((one) => one.place.path === part)) {
        hash.update(`${name} ${type.name} ${dimensions.join('×')} ${place.offset}\n`);
        sample(place.offset, Math.min(sampleBytes, rows * rowBytes));
        sample(place.offset + Math.max(0, rows * rowBytes - sampleBytes), sampleBytes);
      }
    } finally {
      closeSync(file);
    }
  }
  return hash.digest('hex');
}

const manifestBytes = 1024 * 1024;
const manifestLine = new RegExp(`"${fingerprintKey}": "([0-9a-f]{64})"`);

/** The folders of prepared models in a library, by the fingerprints of their GGUF files. */
export async function preparedIn(library: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const { name } of (await readdir(library, { withFileTypes: true }).catch(() => [])).filter(isVisibleFolder)) {
    const folder = join(library, name);
    const text = await readText(join(folder, 'wyvern.json'), manifestBytes).catch(() => '');
    const [, made] = manifestLine.exec(text) ?? [];
    if (made !== undefined) found.set(made, folder);
  }
  return found;
}

/** Work folders begin with a dot. */
function isVisibleFolder(entry: { readonly name: string; isDirectory: () => boolean }): boolean {
  return entry.isDirectory() && !entry.name.startsWith('.');
}
