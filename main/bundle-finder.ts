/** From what a person dropped or chose to the model it belongs to. */
import { stat } from 'node:fs/promises';
import { basename, dirname, extname } from 'node:path';
import { AppFailure } from './failure.ts';
import type { FoundBundle } from './model-library.ts';
import { requireFit, resolveBundle } from './models/bundle.ts';
import { checkProgramFile } from './models/preflight.ts';
import { operatorsOf } from './models/program/program.ts';
import { qnnTarget } from './models/program/target.ts';

/** Files that tell where a model lies, though they are not its program. */
const partOfModel: ReadonlySet<string> = new Set(['.ptd', '.model', '.json', '.jinja']);

/**
 * Takes the program among `paths`, or else a folder, or else the folder of a file that usually lies beside a program.
 * @throws AppFailure `files-not-found`, `model-not-recognised`; EngineFailure for a bundle that is incomplete, damaged or for another chip
 */
export async function findBundle(paths: readonly string[]): Promise<FoundBundle> {
  const bundle = await resolveBundle(await choose(paths));
  requireFit(bundle);
  const { paths: files, manifest, folder, sampling } = bundle;
  const sizes = await Promise.all(
    [files.program, ...files.data, files.tokenizer].map(async (path) => (await stat(path)).size),
  );
  return {
    paths: files,
    operators: operatorsOf(bundle.facts),
    name: manifest?.name ?? basename(folder),
    sampling,
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    ...(manifest?.license === undefined ? {} : { license: manifest.license }),
  };
}

/** The chip that a program was compiled for, for people; undefined for one of the CPU, or one that cannot be read. */
export async function targetOf(program: string): Promise<string | undefined> {
  try {
    return qnnTarget(await checkProgramFile(program))?.label;
  } catch {
    return undefined;
  }
}

async function choose(paths: readonly string[]): Promise<string> {
  const program = paths.find((path) => extname(path).toLowerCase() === '.pte');
  if (program !== undefined) return program;
  const kinds = await Promise.all(
    paths.map(async (path) => {
      const found = await stat(path).catch(() => undefined);
      return { path, exists: found !== undefined, isFolder: found?.isDirectory() ?? false };
    }),
  );
  const folder = kinds.find(({ isFolder }) => isFolder);
  if (folder) return folder.path;
  const gone = kinds.find(({ exists }) => !exists);
  if (gone) {
    throw new AppFailure('files-not-found', `There is nothing at “${gone.path}”.`, 'Check that it has not been moved.');
  }
  const part = kinds.find(({ path }) => partOfModel.has(extname(path).toLowerCase()));
  if (part) return dirname(part.path);
  const names = paths.map((path) => `“${basename(path)}”`).join(', ');
  throw new AppFailure(
    'model-not-recognised',
    `${names} is no model: Wyvern runs ExecuTorch programs (.pte) with their tokenizer beside them.`,
    'Drop a .pte file, or the folder that it lies in.',
  );
}
