/** Collects the facts about a model that are known before it is loaded. */
import type { BundlePaths } from '../engine/protocol.ts';
import { storedFiles } from './model-files.ts';
import type { FoundBundle } from './found-bundle.ts';
import { bundleName, bundleOf, requireFit, resolveBundle, type Bundle } from '../models/bundle.ts';
import { checkProgramFile } from '../models/preflight.ts';
import { backendsOf, operatorsOf } from '../models/program/program.ts';
import { keptStateOf } from '../models/program/state.ts';
import { FileCache } from '../models/file-cache.ts';
import { summaryOf, type ProgramSummary } from '../models/summary.ts';

/**
 * The bundle of one folder or `.pte`, without questions to the person.
 * @throws EngineFailure for one that is incomplete, ambiguous, damaged or for another chip
 */
export async function findBundle(path: string): Promise<FoundBundle> {
  return await describe(await resolveBundle(path));
}

/** The bundle of files that belong together. @throws EngineFailure as {@link findBundle} */
export async function checkBundle(paths: BundlePaths): Promise<FoundBundle> {
  return await describe(await bundleOf(paths));
}

const summaries = new FileCache(async (program) => summaryOf(await checkProgramFile(program)));

/** The facts of a program for the library, cached while the file is unchanged. @throws EngineFailure */
export async function programSummary(program: string): Promise<ProgramSummary> {
  return await summaries.get(program);
}

async function describe(bundle: Bundle): Promise<FoundBundle> {
  requireFit(bundle);
  const { paths, manifest, sampling } = bundle;
  const files = await storedFiles(paths);
  const bytesOf = (...parts: readonly string[]): number =>
    files.filter(({ part }) => parts.includes(part)).reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    paths,
    files,
    operators: operatorsOf(bundle.facts),
    backends: backendsOf(bundle.facts),
    keptState: keptStateOf(bundle.facts),
    name: bundleName(paths.program, manifest),
    sampling,
    bytes: bytesOf('program', 'data', 'tokenizer'),
    memory: { fileBytes: bytesOf('program', 'data'), stateBytes: summaryOf(bundle.facts).stateBytes },
    ...(manifest?.license === undefined ? {} : { license: manifest.license }),
    ...(manifest?.parameters === undefined ? {} : { parameters: manifest.parameters }),
  };
}
