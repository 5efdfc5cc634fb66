/** The models a person has: listed, loaded, moved, forgotten. Which one is loaded is `library/loaded-model.ts`'s. */
import { randomUUID } from 'node:crypto';
import { access, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Emit, ModelDetails, ModelEntry, ModelState } from '../../preload/contract.ts';
import type { RuntimeInfo } from '../../native/index.d.ts';
import type { BundlePaths, LoadedModel as Loaded, TemplateChoice, TemplateInfo } from '../engine/protocol.ts';
import { AppFailure } from '../failure.ts';
import { detailsOf } from './details.ts';
import { bundledId, entryOf, isOwned, type EntrySources } from './entry.ts';
import type { FoundBundle } from './found-bundle.ts';
import { LoadedModel, type LoadingDependencies, type ReadyModel } from './current-model.ts';
import { log } from '../log.ts';
import { pathsOf, type ModelFiles } from './model-files.ts';
import { stampOf } from '../models/file-cache.ts';
import type { Quarantine } from './quarantine.ts';
import type { StoredFile, StoredModel } from '../store/models.ts';

export type { FoundBundle } from './found-bundle.ts';
export type { EngineSettings, ReadyModel } from './current-model.ts';

export interface LibraryDependencies
  extends EntrySources, Pick<LoadingDependencies, 'fork' | 'clock' | 'engine' | 'idleMinutes' | 'templateOf'> {
  /** Finds the bundle of a folder or program, where nobody can be asked. @throws EngineFailure */
  readonly find: (path: string) => Promise<FoundBundle>;
  /** Checks files that are known to belong together. @throws EngineFailure */
  readonly check: (paths: BundlePaths) => Promise<FoundBundle>;
  readonly files: Pick<ModelFiles, 'stateOf' | 'require' | 'start' | 'end'>;
  readonly quarantine: Pick<Quarantine, 'check' | 'holds' | 'crashed' | 'answered'>;
  readonly emit: Emit;
  /** Folder of the model that comes with the app. */
  readonly defaultModel: string;
  /** Shows a file in the system's file manager. */
  readonly reveal: (path: string) => void;
}

export class ModelLibrary {
  readonly #with: LibraryDependencies;
  readonly #loaded: LoadedModel;
  /** What is still being written down and told. */
  #working: Promise<void> = Promise.resolve();

  constructor(dependencies: LibraryDependencies) {
    this.#with = dependencies;
    this.#loaded = new LoadedModel({
      ...dependencies,
      renew: (model) => this.#renew(model),
      onState: (state) => dependencies.emit('models.state', state),
      onLoaded: (model, loaded) => this.#note(model, loaded),
      onChange: () => this.#work(() => this.announce()),
    });
  }

  get state(): ModelState {
    return this.#loaded.state;
  }

  /** The runtime of the model that was loaded last. */
  get runtime(): RuntimeInfo | undefined {
    return this.#loaded.runtime;
  }

  async list(): Promise<readonly ModelEntry[]> {
    return await Promise.all(this.#with.table.list().map((model) => entryOf(model, this.#with)));
  }

  /** @throws AppFailure `model-not-found` */
  async details(id: string): Promise<ModelDetails> {
    const model = this.get(id);
    return await detailsOf(model, () => this.#find(model), this.#with.facts);
  }

  /**
   * At start: notes the bundled model and loads the one used last, or the bundled one. Never throws.
   * @param due when there is time for it; what is sent before then waits for the model already
   */
  async restore(due?: Promise<unknown>): Promise<void> {
    const { table, defaultModel } = this.#with;
    this.#loaded.expect();
    try {
      await due;
      await this.#noteBundled(defaultModel);
      const model = table.lastUsed() ?? table.get(bundledId);
      if (model && this.#loaded.expecting) this.#loaded.begin(model);
    } catch (cause) {
      log('error', 'The last model cannot be restored', cause);
    }
    this.#loaded.expectNothing();
    this.#with.files.start();
  }

  /** Resolves once no model is being loaded. */
  async quiet(): Promise<void> {
    await this.#loaded.quiet();
  }

  async #noteBundled(folder: string): Promise<void> {
    const { table, find } = this.#with;
    try {
      const found = await find(folder);
      const same = table.findByProgram(found.paths.program);
      if (same && same.id !== bundledId) table.remove(same.id);
      this.#put(bundledId, found);
    } catch (cause) {
      log('warning', `There is no default model at ${folder}`, cause instanceof AppFailure ? cause.message : cause);
      table.remove(bundledId);
    }
    await this.announce();
  }

  /** Adds a bundle, or renews what is known of the same program, and starts loading it. */
  async add(found: FoundBundle): Promise<{ readonly modelId: string }> {
    const modelId = this.#with.table.findByProgram(found.paths.program)?.id ?? randomUUID();
    const model = this.#put(modelId, found);
    await this.announce();
    this.#loaded.begin(model);
    this.#with.files.start();
    return { modelId };
  }

  /** @throws AppFailure `model-not-found` */
  get(id: string): StoredModel {
    const model = this.#with.table.get(id);
    if (model) return model;
    throw new AppFailure('model-not-found', 'This model is no longer in the library.', 'Open its folder again.');
  }

  /** The model's files are elsewhere now. An entry for the program that is there gives way to this one. */
  async move(id: string, files: readonly StoredFile[]): Promise<void> {
    const { table } = this.#with;
    const model = this.get(id);
    const program = pathsOf(files)?.program ?? model.program;
    const same = table.findByProgram(program);
    if (same && same.id !== id) table.remove(same.id);
    table.put({ ...model, program, files }, Date.now());
    await this.announce();
    this.#with.files.start();
  }

  /**
   * Starts loading; the state tells how it goes. `anyway`: though memory seems short, its files changed, or it is in
   * quarantine.
   */
  load(id: string, anyway = false): void {
    this.#loaded.choose(this.get(id), anyway);
  }

  async unload(): Promise<void> {
    await this.#loaded.unload();
  }

  /**
   * Forgets the model. Its files stay, unless they are the library's own and `files` says that they go too.
   * @throws AppFailure `option-invalid` for the bundled model, and for files that are not the library's
   */
  async remove(id: string, files = false): Promise<void> {
    if (id === bundledId) {
      throw new AppFailure(
        'option-invalid',
        'This model comes with Wyvern and stays in the library.',
        'Load another one to use that instead.',
      );
    }
    const model = this.#with.table.get(id);
    if (files && model && !(await isOwned(model, this.#with))) {
      throw new AppFailure(
        'option-invalid',
        'The files of this model are not in Wyvern’s own folder, so Wyvern does not delete them.',
        'Remove it from the list alone, and delete its folder yourself.',
      );
    }
    if (this.#loaded.model?.id === id) await this.unload();
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
      throw new AppFailure('files-not-found', `There is nothing at “${program}”.`, 'Check that it has not been moved.');
    }
    this.#with.reveal(program);
  }

  /** The person has changed how long a model stays loaded. */
  restartIdle(): void {
    this.#loaded.restartIdle();
  }

  /** @throws AppFailure `model-not-loaded`; see {@link LoadedModel.require} */
  requireModel(): void {
    this.#loaded.require();
  }

  /** The loaded model, waited for if it is loading. @throws AppFailure why there is none */
  async ready(): Promise<ReadyModel> {
    return await this.#loaded.ready();
  }

  /** This model, if it is the one that is loaded. @throws AppFailure `model-not-loaded` */
  async readyNow(id: string): Promise<ReadyModel> {
    return await this.#loaded.readyNow(id);
  }

  /** Prompts the loaded model with another chat template from its next answer on. @throws AppFailure */
  async setTemplate(id: string, choice: TemplateChoice): Promise<TemplateInfo> {
    return await this.#loaded.setTemplate(id, choice);
  }

  /** The machine is about to sleep: an engine that is silent then does not hang. */
  suspend(): void {
    this.#loaded.suspend();
  }

  resume(): void {
    this.#loaded.resume();
  }

  /** Ends the engine. Resolves when no process is left. */
  async shutdown(): Promise<void> {
    await Promise.all([this.#loaded.shutdown(), this.#with.files.end()]);
    await this.#working;
  }

  #put(id: string, { name, paths, bytes, license, parameters, files }: FoundBundle): StoredModel {
    const known = new Map(this.#with.table.get(id)?.files.map((file) => [file.path, file]));
    const model = {
      id,
      name,
      program: paths.program,
      bytes,
      ...(license === undefined ? {} : { license }),
      ...(parameters === undefined ? {} : { parameters }),
      // What was known of a file that is still the same stays known.
      files: files.map((file) => {
        const before = known.get(file.path);
        return before?.bytes === file.bytes && before.modifiedAt === file.modifiedAt ? before : file;
      }),
    };
    this.#with.table.put(model, Date.now());
    return model;
  }

  /** The files that were put together for this model; of one that was added long ago, those beside its program. */
  async #find(model: StoredModel): Promise<FoundBundle> {
    const paths = pathsOf(model.files);
    return paths === undefined ? await this.#with.find(model.program) : await this.#with.check(paths);
  }

  async #renew(model: StoredModel): Promise<FoundBundle> {
    const found = await this.#find(model);
    // The person may have removed it meanwhile.
    if (this.#with.table.get(model.id)) this.#put(model.id, { ...found, name: model.name });
    return found;
  }

  /** What a model told is known the next time before it is loaded. */
  #note({ id, program }: StoredModel, { facts, tokenizer }: Loaded): void {
    const { contextLength, vocabSize } = facts;
    this.#with.table.markUsed(id, Date.now());
    this.#work(async () => {
      const stamp = await stampOf(program);
      // Removed meanwhile: nothing is left to know of it.
      if (this.#with.table.get(id)) this.#with.facts.put(id, stamp, { contextLength, vocabSize, tokenizer });
      await this.announce();
    });
  }

  /** Nobody waits for it, but for the end of the app. */
  #work(task: () => Promise<void>): void {
    this.#working = this.#working.then(task).catch((cause: unknown) => {
      log('warning', 'What became known of a model could not be kept or told', cause);
    });
  }

  /** Tells the window what is in the library now. */
  async announce(): Promise<void> {
    this.#with.emit('models.changed', await this.list());
  }
}

/** @throws AppFailure `files-not-deleted` */
async function deleteFolder(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true });
  } catch (error) {
    throw new AppFailure(
      'files-not-deleted',
      `“${folder}” could not be deleted: ${error instanceof Error ? error.message : String(error)}.`,
      'Close what uses its files, then remove the model again.',
    );
  }
}
