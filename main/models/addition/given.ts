/** Files that the person gives to a model from elsewhere, such as the tokenizer of an export without one. */
import { basename, sep } from 'node:path';
import type { ModelPart } from '../../../preload/contract.ts';
import { AppFailure } from '../../failure.ts';
import { describeFaults } from './faults.ts';
import { gather, type Gathered } from './gather.ts';
import { companions, foundFile, partOf, partWords, type FoundFile } from './parts.ts';

/**
 * Adds the given files, and those beside them that describe their use, to the files around a model.
 * @throws AppFailure `files-not-found`, `files-unusable`
 */
export async function withGiven(around: Gathered, given: readonly string[]): Promise<Gathered> {
  if (given.length === 0) return around;
  const beside = await gather(given);
  // The manifest beside another program describes that one.
  const others = new Set(beside.files.filter(({ part }) => part === 'program').map(({ folder }) => folder));
  const describes = ({ part, folder }: FoundFile): boolean =>
    companions.has(part) && !(part === 'manifest' && others.has(folder));
  const known = new Map(beside.files.filter(describes).map((file) => [file.path, file]));
  for (const file of around.files) known.set(file.path, file);
  for (const path of given) known.set(path, foundFile(path, true));
  return {
    files: [...known.values()],
    faulty: [...around.faulty, ...beside.faulty.filter(({ path }) => given.includes(path))],
    cut: around.cut,
  };
}

/** The files of a part in the folder that the person chose for it. @throws AppFailure `files-unusable` */
export async function inFolder(folder: string, part: ModelPart): Promise<readonly string[]> {
  const { files, faulty } = await gather([folder]);
  const found = nearest(files, part);
  if (found.length > 0) return found;
  const faults = describeFaults(
    faulty.filter(({ name }) => partOf(name.replace(/\.[^.]*$/, '')) === part || partOf(name) === part),
  );
  throw new AppFailure(
    'files-unusable',
    faults?.message ?? `“${basename(folder)}” has no ${partWords[part]}.`,
    faults?.hint ??
      'Choose the folder of the model that the program was made from. Wyvern needs its tokenizer.json or tokenizer.model.',
  );
}

/** Of the files of a part, those in the uppermost folder. */
export function nearest(files: readonly FoundFile[], part: ModelPart): readonly string[] {
  const all = files.filter((file) => file.part === part);
  const depth = (file: FoundFile): number => file.folder.split(sep).length;
  const least = Math.min(...all.map(depth));
  return all.filter((file) => depth(file) === least).map(({ path }) => path);
}
