/** The files by part, the open question, and the missing files. */
import { dirname } from 'node:path';
import type { AdditionMissing, AdditionQuestion, ModelPart } from '../../../preload/contract.ts';
import type { Candidate } from './candidates.ts';
import type { FaultyFile } from './faults.ts';
import { filesNamed, type FoundFile } from './parts.ts';

/** The person's answers: paths of files, for `data` as many as were asked for. */
export type Choices = Readonly<Partial<Record<ModelPart, readonly string[]>>>;

/** Folders above a file, with its own. More are above any repository. */
const mostAbove = 8;
const byPath = new Intl.Collator('en', { numeric: true });

export class Finder {
  readonly questions: AdditionQuestion[] = [];
  readonly missing: AdditionMissing[] = [];
  readonly unusable: FaultyFile[] = [];
  readonly #files: readonly FoundFile[];
  readonly #choices: Choices;
  #folders: readonly string[] = [];
  /** Folders of other models: their files do not belong to this one. */
  readonly #others = new Set<string>();

  constructor(files: readonly FoundFile[], choices: Choices) {
    // Equal numbers with another number of zeros are still different paths.
    const order = (one: string, other: string): number => byPath.compare(one, other) || (one < other ? -1 : 1);
    this.#files = files.toSorted((one, other) => order(one.path, other.path));
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

  /** All files of a part that are not another model's. */
  own(part: ModelPart): readonly FoundFile[] {
    return this.all(part).filter((file) => this.#isOwn(file));
  }

  /** From now on, the folders of other programs, and those above them, do not count. */
  useProgram(program: FoundFile | undefined): void {
    if (program === undefined) return;
    const own = new Set(foldersOf(program));
    for (const other of this.all('program')) {
      for (const folder of foldersOf(other)) if (!own.has(folder)) this.#others.add(folder);
    }
  }

  /** From now on, the folders of other tokenizers do not count. */
  useTokenizer(tokenizer: FoundFile | undefined): void {
    if (tokenizer === undefined) return;
    for (const { folder } of this.all('tokenizer')) if (folder !== tokenizer.folder) this.#others.add(folder);
  }

  #isOwn(file: FoundFile): boolean {
    return file.chosen || this.given(file.part ?? 'data').includes(file) || !this.#others.has(file.folder);
  }

  /** The candidates that the person named, else those in the nearest folder or above it, else all of this model. */
  narrowed(files: readonly FoundFile[]): readonly FoundFile[] {
    const chosen = files.filter((file) => file.chosen);
    if (chosen.length > 0) return chosen;
    for (const near of this.#folders) {
      for (const folder of above(near)) {
        const here = files.filter((file) => file.folder === folder);
        if (here.length > 0) return here;
      }
    }
    return files.filter((file) => this.#isOwn(file));
  }

  candidates(part: ModelPart): readonly FoundFile[] {
    const given = this.given(part);
    return given.length > 0 ? given : this.narrowed(this.all(part));
  }

  /** Files of any kind with exactly this name. */
  named(name: string): readonly FoundFile[] {
    return this.narrowed(filesNamed(this.#files, name));
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

  askAbout(programs: readonly Candidate[]): void {
    const options = programs.map(({ file: { path, name, folder }, sketch }) => ({
      ...{ part: 'program' as const, path, name, folder },
      sketch,
    }));
    this.questions.push({ part: 'program', options });
  }
}

function foldersOf({ folder }: FoundFile): readonly string[] {
  return above(folder);
}

/** The folder and those above it. */
function above(folder: string): readonly string[] {
  const folders = [folder];
  for (let at = dirname(folder); at !== folders.at(-1) && folders.length < mostAbove; at = dirname(at))
    folders.push(at);
  return folders;
}
