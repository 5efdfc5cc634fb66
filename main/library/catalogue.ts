/** The list of models: adding, finding, moving and removing entries, and telling the window about them. */
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Emit, ModelDetails, ModelEntry } from '../../preload/contract.ts';
import type { BundlePaths, LoadedModel } from '../engine/protocol.ts';
import { AppFailure } from '../failure.ts';
import { removeFolder } from '../files/held.ts';
import { log } from '../log.ts';
import { stampOf } from '../models/file-cache.ts';
import type { StoredFile, StoredModel } from '../store/models.ts';
import { detailsOf } from './details.ts';
import { bundledId, entryOf, isOwned, type EntrySources } from './entry.ts';
import type { FoundBundle } from './found-bundle.ts';
import { pathsOf } from './model-files.ts';

export interface CatalogueDependencies extends EntrySources {
  /** Finds the bundle of a folder or program without asking the person. @throws EngineFailure */
  readonly find: (path: string) => Promise<FoundBundle>;
  /** Checks files that belong together. @throws EngineFailure */
  readonly check: (paths: BundlePaths) => Promise<FoundBundle>;
  /** Shows a file in the system's file manager. */
  readonly reveal: (path: string) => void;
  readonly emit: Emit;
}

export class Catalogue {
  readonly #with: CatalogueDependencies;
  /** Writes that run in the background. */
  #writing: Promise<void> = Promise.resolve();

  constructor(dependencies: CatalogueDependencies) {
    this.#with = dependencies;
  }

  async list(): Promise<readonly ModelEntry[]> {
    return await Promise.all(this.#with.table.list().map((model) => entryOf(model, this.#with)));
  }

  /** @throws AppFailure `model-not-found` */
  get(id: string): StoredModel {
    const model = this.#with.table.get(id);
    if (model) return model;
    throw new AppFailure('model-not-found', 'This model is no longer in the library.', 'Open its folder again.');
  }

  /** The model that was used last, or else the bundled one; undefined if there is neither. */
  lastUsed(): StoredModel | undefined {
    const { table } = this.#with;
    return table.lastUsed() ?? table.get(bundledId);
  }

  /** @throws AppFailure `model-not-found` */
  async details(id: string): Promise<ModelDetails> {
    const model = this.get(id);
    return await detailsOf(model, () => this.#find(model), this.#with.facts);
  }

  /** Adds a bundle, or updates the entry of the same program. */
  put(id: string, { name, paths, bytes, license, parameters, files }: FoundBundle): StoredModel {
    const known = new Map(this.#with.table.get(id)?.files.map((file) => [file.path, file]));
    const model = {
      id,
      name,
      program: paths.program,
      bytes,
      ...(license === undefined ? {} : { license }),
      ...(parameters === undefined ? {} : { parameters }),
      // An unchanged file keeps its hash.
      files: files.map((file) => {
        const before = known.get(file.path);
        return before?.bytes === file.bytes && before.modifiedAt === file.modifiedAt ? before : file;
      }),
    };
    this.#with.table.put(model, Date.now());
    return model;
  }

  /** The files of the entry with this program; none without one. */
  filesOf(program: string): readonly StoredFile[] {
    return this.#with.table.findByProgram(program)?.files ?? [];
  }

  /** Undefined if no entry has this program. */
  idOf(program: string): string | undefined {
    return this.#with.table.findByProgram(program)?.id;
  }

  /** Adds the model that comes with the app, or removes its entry if its files are gone. */
  async putBundled(folder: string): Promise<void> {
    const { table, find } = this.#with;
    try {
      const found = await find(folder);
      const same = table.findByProgram(found.paths.program);
      if (same && same.id !== bundledId) table.remove(same.id);
      this.put(bundledId, found);
    } catch (cause) {
      log('warning', `There is no default model at ${folder}`, cause instanceof AppFailure ? cause.message : cause);
      table.remove(bundledId);
    }
    await this.announce();
  }

  /** Checks the model's files again and updates its entry. @throws EngineFailure */
  async renew(model: StoredModel): Promise<FoundBundle> {
    const found = await this.#find(model);
    // The person may have removed the model during the check.
    if (this.#with.table.get(model.id)) this.put(model.id, { ...found, name: model.name });
    return found;
  }

  /** Points the entry at new places of the model's files. Replaces another entry of the program found there. */
  async move(id: string, files: readonly StoredFile[]): Promise<void> {
    const { table } = this.#with;
    const model = this.get(id);
    const program = pathsOf(files)?.program ?? model.program;
    const same = table.findByProgram(program);
    if (same && same.id !== id) table.remove(same.id);
    table.put({ ...model, program, files }, Date.now());
    await this.announce();
  }

  /**
   * Checks whether the entry can be removed, and its files with it. Changes nothing.
   * @throws AppFailure `option-invalid` for the bundled model, and for files outside the library's own folder
   */
  async requireRemovable(id: string, files: boolean): Promise<void> {
    if (id === bundledId) {
      throw new AppFailure(
        'option-invalid',
        'This model comes with Wyvern and stays in the library.',
        'Load another model to use that instead.',
      );
    }
    const model = this.#with.table.get(id);
    if (files && model && !(await isOwned(model, this.#with))) {
      throw new AppFailure(
        'option-invalid',
        'The files of this model are not in Wyvern’s own folder, so Wyvern does not delete them.',
        'Remove the model from the list only, and delete its folder yourself.',
      );
    }
  }

  /** Removes the entry. @param files Deletes the model's folder too. @throws AppFailure `files-not-deleted` */
  async remove(id: string, files: boolean): Promise<void> {
    const model = this.#with.table.get(id);
    if (files && model) await deleteFolder(dirname(model.program));
    this.#with.table.remove(id);
    await this.announce();
  }

  /** @throws AppFailure `model-not-found`, `files-not-found` */
  async reveal(id: string): Promise<void> {
    const { program } = this.get(id);
    try {
      await access(program);
    } catch {
      throw new AppFailure('files-not-found', `There is nothing at “${program}”.`, 'Check whether it was moved.');
    }
    this.#with.reveal(program);
  }

  /** Keeps what a model reported when it was loaded, so that the library can show it before the next load. */
  noteLoaded({ id, program }: StoredModel, { facts, tokenizer }: LoadedModel): void {
    const { contextLength, vocabSize, rewinds, stateBytes } = facts;
    const told = { contextLength, vocabSize, rewinds, stateBytes, tokenizer };
    // A model works although a full disk keeps nothing about it.
    this.inBackground(async () => {
      this.#with.table.markUsed(id, Date.now());
      const stamp = await stampOf(program);
      // The person may have removed the model since.
      if (this.#with.table.get(id)) this.#with.facts.put(id, stamp, told);
      await this.announce();
    });
  }

  /** Runs a write after the earlier ones. Only {@link settled} waits for it; a failure is logged. */
  inBackground(write: () => Promise<void>): void {
    this.#writing = this.#writing.then(write).catch((cause: unknown) => {
      log('warning', 'A model’s entry could not be updated', cause);
    });
  }

  /** Resolves when no write is left. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  /** Sends the list to the window. */
  async announce(): Promise<void> {
    this.#with.emit('models.changed', await this.list());
  }

  /** The bundle of an entry. An entry from before files were stored names its program alone. */
  async #find(model: StoredModel): Promise<FoundBundle> {
    const paths = pathsOf(model.files);
    return paths === undefined ? await this.#with.find(model.program) : await this.#with.check(paths);
  }
}

/** @throws AppFailure `files-not-deleted` */
async function deleteFolder(folder: string): Promise<void> {
  try {
    await removeFolder(folder);
  } catch (error) {
    throw new AppFailure(
      'files-not-deleted',
      `“${folder}” could not be deleted: ${error instanceof Error ? error.message : String(error)}.`,
      'Close programs that use its files, then remove the model again.',
    );
  }
}
