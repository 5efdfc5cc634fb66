/** Finds the files that may belong to a model: dropped, chosen or named ones, and those beside them. */
import { readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { AppFailure } from '../../failure.ts';
import { additionalFolder, foundFile, type FoundFile } from './parts.ts';

/** No model has more files in a folder. The rest is ignored. */
const maxFiles = 10_000;

export interface GatherOptions {
  /** Levels of folders to search. */
  readonly levels?: number;
  /** Whether files beside a named file count: not if a folder or an archive was named too. */
  readonly beside?: boolean;
}

/**
 * Takes the named files and the files beside them, or the files in the named folders and one level below, as archives leave
 * them.
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
      // Several named files are all the person means. A file that belongs to no model only names its folder.
      add(path, foundFile(path, true).part !== undefined);
      if (!alone) continue;
      for (const neighbour of await filesIn(dirname(path), 0)) add(neighbour, false);
      for (const template of await filesIn(join(dirname(path), additionalFolder), 0)) add(template, false);
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
