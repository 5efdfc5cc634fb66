/** Searches the files of one addition: those that started it, and those that answer its question. */
import { stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { ModelPart } from '../../preload/contract.ts';
import { AppFailure } from '../failure.ts';
import { describeFaults, unfinishedName } from '../models/addition/faults.ts';
import { gather, type Gathered } from '../models/addition/gather.ts';
import { nearest } from '../models/addition/given.ts';
import type { Pairing } from '../models/addition/pair.ts';
import { foundFile } from '../models/addition/parts.ts';

const nothing: Gathered = { files: [], faulty: [], cut: false };

/**
 * The named files and the files around them. A text file does not lead to the model beside it.
 * @param unpacked the folder of the archives' files, if there were archives
 */
export async function filesAround(paths: readonly string[], unpacked: string | undefined): Promise<Gathered> {
  const inside = unpacked === undefined ? nothing : await gather([unpacked]);
  const named = await Promise.all(
    paths
      .filter((path) => !isArchive(path))
      .map(async (path) => ({ path, isWay: isPart(path) || unfinishedName(path) || (await isFolder(path)) })),
  );
  const ways = named.filter(({ isWay }) => isWay).map(({ path }) => path);
  if (ways.length === 0) return inside;
  const around = await gather(ways, { beside: unpacked === undefined });
  return {
    files: [...inside.files, ...around.files],
    faulty: [...inside.faulty, ...around.faulty],
    cut: inside.cut || around.cut,
  };
}

/** @throws AppFailure if there is nothing to pair, or no program and one that cannot be used */
export function requireParts(paths: readonly string[], { files, faulty, cut }: Gathered): void {
  const has = (part: ModelPart): boolean => files.some((file) => file.part === part);
  const programs = faulty.filter(({ name }) => /\.pte(\.|$)/i.test(name));
  const isEmpty = !files.some(({ part }) => part !== undefined);
  const faults = describeFaults(programs.length > 0 ? programs : isEmpty ? faulty : []);
  if (!has('program') && faults !== undefined) throw new AppFailure('files-unusable', faults.message, faults.hint);
  if (!isEmpty) return;
  const names = paths.map((path) => `“${basename(path)}”`).join(', ');
  throw new AppFailure(
    'model-not-recognised',
    cut
      ? `${names} has more files than Wyvern searches, and none of the first belongs to a model.`
      : `${names} is no model: Wyvern runs ExecuTorch programs (.pte) with their tokenizer, and GGUF files.`,
    'Drop a .pte file, its folder, a zip of it, or a .gguf file.',
  );
}

/**
 * The dropped files that answer the open question; undefined if they are another model. Of a folder without a program, such as
 * the model's own repository, the tokenizer is the answer.
 */
export async function answerIn({ found }: Pairing, paths: readonly string[]): Promise<readonly string[] | undefined> {
  const has = (part: ModelPart): boolean => found.some(([own]) => own === part);
  const files: string[] = [];
  for (const path of paths) {
    const { part } = foundFile(path, true);
    if (part !== undefined && !(await isFolder(path))) {
      if (part === 'program' && has('program')) return undefined;
      files.push(path);
      continue;
    }
    if (isArchive(path) || !(await isFolder(path))) return undefined;
    const inside = await gather([path]);
    const programs = inside.files.some((file) => file.part === 'program');
    if (programs || !has('program')) return undefined;
    const tokenizers = nearest(inside.files, 'tokenizer');
    if (tokenizers.length === 0) return undefined;
    files.push(...tokenizers);
  }
  return files;
}

export async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}

export function isArchive(path: string): boolean {
  return extname(path).toLowerCase() === '.zip';
}

function isPart(path: string): boolean {
  return foundFile(path, true).part !== undefined;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? true;
}
