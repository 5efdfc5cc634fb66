/** From what a person dropped, chose or named to the files that may belong to the model. */
import { readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { AppFailure } from '../../failure.ts';
import { foundFile, type FoundFile } from './parts.ts';

/** A folder with more files than this is no model's; what is beyond them is not looked at. */
const maxFiles = 10_000;

export interface GatherOptions {
  /** How many folders deep to look. */
  readonly levels?: number;
  /** Whether what lies beside a named file counts: not where a folder or an archive was named as well. */
  readonly beside?: boolean;
}

/**
 * Takes the named files, what lies beside them, or what lies in the named folders: also one folder deeper, as archives
 * leave them.
 * @throws AppFailure `files-not-found`
 */
export async function gather(
  paths: readonly string[],
  { levels = 1, beside = true }: GatherOptions = {},
): Promise<readonly FoundFile[]> {
  const files = new Map<string, FoundFile>();
  const add = (path: string, chosen: boolean): void => {
    if (files.size < maxFiles && (chosen || !files.has(path))) files.set(path, foundFile(path, chosen));
  };
  const places = await Promise.all(paths.map(async (path) => await placeOf(resolve(path))));
  const alone = beside && !places.some(({ isFolder }) => isFolder);
  for (const { path, isFolder } of places) {
    if (isFolder) for (const inside of await filesIn(path, levels)) add(inside, false);
    else {
      // Of several files the person means these; what belongs to no model is a file beside.
      add(path, foundFile(path, true).part !== undefined);
      if (alone) for (const neighbour of await filesIn(dirname(path), 0)) add(neighbour, false);
    }
  }
  return [...files.values()];
}

async function placeOf(path: string): Promise<{ readonly path: string; readonly isFolder: boolean }> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) {
    throw new AppFailure('files-not-found', `There is nothing at “${path}”.`, 'Check that it has not been moved.');
  }
  return { path, isFolder: found.isDirectory() };
}

async function filesIn(folder: string, levels: number): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => join(folder, name));
  if (levels === 0) return files;
  const folders = entries.filter((entry) => entry.isDirectory()).slice(0, maxFiles);
  const deeper: string[] = [];
  for (const { name } of folders) {
    deeper.push(...(await filesIn(join(folder, name), levels - 1)));
    if (deeper.length > maxFiles) break;
  }
  return [...files, ...deeper];
}
