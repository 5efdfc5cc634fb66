/**
 * Pairs the files of one model. A part with one candidate is that file. Several candidates are a question, unless the person or
 * a manifest names one, or only one is beside the program. The order of files has no influence.
 */
import { dirname } from 'node:path';
import type { AdditionMissing, AdditionQuestion, ModelPart } from '../../../preload/contract.ts';
import type { Manifest } from '../../engine/manifest.ts';
import type { BundlePaths } from '../../engine/protocol.ts';
import type { FoundFile } from './parts.ts';

/** The person's answers: paths of files, for `data` as many as were asked for. */
export type Choices = Readonly<Partial<Record<ModelPart, readonly string[]>>>;

/** Reads the content of files; each call may fail with the fault of that file. */
export interface Reader {
  readonly manifest: (path: string) => Promise<Manifest>;
  /** External weights that a program needs. */
  readonly wanted: (path: string) => Promise<readonly string[]>;
  /** Weights in a `.ptd`. */
  readonly weights: (path: string) => Promise<readonly string[]>;
}

export interface Pairing {
  readonly found: readonly (readonly [ModelPart, string])[];
  /** The first open choice. Later ones may depend on it. */
  readonly question?: AdditionQuestion;
  readonly missing: readonly AdditionMissing[];
  /** Set once a program and a tokenizer are known and no choice is open. */
  readonly paths?: BundlePaths;
}

/** @throws EngineFailure for a file that is needed and damaged */
export async function pair(files: readonly FoundFile[], choices: Choices, read: Reader): Promise<Pairing> {
  const find = new Finder(
    files.toSorted((one, other) => (one.path < other.path ? -1 : 1)),
    choices,
  );
  const named = await namedPrograms(find, read);
  const program = find.only('program', named.length === 1 ? named : find.candidates('program'));
  const manifest = await manifestFor(find, program, read);
  find.near(program);
  const tokenizer = find.only('tokenizer', find.byName('tokenizer', manifest?.value.tokenizer));
  const data = await weightsFor(find, { program, manifest: manifest?.value }, read);
  find.near(tokenizer, program);
  const others = {
    ...find.optional('tokenizerConfig'),
    ...find.optional('chatTemplate'),
    ...find.optional('generationConfig'),
    ...find.beside('specialTokensMap', tokenizer, program),
    ...find.beside('addedTokens', tokenizer, program),
    ...find.beside('processorTemplate', tokenizer, program),
    ...find.beside('config', program, tokenizer),
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
    ...(find.questions[0] === undefined ? {} : { question: find.questions[0] }),
    ...(program && tokenizer && find.questions.length === 0
      ? { paths: { program: program.path, data, tokenizer: tokenizer.path, ...others } }
      : {}),
  };
}

/** Programs that a manifest covers; the manifest is in the same folder or named by the person. */
async function namedPrograms(find: Finder, read: Reader): Promise<readonly FoundFile[]> {
  const programs = find.candidates('program');
  if (programs.length < 2) return [];
  const named = new Set<FoundFile>();
  for (const manifest of find.all('manifest')) {
    const near = programs.filter(({ folder }) => manifest.chosen || folder === manifest.folder);
    if (near.length === 0) continue;
    const { program } = await read.manifest(manifest.path);
    for (const file of near) if (file.name === program) named.add(file);
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
  if (name === undefined || name === program?.name) return { path: file.path, value };
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
  const all = find.all('data');
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

/** The files by part, the open question, and the missing files. */
class Finder {
  readonly questions: AdditionQuestion[] = [];
  readonly missing: AdditionMissing[] = [];
  readonly #files: readonly FoundFile[];
  readonly #choices: Choices;
  #folders: readonly string[] = [];

  constructor(files: readonly FoundFile[], choices: Choices) {
    this.#files = files;
    this.#choices = choices;
  }

  all(part: ModelPart): readonly FoundFile[] {
    return this.#files.filter((file) => file.part === part);
  }

  /** The person's answer for this part. */
  given(part: ModelPart): readonly FoundFile[] {
    const paths = this.#choices[part] ?? [];
    return this.#files.filter(({ path }) => paths.includes(path));
  }

  /** Folders where the other parts should be, best first. */
  near(...files: readonly (FoundFile | undefined)[]): void {
    this.#folders = files.filter((file) => file !== undefined).map(({ folder }) => folder);
  }

  /** The candidates that the person named, else those in the nearest folder, else all. */
  narrowed(files: readonly FoundFile[]): readonly FoundFile[] {
    const chosen = files.filter((file) => file.chosen);
    if (chosen.length > 0) return chosen;
    for (const folder of this.#folders) {
      const here = files.filter((file) => file.folder === folder);
      if (here.length > 0) return here;
    }
    return files;
  }

  candidates(part: ModelPart): readonly FoundFile[] {
    const given = this.given(part);
    return given.length > 0 ? given : this.narrowed(this.all(part));
  }

  /** Files of any kind with exactly this name. */
  named(name: string): readonly FoundFile[] {
    return this.narrowed(this.#files.filter((file) => file.name === name));
  }

  /** Files with the name in the manifest; without a manifest, the candidates by their usual names. */
  byName(part: ModelPart, name: string | undefined): readonly FoundFile[] {
    if (name === undefined || this.given(part).length > 0) return this.candidates(part);
    const named = this.named(name);
    if (named.length === 0) this.rename(part, name);
    return named;
  }

  /** A missing part with the name it should have. */
  rename(part: ModelPart, name: string): void {
    const at = this.missing.findIndex((missing) => missing.part === part);
    this.missing.splice(at < 0 ? this.missing.length : at, 1, { part, name });
  }

  only(part: ModelPart, files: readonly FoundFile[], need: 'needed' | 'optional' = 'needed'): FoundFile | undefined {
    if (files.length > 1) this.ask(part, files);
    else if (files.length === 0 && need === 'needed' && !this.missing.some((missing) => missing.part === part)) {
      this.missing.push({ part });
    }
    return files.length === 1 ? files[0] : undefined;
  }

  optional<P extends ModelPart>(part: P): Partial<Record<P, string>> {
    const file = this.only(part, this.candidates(part), 'optional');
    return file === undefined ? {} : ({ [part]: file.path } as Partial<Record<P, string>>);
  }

  /** A file that is never asked about: one in the folder of the first of these that has one, or one that the person named. */
  beside<P extends ModelPart>(part: P, ...owners: readonly (FoundFile | undefined)[]): Partial<Record<P, string>> {
    const all = this.all(part);
    const named = all.filter((file) => file.chosen);
    const near = owners.flatMap((owner) => all.filter(({ folder }) => folder === owner?.folder));
    const [file] = named.length === 1 ? named : near;
    return file === undefined ? {} : ({ [part]: file.path } as Partial<Record<P, string>>);
  }

  ask(part: ModelPart, files: readonly FoundFile[]): void {
    this.questions.push({ part, options: files.map(({ path, name, folder }) => ({ part, path, name, folder })) });
  }
}
