/**
 * Pairs the files of one model. A part with one candidate is that file. Several candidates are a question, unless the person or
 * a manifest names one, only one can run here, or only one is in the nearest folder. The order of files has no influence.
 */
import { dirname } from 'node:path';
import type { AdditionMissing, AdditionQuestion, ModelPart } from '../../../preload/contract.ts';
import { isGenie } from '../../engine/genie/config.ts';
import type { Manifest } from '../../engine/manifest.ts';
import type { BundlePaths } from '../../engine/protocol.ts';
import { AppFailure } from '../../failure.ts';
import { judge, type Peek } from './candidates.ts';
import { describeFaults, faulty, type FaultyFile } from './faults.ts';
import { Finder, type Choices } from './finder.ts';
import { pointedFile, type Layout } from './layout.ts';
import { filesNamed, type FoundFile } from './parts.ts';

export type { Choices } from './finder.ts';

/** Reads the content of files; each call may fail with the fault of that file. */
export interface Reader {
  readonly manifest: (path: string) => Promise<Manifest>;
  /** External weights that a program needs. */
  readonly wanted: (path: string) => Promise<readonly string[]>;
  /** Weights in a `.ptd`. */
  readonly weights: (path: string) => Promise<readonly string[]>;
  /** Where a program runs. */
  readonly peek: (path: string) => Promise<Peek>;
  /** The publisher's `config.json`; undefined for any other. */
  readonly layout: (path: string) => Promise<Layout | undefined>;
}

/** Manifests and weights files that are read. No folder of models has more. */
const mostRead = 64;

export interface Pairing {
  readonly found: readonly (readonly [ModelPart, string])[];
  /** The first open choice. Later ones may depend on it. */
  readonly question?: AdditionQuestion;
  readonly missing: readonly AdditionMissing[];
  /** Programs that are not offered, and files that point outside of their repository. */
  readonly unusable: readonly FaultyFile[];
  /** Set once a program and a tokenizer are known and no choice is open. */
  readonly paths?: BundlePaths;
}

/** @throws EngineFailure for a file that is needed and damaged; AppFailure `files-unusable` if no program can run here */
export async function pair(files: readonly FoundFile[], choices: Choices, read: Reader): Promise<Pairing> {
  const find = new Finder(files, choices);
  const named = await namedPrograms(find, read);
  const program = await programOf(find, named, read);
  find.useProgram(program);
  const manifest = await manifestFor(find, program, read);
  const layout = await layoutOf(find, program, read);
  find.near(program);
  const tokenizer =
    manifest?.value.tokenizer === undefined
      ? tokenizerOf(find, layout)
      : namedTokenizer(find, manifest.value.tokenizer);
  const data = await weightsFor(find, { program, manifest: manifest?.value }, read);
  find.useTokenizer(tokenizer);
  find.near(tokenizer, program);
  const others = {
    ...(pointed(find, layout, 'tokenizerConfig') ?? find.optional('tokenizerConfig')),
    ...find.optional('chatTemplate'),
    ...find.optional('generationConfig'),
    ...find.beside('specialTokensMap', tokenizer, program),
    ...find.beside('addedTokens', tokenizer, program),
    ...find.beside('processorTemplate', tokenizer, program),
    // The publisher's own kind of config.json says nothing about the model's tokens.
    ...find.beside('config', ...(layout === undefined ? [program] : []), tokenizer),
    ...find.beside('htpSettings', program),
    ...additionalTemplates(find, tokenizer, program),
    ...(manifest === undefined ? {} : { manifest: manifest.path }),
  };
  const found = {
    ...(program && { program: program.path }),
    ...(tokenizer && { tokenizer: tokenizer.path }),
    ...others,
  };
  return {
    found: [
      ...(Object.entries(found) as [ModelPart, string | readonly string[]][]).flatMap(([part, paths]) =>
        [paths].flat().map((path): [ModelPart, string] => [part, path]),
      ),
      ...data.map((path): [ModelPart, string] => ['data', path]),
    ],
    missing: find.missing,
    unusable: find.unusable,
    ...(find.questions[0] === undefined ? {} : { question: find.questions[0] }),
    ...(program && tokenizer && find.questions.length === 0
      ? { paths: { program: program.path, data, tokenizer: tokenizer.path, ...others } }
      : {}),
  };
}

/**
 * The program that the person or a manifest names, or the only one that can run here.
 * @throws AppFailure `files-unusable`
 */
async function programOf(find: Finder, named: readonly FoundFile[], read: Reader): Promise<FoundFile | undefined> {
  const programs = named.length === 1 ? named : find.candidates('program');
  if (programs.length < 2 || find.given('program').length > 0) return find.only('program', programs);
  const { offered, unusable } = await judge(programs, read, async (file) => await layoutOf(find, file, read));
  find.unusable.push(...unusable);
  const [first] = offered;
  if (first === undefined) {
    const { message, hint } = describeFaults(unusable) ?? { message: 'No program can run here.', hint: undefined };
    throw new AppFailure('files-unusable', message, hint);
  }
  // A damaged program may be the one that the person means.
  const isClear = offered.length === 1 && unusable.every(({ fault }) => fault !== 'unreadable');
  if (isClear) return first.file;
  find.askAbout(offered);
  return undefined;
}

/** The publisher's `config.json` beside a program. */
async function layoutOf(
  find: Finder,
  program: FoundFile | undefined,
  read: Pick<Reader, 'layout'>,
): Promise<Layout | undefined> {
  const config = program && find.all('config').find(({ folder }) => folder === program.folder);
  return config === undefined ? undefined : await read.layout(config.path);
}

/** The tokenizer that the publisher's `config.json` names, else the nearest one. */
function tokenizerOf(find: Finder, layout: Layout | undefined): FoundFile | undefined {
  const isOpen = find.given('tokenizer').length === 0 && !find.all('tokenizer').some(({ chosen }) => chosen);
  const path = isOpen ? pointed(find, layout, 'tokenizer')?.tokenizer : undefined;
  return (
    find.all('tokenizer').find((file) => file.path === path) ?? find.only('tokenizer', find.candidates('tokenizer'))
  );
}

function namedTokenizer(find: Finder, name: string): FoundFile | undefined {
  return find.only('tokenizer', find.byName('tokenizer', name));
}

/** The file that the publisher's `config.json` names for a part; undefined if it names none or a missing one. */
function pointed<P extends 'tokenizer' | 'tokenizerConfig'>(
  find: Finder,
  layout: Layout | undefined,
  part: P,
): Partial<Record<P, string>> | undefined {
  const value = layout?.[part];
  if (layout === undefined || value === undefined) return undefined;
  const path = pointedFile(layout.path, value, part);
  if (path === undefined) {
    // Only the tokenizer is needed.
    if (part === 'tokenizer') find.unusable.push(faulty(layout.path, 'points-outside', value.slice(0, 200)));
    return undefined;
  }
  const file = find.all(part).find((one) => one.path === path);
  return file === undefined ? undefined : ({ [part]: file.path } as Partial<Record<P, string>>);
}

/** Programs that a manifest covers; the manifest is in the same folder or named by the person. */
async function namedPrograms(find: Finder, read: Reader): Promise<readonly FoundFile[]> {
  const programs = find.candidates('program');
  if (programs.length < 2) return [];
  const named = new Set<FoundFile>();
  for (const manifest of find.all('manifest').slice(0, mostRead)) {
    const near = programs.filter(({ folder }) => manifest.chosen || folder === manifest.folder);
    if (near.length === 0) continue;
    const { program } = await read.manifest(manifest.path);
    for (const file of filesNamed(near, program)) named.add(file);
  }
  return [...named];
}

/** A manifest covers the program it names, or any program if it names none. */
async function manifestFor(
  find: Finder,
  program: FoundFile | undefined,
  read: Reader,
): Promise<{ readonly path: string; readonly value: Manifest } | undefined> {
  find.near(program);
  const file = find.only('manifest', find.candidates('manifest'), 'optional');
  if (file === undefined) return undefined;
  const value = await read.manifest(file.path);
  const name = value.program;
  if (name === undefined || (program !== undefined && filesNamed([program], name).length > 0))
    return { path: file.path, value };
  const lacks = find.named(name).length === 0;
  if (program === undefined && lacks) find.rename('program', name);
  // Its program is missing, and the person gave one with another name.
  const standsIn = program === undefined || find.given('program').includes(program);
  return lacks && standsIn ? { path: file.path, value } : undefined;
}

/** All of one folder: that of the tokenizer if it has any. */
function additionalTemplates(
  find: Finder,
  ...owners: readonly (FoundFile | undefined)[]
): Pick<BundlePaths, 'additionalTemplates'> {
  for (const owner of owners) {
    const own = find.all('additionalTemplates').filter(({ folder }) => dirname(folder) === owner?.folder);
    if (own.length > 0) return { additionalTemplates: own.map(({ path }) => path) };
  }
  return {};
}

interface Owner {
  readonly program: FoundFile | undefined;
  readonly manifest: Manifest | undefined;
}

/** Selects weights files by their weights if the program names the ones it needs, else by file name. */
async function weightsFor(find: Finder, { program, manifest }: Owner, read: Reader): Promise<string[]> {
  if (program === undefined) return [];
  if (manifest?.data !== undefined) return namedWeights(find, manifest.data);
  const wanted = await read.wanted(program.path);
  // It names files, not weights.
  if (isGenie(program.path)) return namedWeights(find, wanted);
  const all = find.own('data').slice(0, mostRead);
  const given = find.given('data');
  const stem = program.name.replace(/\.pte$/i, '');
  const own = all.filter(({ name }) => name.startsWith(stem));
  // Some backends hide the names of their weights. Then the file's name decides, or the fact that no other program exists.
  const likely = wanted.length > 0 || (own.length === 0 && find.all('program').length === 1) ? all : [...own, ...given];
  const sets: Weights[] = [];
  for (const file of new Set(likely)) {
    const keys = await read.weights(file.path);
    if (wanted.length > 0 && !keys.some((key) => wanted.includes(key))) continue;
    const marks = [given.includes(file), file.chosen, own.includes(file), file.folder === program.folder, true];
    sets.push({ file, keys, rank: -marks.indexOf(true) });
  }
  const best = sets.filter((one) => !sets.some((other) => compete(one, other) && other.rank > one.rank));
  const disputed = best.filter((one) => one.rank < 0 && best.some((other) => compete(one, other)));
  if (disputed.length > 0) {
    find.ask(
      'data',
      disputed.map(({ file }) => file),
    );
  }
  const [lacking] = wanted.filter((key) => !best.some(({ keys }) => keys.includes(key)));
  if (lacking !== undefined) find.missing.push({ part: 'data', weight: lacking });
  return best.map(({ file }) => file.path);
}

interface Weights {
  readonly file: FoundFile;
  readonly keys: readonly string[];
  /** 0 if the person chose the file. Lower values mean weaker evidence. */
  readonly rank: number;
}

/** Both contain a weight with the same name, or the content of one is unknown. */
function compete(one: Weights, other: Weights): boolean {
  if (one === other) return false;
  return one.keys.length === 0 || other.keys.length === 0 || one.keys.some((key) => other.keys.includes(key));
}

/** The files that a manifest names. A file that the person gave replaces a missing one and may have any name. */
function namedWeights(find: Finder, names: readonly string[]): string[] {
  const files = names.map((name) => ({ name, file: find.named(name)[0] }));
  const present = files.flatMap(({ file }) => file ?? []);
  const standIns = find.given('data').filter((file) => !present.includes(file));
  const lacking = files.filter(({ file }) => file === undefined).slice(standIns.length);
  for (const { name } of lacking) find.missing.push({ part: 'data', name });
  return [...present, ...standIns].map(({ path }) => path);
}
