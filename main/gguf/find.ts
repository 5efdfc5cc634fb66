/** Finds the GGUF that a person means: a file of any name, a part of a split one, or the only one in a folder. */
import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { AppFailure } from '../failure.ts';
import { isGguf, splitName } from './gguf-file.ts';

/** LM Studio keeps a model in `publisher/model/file.gguf`. */
const levels = 2;
const mostEntries = 10_000;

/**
 * Returns the GGUF among dropped paths; undefined if there is none, or if a folder has an ExecuTorch program too.
 * @throws AppFailure `gguf-unsupported` if there are several
 */
export async function findGguf(paths: readonly string[]): Promise<string | undefined> {
  const found = (await Promise.all(paths.map(ggufsAt))).flat();
  const models = new Map(found.toSorted().map((path) => [splitName(path), path]));
  const [first, ...others] = models.values();
  if (others.length === 0) return first;
  const names = [...models.values()].map((path) => `“${basename(path)}”`);
  const listed = names.slice(0, 4).join(', ') + (names.length > 4 ? ` and ${names.length - 4} more` : '');
  throw new AppFailure('gguf-unsupported', `There are several GGUF files: ${listed}.`, 'Drop the one you want.');
}

async function ggufsAt(path: string): Promise<readonly string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true) {
    const files = await filesIn(path, levels);
    if (files.some((file) => extname(file).toLowerCase() === '.pte')) return [];
    // The file of a vision encoder belongs to another one.
    return files.filter((file) => hasEnding(file) && !/^mmproj/i.test(basename(file)));
  }
  return hasEnding(path) || (await isGguf(path)) ? [path] : [];
}

function hasEnding(path: string): boolean {
  return extname(path).toLowerCase() === '.gguf';
}

async function filesIn(folder: string, depth: number): Promise<readonly string[]> {
  const entries = (await readdir(folder, { withFileTypes: true }).catch(() => [])).slice(0, mostEntries);
  const files = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => join(folder, name));
  if (depth === 0) return files;
  const folders = entries.filter((entry) => entry.isDirectory());
  const deeper = await Promise.all(folders.map(async ({ name }) => await filesIn(join(folder, name), depth - 1)));
  return [...files, ...deeper.flat()].slice(0, mostEntries);
}
