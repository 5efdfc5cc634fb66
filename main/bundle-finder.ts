/** From files that belong together to what is known of the model before it is loaded. */
import type { BundlePaths } from './engine/protocol.ts';
import { storedFiles } from './model-files.ts';
import type { FoundBundle } from './model-library.ts';
import { bundleName, bundleOf, requireFit, resolveBundle, type Bundle } from './models/bundle.ts';
import { checkProgramFile } from './models/preflight.ts';
import { operatorsOf } from './models/program/program.ts';
import { qnnTarget } from './models/program/target.ts';

/**
 * The bundle of one folder or `.pte`, where nobody can be asked.
 * @throws EngineFailure for one that is incomplete, ambiguous, damaged or for another chip
 */
export async function findBundle(path: string): Promise<FoundBundle> {
  return await describe(await resolveBundle(path));
}

/** The bundle of files that are known to belong together. @throws EngineFailure as {@link findBundle} */
export async function checkBundle(paths: BundlePaths): Promise<FoundBundle> {
  return await describe(await bundleOf(paths));
}

/** The chip that a program was compiled for, for people; undefined for one of the CPU, or one that cannot be read. */
export async function targetOf(program: string): Promise<string | undefined> {
  try {
    return qnnTarget(await checkProgramFile(program))?.label;
  } catch {
    return undefined;
  }
}

async function describe(bundle: Bundle): Promise<FoundBundle> {
  requireFit(bundle);
  const { paths, manifest, sampling } = bundle;
  const files = await storedFiles(paths);
  const large: ReadonlySet<string> = new Set(['program', 'data', 'tokenizer']);
  return {
    paths,
    files,
    operators: operatorsOf(bundle.facts),
    name: bundleName(paths.program, manifest),
    sampling,
    bytes: files.filter(({ part }) => large.has(part)).reduce((sum, { bytes }) => sum + bytes, 0),
    ...(manifest?.license === undefined ? {} : { license: manifest.license }),
  };
}
