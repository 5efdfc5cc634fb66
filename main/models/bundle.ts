/**
 * Model bundles on disk: finds the files of a bundle from a folder or a `.pte` and checks that they exist and have the right
 * kind. Plain Node.
 */
import { stat } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import type { z } from 'zod';
import { readJson } from '../engine/bounded-json.ts';
import { failure, unreadable } from '../engine/errors.ts';
import { AppFailure } from '../failure.ts';
import { readBundleFiles } from '../engine/bundle-files.ts';
import { manifestSchema, type Manifest, type RecommendedSampling } from '../engine/manifest.ts';
import type { BundlePaths } from '../engine/protocol.ts';
import type { AdditionQuestion, ModelPart } from '../../preload/contract.ts';
import { peek } from './addition/candidates.ts';
import { describeFaults } from './addition/faults.ts';
import { gather } from './addition/gather.ts';
import { inFolder, withGiven } from './addition/given.ts';
import { readLayout } from './addition/layout.ts';
import { pair, type Choices, type Pairing, type Reader } from './addition/pair.ts';
import { partOf, partWords } from './addition/parts.ts';
import { FileCache } from './file-cache.ts';
import { checkContextFile, isGenie } from './genie.ts';
import { checkDataFile, checkProgramFile, type CheckedProgram, type ProgramOptions } from './preflight.ts';
import { fitOf } from './program/fit.ts';
import type { FlatTensorFacts } from './program/flat-tensor.ts';
import { machineOf, thisHardware, type Machine } from './program/machine.ts';
import type { ProgramFacts } from './program/program.ts';
import { qnnTarget, type QnnTarget } from './program/target.ts';

export { bundleName } from '../engine/manifest.ts';

export interface Bundle {
  /** Absolute. */
  readonly folder: string;
  readonly paths: BundlePaths;
  readonly manifest: Manifest | undefined;
  /** Recommended sampling, from the manifest, else from `generation_config.json` or `genie_config.json`. */
  readonly sampling: RecommendedSampling;
  /** Facts in the program file. */
  readonly facts: ProgramFacts;
  /** The chip it was compiled for; absent for programs of the CPU. */
  readonly target?: QnnTarget;
}

const defaultModel = 'smollm2-135m-instruct';

export interface BundleOptions extends ProgramOptions {
  /**
   * A tokenizer, or a folder that has one with the files beside it, e.g. the folder of the model that the program was exported
   * from. It replaces the tokenizer beside the program.
   */
  readonly tokenizer?: string;
}

/**
 * Finds the bundle of a folder or a `.pte`. Without a path, takes the default model: `WYVERN_MODEL`, else the one of set-up.
 * Does not compare hashes, because that reads every byte (see `verify.ts`).
 * @throws EngineFailure, also if files are missing or ambiguous
 */
export async function resolveBundle(
  path?: string,
  environment: NodeJS.ProcessEnv = process.env,
  options: BundleOptions = {},
): Promise<Bundle> {
  const asked = path ?? environment['WYVERN_MODEL'];
  const isDefault = asked === undefined || asked === '';
  const place = isDefault ? await defaultFolder() : resolve(asked);
  const found = await stat(place).catch(() => undefined);
  if (found === undefined) {
    throw failure('model-not-found', {
      path: place,
      ...(isDefault ? { hint: 'Run `npm run setup` to make the default model.' } : {}),
    });
  }
  if (!found.isDirectory() && extname(place).toLowerCase() === '.gguf') {
    throw failure('option-invalid', {
      reason: `“${place}” is a GGUF file.`,
      hint: 'Make a model folder from it with `wyvern prepare FILE --out FOLDER`, or drop it on Wyvern’s window.',
    });
  }
  if (!found.isDirectory() && extname(place).toLowerCase() === '.zip') {
    throw failure('option-invalid', {
      reason: `“${place}” is a zip archive.`,
      hint: 'Unpack it and name the folder, or drop the archive on Wyvern’s window.',
    });
  }
  const isFolder = found.isDirectory();
  const folder = isFolder ? place : dirname(place);
  const { paths, question, missing, faults } = await pairAt(place, isFolder ? {} : { program: [place] }, options);
  if (question !== undefined) throw ambiguous(question, folder);
  // `bundleOf` reports missing weights by the names in the program.
  const lacking = missing.filter(({ weight }) => weight === undefined);
  if (paths === undefined || lacking.length > 0) {
    if (faults !== undefined) throw failure('option-invalid', { reason: faults.message, hint: faults.hint });
    const names = lacking.map(({ part, name }) => name ?? missingWords[part] ?? partWords[part]);
    const [only, ...others] = lacking;
    throw failure('bundle-incomplete', {
      folder,
      missing: names,
      ...(only?.part === 'tokenizer' && others.length === 0 ? { hint: tokenizerHint } : {}),
    });
  }
  return await bundleOf(paths, options);
}

const tokenizerHint =
  'Name the folder of the model that the program was made from with `--tokenizer FOLDER`, or put its tokenizer beside the program.';

function ambiguous({ part, options }: AdditionQuestion, folder: string): Error {
  const names = named(
    options.map(({ path }) => path),
    folder,
  );
  const hint =
    part === 'program'
      ? 'Open the one you want instead of the folder.'
      : part === 'tokenizer'
        ? 'Name the one you want with `--tokenizer FILE`, or in wyvern.json.'
        : 'Name the one you want in wyvern.json, or move the others to another folder.';
  return failure('option-invalid', {
    reason: `“${folder}” has more than one ${partWords[part]}: ${names}.`,
    hint,
  });
}

/** Pairs the files at a place. @throws EngineFailure */
async function pairAt(
  place: string,
  choices: Choices,
  { tokenizer, ...options }: BundleOptions,
): Promise<Pairing & { readonly faults: ReturnType<typeof describeFaults> }> {
  try {
    const given = tokenizer === undefined ? [] : await tokenizersAt(tokenizer);
    const { files, faulty } = await withGiven(await gather([place]), given);
    const pairing = await pair(files, given.length === 0 ? choices : { ...choices, tokenizer: given }, {
      ...bundleReader,
      wanted: async (program) => (await checkProgramFile(program, options)).externalData,
    });
    return { ...pairing, faults: describeFaults([...faulty, ...pairing.unusable]) };
  } catch (error) {
    if (!(error instanceof AppFailure)) throw error;
    const { message, hint } = error.error;
    throw failure('option-invalid', { reason: message, ...(hint === undefined ? {} : { hint }) });
  }
}

/** @throws AppFailure if there is no tokenizer */
async function tokenizersAt(place: string): Promise<readonly string[]> {
  const path = resolve(place);
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true) {
    const all = await inFolder(path, 'tokenizer');
    if (all.length === 1) return all;
    throw new AppFailure(
      'files-unusable',
      `“${path}” has more than one tokenizer: ${named(all, path)}.`,
      'Name the one you want with `--tokenizer FILE`.',
    );
  }
  if (found !== undefined && partOf(basename(path)) === 'tokenizer') return [path];
  throw new AppFailure(
    'files-unusable',
    found === undefined ? `There is nothing at “${path}”.` : `“${path}” is no tokenizer.`,
    '--tokenizer takes a tokenizer.json, a tokenizer.model or a folder that has one.',
  );
}

/** Maximum number of files that a sentence names. */
const mostNamed = 8;

function named(paths: readonly string[], folder: string): string {
  const names = paths.slice(0, mostNamed).map((path) => relative(folder, path));
  return paths.length > mostNamed ? `${names.join(', ')} and ${paths.length - mostNamed} more` : names.join(', ');
}

const missingWords: Partial<Record<ModelPart, string>> = {
  program: 'a program (.pte)',
  tokenizer: 'its tokenizer (tokenizer.json or tokenizer.model)',
};

const peeks = new FileCache(async (path) => await peek(path, async () => (await stat(path)).size));

/** Reads files for pairing. */
export const bundleReader: Reader = {
  manifest: async (path) => await read(path, manifestSchema),
  wanted: async (path) => (await checkProgramFile(path)).externalData,
  weights: async (path) => (await checkDataFile(path)).keys,
  peek: async (path) => await peeks.get(path),
  layout: readLayout,
};

/**
 * Checks the files of a bundle. They may be in several folders.
 * @throws EngineFailure
 */
export async function bundleOf(paths: BundlePaths, options: ProgramOptions = {}): Promise<Bundle> {
  const [facts, data, { manifest, generationConfig, genie }] = await Promise.all([
    checkProgramFile(paths.program, options),
    Promise.all(paths.data.map(isGenie(paths.program) ? checkContextFile : checkDataFile)),
    readBundleFiles(paths),
  ]);
  requireWeights(paths.program, facts, data);
  const target = qnnTarget(facts);
  return {
    folder: dirname(paths.program),
    paths,
    manifest,
    sampling: manifest?.sampling ?? generationConfig?.sampling ?? genie?.sampling ?? {},
    facts,
    ...(target === undefined ? {} : { target }),
  };
}

/** @throws EngineFailure `weights-missing` if no file beside the program has all bytes of the weights that it needs */
function requireWeights(
  path: string,
  { externalData, delegateData }: CheckedProgram,
  data: readonly FlatTensorFacts[],
): void {
  const found = new Set(data.flatMap(({ keys }) => keys));
  const missing = externalData.filter((key) => !found.has(key));
  if (missing.length > 0) {
    const [first = ''] = missing;
    const names = missing.length === 1 ? `“${first}”` : `“${first}” and ${missing.length - 1} more`;
    const reason = isGenie(path)
      ? `it needs ${names}.`
      : data.length === 0
        ? `it needs ${names} from a .ptd file.`
        : `no file beside it has the weights ${names}.`;
    throw failure('weights-missing', { path, reason });
  }
  for (const [key, wanted] of delegateData) {
    const held = data.map(({ bytes }) => bytes.get(key)).find((bytes) => bytes !== undefined);
    if (held === undefined || held < wanted) {
      const has = held === undefined ? 'no file beside it has' : `a file beside it has ${held} bytes of`;
      throw failure('weights-missing', { path, reason: `it reads ${wanted} bytes “${key}”, and ${has} it.` });
    }
  }
}

/**
 * Refuses a program for another chip before it is loaded.
 * @returns a warning if the program was compiled for another chip of the same architecture
 * @throws EngineFailure `model-for-other-chip`
 */
export function requireFit(
  { paths, target }: Bundle,
  machine: Machine = machineOf(thisHardware()),
): string | undefined {
  const fit = fitOf(target, machine);
  if (!fit.runs) {
    const { reason, hint } = fit;
    throw failure('model-for-other-chip', { path: paths.program, reason, hint });
  }
  if (fit.otherChip === undefined || target === undefined) return undefined;
  return `“${basename(paths.program)}” was compiled for ${target.label}; it may not run on ${fit.otherChip}.`;
}

/** In the resources of the checkout or of the packaged app. */
async function defaultFolder(): Promise<string> {
  // main/models/ in a checkout and out/main/ after a build are both two levels below the root.
  const places = [join(import.meta.dirname, '../../resources/models', defaultModel)];
  if ('resourcesPath' in process && typeof process.resourcesPath === 'string') {
    places.push(join(process.resourcesPath, 'models', defaultModel));
  }
  for (const place of places) if (await isFile(join(place, 'model.pte'))) return place;
  return places[0] ?? defaultModel;
}

/** SHA-256 hashes in a manifest, by file name; none if the manifest is unreadable. */
export async function hashesOf(manifest: string): Promise<Readonly<Record<string, string>>> {
  try {
    return (await readJson(manifest, manifestSchema)).sha256 ?? {};
  } catch {
    return {};
  }
}

async function read<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>> {
  try {
    return await readJson(path, schema);
  } catch (error) {
    throw (
      unreadable(path, error) ??
      failure('model-invalid', { path, reason: error instanceof Error ? error.message : String(error) })
    );
  }
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}
