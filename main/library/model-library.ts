/** The models a person has: the list, the one that is loaded, and the steps that change both. */
import { randomUUID } from 'node:crypto';
import { log } from '../log.ts';
import type { StoredFile } from '../store/models.ts';
import type { Catalogue } from './catalogue.ts';
import type { CurrentModel } from './current-model.ts';
import type { FoundBundle } from './found-bundle.ts';
import type { BackgroundHashing } from './hashing.ts';

export interface LibraryDependencies {
  readonly catalogue: Catalogue;
  readonly current: CurrentModel;
  readonly hashing: Pick<BackgroundHashing, 'start' | 'end'>;
  /** Folder of the model that comes with the app. */
  readonly defaultModel: string;
}

export class ModelLibrary {
  readonly catalogue: Catalogue;
  readonly current: CurrentModel;
  readonly #hashing: LibraryDependencies['hashing'];
  readonly #defaultModel: string;

  constructor({ catalogue, current, hashing, defaultModel }: LibraryDependencies) {
    this.catalogue = catalogue;
    this.current = current;
    this.#hashing = hashing;
    this.#defaultModel = defaultModel;
  }

  /**
   * Adds the bundled model at the start and loads the model that was used last, or else the bundled one. Never throws.
   * @param due Resolves when loading may begin. Messages that are sent earlier wait for the model.
   */
  async restore(due?: Promise<unknown>): Promise<void> {
    this.current.expect();
    try {
      await due;
      await this.catalogue.putBundled(this.#defaultModel);
      const model = this.catalogue.lastUsed();
      if (model && this.current.expecting) this.current.begin(model);
    } catch (cause) {
      log('error', 'The last model cannot be restored', cause);
    }
    this.current.expectNothing();
    this.#hashing.start();
  }

  /** Adds a bundle that was just checked, or updates the entry of the same program, and starts loading it. */
  async add(found: FoundBundle): Promise<{ readonly modelId: string }> {
    const modelId = this.catalogue.idOf(found.paths.program) ?? randomUUID();
    const model = this.catalogue.put(modelId, found);
    await this.catalogue.announce();
    this.current.begin(model, { found });
    this.#hashing.start();
    return { modelId };
  }

  /** See {@link Catalogue.move}. */
  async move(id: string, files: readonly StoredFile[]): Promise<void> {
    await this.catalogue.move(id, files);
    this.#hashing.start();
  }

  /**
   * Starts loading; `models.state` reports progress.
   * @param anyway Loads although memory seems short, files changed, or the model is in quarantine.
   * @throws AppFailure `model-not-found`
   */
  load(id: string, anyway = false): void {
    this.current.choose(this.catalogue.get(id), anyway);
  }

  /**
   * Removes the model, and unloads it first if it is loaded. Its files stay unless `files` is set.
   * @throws AppFailure `option-invalid` as in {@link Catalogue.requireRemovable}, `files-not-deleted`
   */
  async remove(id: string, files = false): Promise<void> {
    await this.catalogue.requireRemovable(id, files);
    if (this.current.model?.id === id) await this.current.unload();
    await this.catalogue.remove(id, files);
  }

  /** Ends the engine. Resolves when no process and no write is left. */
  async shutdown(): Promise<void> {
    await Promise.all([this.current.shutdown(), this.#hashing.end()]);
    await this.catalogue.settled();
  }
}
