/**
 * Adds models to the library, one at a time. Pairs files that were dropped, chosen or opened by the system, asks in the window
 * for unclear and missing ones, and puts copies, unpacked archives and prepared GGUF files into the library's own folder.
 */
import type { AdditionState, Emit, ModelPart } from '../../preload/contract.ts';
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, extname, join, sep } from 'node:path';
import type { BundlePaths } from '../engine/protocol.ts';
import { toAppError } from '../app-error.ts';
import { AppFailure } from '../failure.ts';
import { removeFolder } from '../files/held.ts';
import { log } from '../log.ts';
import { pathsOf, storedFiles, type ModelFiles } from './model-files.ts';
import { answerIn, filesAround, isArchive, isFile, requireParts } from './addition-search.ts';
import type { Catalogue } from './catalogue.ts';
import type { FoundBundle } from './found-bundle.ts';
import type { ModelLibrary } from './model-library.ts';
import { bundleReader } from '../models/bundle.ts';
import { findGguf } from '../gguf/find.ts';
import { prepareGguf } from '../gguf/prepare.ts';
import { preparedIn } from '../gguf/prepared.ts';
import { unpack } from '../models/addition/archive.ts';
import type { Progress } from '../models/addition/disk.ts';
import { gather } from '../models/addition/gather.ts';
import { inFolder, withGiven } from '../models/addition/given.ts';
import { pair, type Choices, type Pairing } from '../models/addition/pair.ts';
import { makeWorkFolder, placeInLibrary, sweepWorkFolders } from '../models/addition/place.ts';

/** The request to the system's dialog. */
export type WantedFile = ModelPart | 'model' | 'moved' | 'partFolder';

export interface AdditionDependencies {
  readonly catalogue: Pick<Catalogue, 'get' | 'filesOf'>;
  readonly models: Pick<ModelLibrary, 'add' | 'move'>;
  readonly check: (paths: BundlePaths) => Promise<FoundBundle>;
  readonly files: Pick<ModelFiles, 'locate'>;
  /** The library's own folder. */
  readonly library: string;
  /** Opens the system's dialog; empty if the person cancels. */
  readonly chooseFiles: (wanted: WantedFile) => Promise<readonly string[]>;
  readonly emit: Emit;
}

type Opened = { readonly modelId: string } | undefined;

/** The model that is being added. */
interface Addition {
  readonly id: string;
  /** The paths that started it. */
  readonly paths: readonly string[];
  readonly stop: AbortController;
  /** Files that were given as answers. Of the files beside them, only those count that describe their use. */
  given: readonly string[];
  choices: Choices;
  /** Set while a question is open. */
  pairing?: FullPairing;
  /** The running work. */
  task?: Promise<Opened>;
  /** The work folder for unpacked archives and copies. */
  work?: string;
}

/** A pairing, and the result of the search around it. */
interface FullPairing extends Pairing {
  readonly cut: boolean;
}

/** Files that a question lists as unusable. */
const mostUnusable = 50;
const progressEveryMs = 100;

export class Additions {
  readonly #with: AdditionDependencies;
  #state: AdditionState | undefined;
  #current: Addition | undefined;
  #saidAt = 0;
  #swept: Promise<void> | undefined;

  constructor(dependencies: AdditionDependencies) {
    this.#with = dependencies;
  }

  get state(): AdditionState | undefined {
    return this.#state;
  }

  /** Removes the work folders of killed processes; call at the start. Never throws. */
  async sweep(): Promise<void> {
    this.#swept = sweepWorkFolders(this.#with.library).catch((cause: unknown) =>
      log('warning', 'Half a copy stays', cause),
    );
    await this.#swept;
  }

  /**
   * Opens dropped or chosen files. A file that is dropped while one is requested is the answer to that request.
   * @returns undefined if a question is open, or the person cancelled
   * @throws AppFailure, EngineFailure
   */
  async open(paths: readonly string[]): Promise<Opened> {
    const before = this.#requireIdle();
    const answer = before?.pairing && (await answerIn(before.pairing, paths));
    if (before !== undefined && answer !== undefined) {
      await this.#pairWith(before, [...before.given, ...answer], before.choices);
      return undefined;
    }
    const current = this.#begin(paths);
    return await this.#guarded(current, async () => {
      await this.#stop(before);
      const archives = paths.filter(isArchive);
      if (archives.length > 1) {
        throw new AppFailure('archive-unsupported', 'You dropped several archives.', 'Drop them one at a time.');
      }
      for (const archive of archives) await this.#unpack(current, archive);
      const places = paths.filter((path) => !isArchive(path));
      if (current.work !== undefined) places.push(join(current.work, 'unpacked'));
      const gguf = await findGguf(places);
      return gguf === undefined ? await this.#advance(current) : await this.#prepare(current, gguf);
    });
  }

  /** Opens files from the system. Never throws: no caller could show the error. */
  async openFromSystem(paths: readonly string[]): Promise<void> {
    try {
      await this.open(paths);
    } catch (cause) {
      const error = toAppError(cause);
      log('warning', `What the system handed over was not opened: ${error.message}`);
      if (this.#current === undefined) this.#say({ status: 'failed', id: randomUUID(), error });
    }
  }

  /** Asks which model to open. */
  async chooseModel(): Promise<Opened> {
    this.#requireIdle();
    const paths = await this.#with.chooseFiles('model');
    return paths.length > 0 ? await this.open(paths) : undefined;
  }

  /** Answers a question with one of its files. An answer to a closed question has no effect. */
  async choose(id: string, part: ModelPart, path: string): Promise<void> {
    const current = this.#asking(id);
    const { question } = current?.pairing ?? {};
    if (!current || question?.part !== part || !question.options.some((option) => option.path === path)) return;
    await this.#pairWith(current, current.given, with_(current.choices, part, path));
  }

  /**
   * Asks the person for a missing file.
   * @param folder asks for a folder that has it
   * @throws AppFailure `files-unusable` if the folder has none
   */
  async locateMissing(id: string, part: ModelPart, folder = false): Promise<void> {
    if (!this.#asking(id)) return;
    const [path] = await this.#with.chooseFiles(folder ? 'partFolder' : part);
    const current = this.#asking(id);
    if (!current || path === undefined) return;
    if (!folder) await this.#pairWith(current, [...current.given, path], with_(current.choices, part, path));
    else await this.#pairWith(current, [...current.given, ...(await inFolder(path, part))], current.choices);
  }

  /** Opens the complete bundle. @returns undefined if a file is still missing, or the person cancelled */
  async finish(id: string, copy: boolean): Promise<Opened> {
    const current = this.#asking(id);
    const { paths, missing = [] } = current?.pairing ?? {};
    if (!current || paths === undefined || missing.length > 0) return undefined;
    return await this.#guarded(current, async () => await this.#complete(current, paths, copy));
  }

  /** Cancels. Resolves when all its files are removed. */
  async cancel(id: string): Promise<void> {
    if (this.#current?.id === id) await this.#stop(this.#current);
    else if (this.#state?.id === id) this.#say(undefined);
  }

  /** Copies a model into the library's folder; false if the person cancelled. @throws AppFailure `copy-failed`, `disk-full`, … */
  async copy(modelId: string): Promise<boolean> {
    const { name, files, program } = this.#with.catalogue.get(modelId);
    const paths = pathsOf(files);
    if (paths === undefined) {
      throw new AppFailure('model-not-found', 'Wyvern has not checked the files of this model yet.', 'Load it first.');
    }
    if (program.startsWith(this.#with.library + sep)) return true;
    const before = this.#requireIdle();
    const current = this.#begin([program]);
    const done = await this.#guarded(current, async () => {
      await this.#stop(before);
      const placed = await this.#place(current, paths, name);
      await this.#with.models.move(modelId, await storedFiles(placed));
      await this.#end(current);
      return { modelId };
    });
    return done !== undefined;
  }

  /** Asks for the new place of a model's files. @throws AppFailure `files-differ` */
  async locate(modelId: string): Promise<Opened> {
    const model = this.#with.catalogue.get(modelId);
    const paths = await this.#with.chooseFiles('moved');
    if (paths.length === 0) return undefined;
    const around = await gather(paths);
    const files = await this.#with.files.locate(
      model,
      around.files.map(({ path }) => path),
    );
    await this.#with.models.move(modelId, files);
    return { modelId };
  }

  /** Cancels running work and removes partial files. */
  async shutdown(): Promise<void> {
    await this.#stop(this.#current);
  }

  #begin(paths: readonly string[]): Addition {
    if (this.#state !== undefined) this.#say(undefined);
    return (this.#current = { id: randomUUID(), paths, stop: new AbortController(), given: [], choices: {} });
  }

  /** @returns the addition with an open question. @throws AppFailure `addition-running` while files are written */
  #requireIdle(): Addition | undefined {
    if (this.#current === undefined || this.#current.pairing !== undefined) return this.#current;
    throw new AppFailure('addition-running', 'Wyvern is adding another model.', 'Wait until it is done, or cancel it.');
  }

  #asking(id: string): Addition | undefined {
    return this.#current?.id === id && this.#current.pairing !== undefined ? this.#current : undefined;
  }

  /** Runs `work`. After an error or a cancel, no partial files stay. */
  async #guarded(current: Addition, work: () => Promise<Opened>): Promise<Opened> {
    try {
      current.task = work();
      return await current.task;
    } catch (cause) {
      // A cancel is not a failure. The canceller cleans up.
      if (current.stop.signal.aborted) return undefined;
      await this.#end(current);
      throw cause;
    }
  }

  async #unpack(current: Addition, archive: string): Promise<void> {
    const work = await this.#work(current);
    const folder = join(work, 'unpacked');
    await mkdir(folder);
    const name = basename(archive, extname(archive));
    const { signal } = current.stop;
    await unpack(archive, folder, { signal, onProgress: (progress) => this.#progress(current, name, progress) });
  }

  /**
   * Makes a bundle from a GGUF in the library's folder, unless it has a usable one. The file itself stays where it is and is not
   * needed later.
   */
  async #prepare(current: Addition, gguf: string): Promise<Opened> {
    const own = join(await this.#work(current), 'prepared');
    const { signal } = current.stop;
    const onProgress = (bytesDone: number, bytesTotal: number): void =>
      this.#progress(current, basename(gguf), { stage: 'prepare', bytesDone, bytesTotal });
    for (const known of [await preparedIn(this.#with.library), new Map<string, string>()]) {
      const folder = await prepareGguf(gguf, own, { known, signal, onProgress });
      const { paths } = await pair((await gather([folder])).files, {}, bundleReader);
      if (folder === own && paths !== undefined) return await this.#complete(current, paths, true);
      const found = paths && (await this.#with.check(paths).catch(() => undefined));
      if (found === undefined) continue;
      const opened = await this.#with.models.add(found);
      await this.#end(current);
      return opened;
    }
    throw new Error('The prepared model is not complete.');
  }

  async #advance(current: Addition): Promise<Opened> {
    const pairing = await this.#remembered(current, await this.#pair(current, current.given, current.choices));
    const { paths: bundle, missing } = pairing;
    if (bundle === undefined || missing.length > 0) {
      this.#ask(current, current.given, current.choices, pairing);
      return undefined;
    }
    return await this.#complete(current, bundle, false);
  }

  /** Takes the tokenizer that the person gave to this program before, if it is still there. */
  async #remembered(current: Addition, pairing: FullPairing): Promise<FullPairing> {
    const program = pairing.found.find(([part]) => part === 'program')?.[1];
    if (program === undefined || !pairing.missing.some(({ part }) => part === 'tokenizer')) return pairing;
    const known = this.#with.catalogue.filesOf(program).find(({ part }) => part === 'tokenizer')?.path;
    if (known === undefined || !(await isFile(known))) return pairing;
    const given = [...current.given, known];
    const whole = await this.#pair(current, given, current.choices);
    current.given = given;
    return whole;
  }

  async #pairWith(current: Addition, given: readonly string[], choices: Choices): Promise<void> {
    this.#ask(current, given, choices, await this.#pair(current, given, choices));
  }

  async #pair(current: Addition, given: readonly string[], choices: Choices): Promise<FullPairing> {
    const around = await filesAround(current.paths, current.work && join(current.work, 'unpacked'));
    const all = await withGiven(around, given);
    requireParts(current.paths, all);
    const pairing = await pair(all.files, choices, bundleReader);
    current.stop.signal.throwIfAborted();
    return { ...pairing, unusable: [...pairing.unusable, ...all.faulty], cut: all.cut };
  }

  #ask(current: Addition, given: readonly string[], choices: Choices, pairing: FullPairing): void {
    // Only the state that the window has is kept. A damaged file changes nothing.
    Object.assign(current, { given, choices, pairing } satisfies Partial<Addition>);
    this.#say({
      status: 'asking',
      id: current.id,
      name: nameOf(current, pairing),
      found: pairing.found.map(([part, path]) => ({ part, path, name: basename(path), folder: dirname(path) })),
      ...(pairing.question === undefined ? {} : { question: pairing.question }),
      missing: pairing.missing,
      unusable: pairing.unusable.slice(0, mostUnusable),
      cut: pairing.cut,
      unpacked: current.work !== undefined,
    });
  }

  async #complete(current: Addition, paths: BundlePaths, copy: boolean): Promise<Opened> {
    const found = await this.#with.check(paths);
    delete current.pairing;
    const isCopied = copy || current.work !== undefined;
    const opened = await this.#with.models.add(isCopied ? await this.#copyOf(current, found) : found);
    await this.#end(current);
    return opened;
  }

  /** The bundle in the library's folder. It keeps its name, although the new folder's name may have a number. */
  async #copyOf(current: Addition, found: FoundBundle): Promise<FoundBundle> {
    const paths = await this.#place(current, found.paths, found.name);
    return { ...found, paths, files: await storedFiles(paths) };
  }

  async #place(current: Addition, paths: BundlePaths, name: string): Promise<BundlePaths> {
    return await placeInLibrary(paths, {
      library: this.#with.library,
      work: await this.#work(current),
      name,
      signal: current.stop.signal,
      onProgress: (progress) => this.#progress(current, name, progress),
    });
  }

  async #work(current: Addition): Promise<string> {
    await this.#swept;
    return (current.work ??= await makeWorkFolder(this.#with.library));
  }

  #progress(current: Addition, name: string, progress: Progress): void {
    const now = performance.now();
    if (current !== this.#current || (now - this.#saidAt < progressEveryMs && this.#state?.status === 'copying'))
      return;
    this.#saidAt = now;
    this.#say({ status: 'copying', id: current.id, name, ...progress });
  }

  /** Cancels unfinished work. */
  async #stop(current: Addition | undefined): Promise<void> {
    if (current === undefined) return;
    this.#leave(current);
    current.stop.abort();
    // Open files must be closed before they can be removed.
    await current.task?.catch(() => undefined);
    await this.#end(current);
  }

  async #end(current: Addition): Promise<void> {
    this.#leave(current);
    if (current.work === undefined) return;
    await removeFolder(current.work).catch((cause: unknown) =>
      log('warning', 'Half a copy stays until the next start', cause),
    );
  }

  #leave(current: Addition): void {
    if (current !== this.#current) return;
    this.#current = undefined;
    this.#say(undefined);
  }

  #say(state: AdditionState | undefined): void {
    this.#state = state;
    this.#with.emit('additions.changed', state);
  }
}

function with_(choices: Choices, part: ModelPart, path: string): Choices {
  return { ...choices, [part]: part === 'data' ? [...(choices.data ?? []), path] : [path] };
}

/** The name of an addition before the check. */
function nameOf({ paths }: Pick<Addition, 'paths'>, { found }: Pairing): string {
  const program = found.find(([part]) => part === 'program')?.[1];
  const path = program ?? paths[0] ?? '';
  return basename(path, extname(path));
}
