/**
 * Model bundles on disk: from a folder, a `.pte` or nothing to the files that belong together, checked to exist and to
 * be what their names say. Pure Node.
 */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { z } from 'zod';
import { readJson } from '../engine/bounded-json.ts';
import { failure } from '../engine/errors.ts';
import { generationConfigSchema, manifestSchema, type Manifest, type RecommendedSampling } from '../engine/manifest.ts';
import type { BundlePaths } from '../engine/protocol.ts';
import { checkDataFile, checkProgramFile } from './preflight.ts';
import { fitOf } from './program/fit.ts';
import type { FlatTensorFacts } from './program/flat-tensor.ts';
import { machineOf, thisHardware, type Machine } from './program/machine.ts';
import type { ProgramFacts } from './program/program.ts';
import { qnnTarget, type QnnTarget } from './program/target.ts';

export interface Bundle {
  /** Absolute. */
  readonly folder: string;
  readonly paths: BundlePaths;
  readonly manifest: Manifest | undefined;
  /** What the bundle recommends: its manifest, else its `generation_config.json`. */
  readonly sampling: RecommendedSampling;
  /** What the program says about itself. */
  readonly facts: ProgramFacts;
  /** What it was compiled for; absent for programs of the CPU. */
  readonly target?: QnnTarget;
}

const defaultModel = 'smollm2-135m-instruct';

/**
 * Finds the bundle of a folder or a `.pte`; without a path, the default model: `WYVERN_MODEL`, else the one that set-up
 * made. Hashes are not compared here (see `verify.ts`): that would read every byte at each start.
 * @throws EngineFailure
 */
export async function resolveBundle(path?: string, environment: NodeJS.ProcessEnv = process.env): Promise<Bundle> {
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
  const bundle = found.isDirectory() ? await bundleOf(place) : await bundleOf(dirname(place), basename(place));
  const { paths } = bundle;
  const [facts, data] = await Promise.all([
    checkProgramFile(paths.program),
    Promise.all(paths.data.map(checkDataFile)),
  ]);
  requireWeights(paths.program, facts, data);
  const target = qnnTarget(facts);
  return { ...bundle, facts, ...(target === undefined ? {} : { target }) };
}

/** @throws EngineFailure `weights-missing` if the program names weights that none of the files beside it has */
function requireWeights(path: string, { externalData }: ProgramFacts, data: readonly FlatTensorFacts[]): void {
  const found = new Set(data.flatMap(({ keys }) => keys));
  const missing = externalData.filter((key) => !found.has(key));
  if (missing.length === 0) return;
  const [first = ''] = missing;
  const names = missing.length === 1 ? `“${first}”` : `“${first}” and ${missing.length - 1} more`;
  const reason =
    data.length === 0 ? `it wants ${names} from a .ptd file.` : `no file beside it has the weights ${names}.`;
  throw failure('weights-missing', { path, reason });
}

/**
 * Refuses a program that was compiled for another chip, before anything of it is loaded.
 * @throws EngineFailure `model-for-other-chip`
 */
export function requireFit({ paths, target }: Bundle, machine: Machine = machineOf(thisHardware())): void {
  const fit = fitOf(target, machine);
  if (!fit.runs) {
    const { reason, hint } = fit;
    throw failure('model-for-other-chip', { path: paths.program, reason, hint });
  }
}

/** Beside the checkout's or the packaged app's other resources. */
async function defaultFolder(): Promise<string> {
  // main/models/ in a checkout and out/main/ after a build are both two levels below the root.
  const places = [join(import.meta.dirname, '../../resources/models', defaultModel)];
  if ('resourcesPath' in process && typeof process.resourcesPath === 'string') {
    places.push(join(process.resourcesPath, 'models', defaultModel));
  }
  for (const place of places) if (await isFile(join(place, 'model.pte'))) return place;
  return places[0] ?? defaultModel;
}

/** Pairs the files of a folder; `asked` is the one the person named, if any. */
async function bundleOf(folder: string, asked?: string): Promise<Omit<Bundle, 'facts' | 'target'>> {
  const names = (await readdir(folder, { withFileTypes: true }))
    .filter((entry) => !entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  const has = (name: string | undefined): string | undefined =>
    name !== undefined && names.includes(name) ? name : undefined;
  const programs = names.filter((name) => name.endsWith('.pte'));
  const folderManifest = has('wyvern.json') ? await read(join(folder, 'wyvern.json'), manifestSchema) : undefined;
  // A manifest speaks for the program it names.
  const manifest =
    asked === undefined || folderManifest?.program === undefined || folderManifest.program === asked
      ? folderManifest
      : undefined;

  const program = asked ?? manifest?.program ?? has('model.pte') ?? programs[0];
  if (asked === undefined && manifest?.program === undefined && !has('model.pte') && programs.length > 1) {
    throw failure('option-invalid', {
      reason: `“${folder}” has several programs: ${programs.join(', ')}.`,
      hint: 'Open the one you want instead of the folder.',
    });
  }
  const data = manifest?.data ?? dataBeside(names, programs, program);
  const tokenizer =
    manifest?.tokenizer ??
    has('tokenizer.json') ??
    has('tokenizer.model') ??
    names.find((name) => name.endsWith('.model'));

  const missing = [
    ...(program === undefined ? ['a program (.pte)'] : has(program) ? [] : [program]),
    ...data.filter((name) => !has(name)),
    ...(tokenizer === undefined
      ? ['its tokenizer (tokenizer.json or tokenizer.model)']
      : has(tokenizer)
        ? []
        : [tokenizer]),
  ];
  if (program === undefined || tokenizer === undefined || missing.length > 0) {
    throw failure('bundle-incomplete', { folder, missing });
  }
  const at = (name: string): string => join(folder, name);
  const optional = <K extends keyof BundlePaths>(key: K, name: string): Partial<Record<K, string>> =>
    has(name) ? ({ [key]: at(name) } as Partial<Record<K, string>>) : {};
  return {
    folder,
    manifest,
    sampling:
      manifest?.sampling ??
      (has('generation_config.json') ? await read(at('generation_config.json'), generationConfigSchema) : undefined)
        ?.sampling ??
      {},
    paths: {
      program: at(program),
      data: data.map(at),
      tokenizer: at(tokenizer),
      ...optional('tokenizerConfig', 'tokenizer_config.json'),
      ...optional('chatTemplate', 'chat_template.jinja'),
      ...optional('generationConfig', 'generation_config.json'),
      ...(manifest === undefined ? {} : { manifest: at('wyvern.json') }),
    },
  };
}

/** Weights without a manifest: those named like the program, else all of them if there is only one program. */
function dataBeside(names: readonly string[], programs: readonly string[], program: string | undefined): string[] {
  const all = names.filter((name) => name.endsWith('.ptd'));
  const stem = program?.replace(/\.pte$/, '');
  const named = all.filter((name) => stem !== undefined && name.startsWith(stem));
  return named.length > 0 || programs.length > 1 ? named : all;
}

async function read<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>> {
  try {
    return await readJson(path, schema);
  } catch (error) {
    throw failure('model-invalid', { path, reason: error instanceof Error ? error.message : String(error) });
  }
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}
