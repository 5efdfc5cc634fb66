/**
 * The models a person has, and the one that is loaded. Each load runs in an engine process of its own; a process that
 * dies is replaced, unless it keeps dying.
 */
import { randomUUID } from 'node:crypto';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AppError, ModelEntry, ModelState } from '../preload/contract.ts';
import { EngineHost } from './engine-host.ts';
import type { EngineProcess } from './engine-process.ts';
import type { RuntimeInfo } from '../native/index.d.ts';
import type { BundlePaths, LoadedModel, NpuOptions, SamplingSettings } from './engine/protocol.ts';
import { AppFailure, toAppError } from './failure.ts';
import { CrashLimit } from './crash-limit.ts';
import { backendLabel, toNpuState } from './figures.ts';
import type { Emit } from './ipc.ts';
import { log } from './log.ts';
import type { ModelTable, StoredModel } from './store/models.ts';

/** A bundle found on disk: what to load, and what to show before it is. */
export interface FoundBundle {
  readonly paths: BundlePaths;
  /** That its program calls. */
  readonly operators?: readonly string[];
  readonly name: string;
  readonly bytes: number;
  readonly license?: string;
  /** Sampling that the bundle recommends; a person's own settings come before it. */
  readonly sampling: Partial<Record<keyof SamplingSettings, number | undefined>>;
}

export interface EngineSettings {
  readonly threads?: number;
  readonly npu?: NpuOptions;
}

export interface LibraryDependencies {
  readonly table: ModelTable;
  /** Finds the bundle that files or folders belong to. @throws AppFailure */
  readonly find: (paths: readonly string[]) => Promise<FoundBundle>;
  /** The chip that a program was compiled for; undefined for one of the CPU, or one that cannot be read now. */
  readonly targetOf: (program: string) => Promise<string | undefined>;
  readonly fork: () => EngineProcess;
  readonly emit: Emit;
  /** Folder of the model that comes with the app. */
  readonly defaultModel: string;
  /** How the next load is to run. */
  readonly engine: () => EngineSettings;
}

export interface ReadyModel {
  readonly host: EngineHost;
  readonly loaded: LoadedModel;
  readonly sampling: FoundBundle['sampling'];
}

interface Attempt {
  readonly model: StoredModel;
  readonly ready: Promise<ReadyModel>;
  host?: EngineHost;
}

const bundledId = 'bundled';
const stages = ['read', 'verify', 'prepare', 'warm-up'] as const;
export class ModelLibrary {
  readonly #with: LibraryDependencies;
  #attempt: Attempt | undefined;
  #state: ModelState = { status: 'none' };
  readonly #crashes = new CrashLimit();
  #runtime: RuntimeInfo | undefined;

  constructor(dependencies: LibraryDependencies) {
    this.#with = dependencies;
  }

  get state(): ModelState {
    return this.#state;
  }

  /** The runtime of the model that was loaded last. */
  get runtime(): RuntimeInfo | undefined {
    return this.#runtime;
  }

  async list(): Promise<readonly ModelEntry[]> {
    return await Promise.all(
      this.#with.table.list().map(async (model) => toEntry(model, await this.#with.targetOf(model.program))),
    );
  }

  /** At start: notes the bundled model and loads the one used last, or the bundled one. Never throws. */
  async restore(): Promise<void> {
    const { table, defaultModel } = this.#with;
    try {
      await this.#noteBundled(defaultModel);
      const model = table.lastUsed() ?? table.get(bundledId);
      // A person may have been quicker.
      if (model && !this.#attempt) this.#begin(model);
    } catch (cause) {
      log('error', 'The last model cannot be restored', cause);
    }
  }

  async #noteBundled(folder: string): Promise<void> {
    const { table, find } = this.#with;
    try {
      const found = await find([folder]);
      const same = table.findByProgram(found.paths.program);
      if (same && same.id !== bundledId) table.remove(same.id);
      this.#put(bundledId, found);
    } catch (cause) {
      log('warning', `There is no default model at ${folder}`, cause instanceof AppFailure ? cause.message : cause);
      table.remove(bundledId);
    }
    await this.#announce();
  }

  /** Adds the bundle that `paths` belong to and starts loading it. @throws AppFailure if it is none, or half of one. */
  async open(paths: readonly string[]): Promise<{ readonly modelId: string }> {
    const found = await this.#with.find(paths);
    const modelId = this.#with.table.findByProgram(found.paths.program)?.id ?? randomUUID();
    const model = this.#put(modelId, found);
    await this.#announce();
    this.#begin(model);
    return { modelId };
  }

  /** Starts loading; the state tells how it goes. */
  load(id: string): void {
    const model = this.#with.table.get(id);
    if (!model)
      throw new AppFailure('model-not-found', 'This model is no longer in the library.', 'Open its folder again.');
    this.#crashes.reset();
    this.#begin(model);
  }

  async unload(): Promise<void> {
    const attempt = this.#attempt;
    this.#attempt = undefined;
    this.#setState({ status: 'none' });
    await attempt?.host?.end();
  }

  /** Forgets the model; its files stay. */
  async remove(id: string): Promise<void> {
    if (id === bundledId) {
      throw new AppFailure(
        'option-invalid',
        'This model comes with Wyvern and stays in the library.',
        'Load another one to use that instead.',
      );
    }
    if (this.#attempt?.model.id === id) await this.unload();
    this.#with.table.remove(id);
    await this.#announce();
  }

  /** Fails at once if nothing is loaded or loading: there is nothing to wait for. @throws AppFailure `model-not-loaded` */
  requireModel(): void {
    if (this.#state.status === 'ready' || this.#state.status === 'loading') return;
    const why =
      this.#state.status === 'failed'
        ? `The model could not be loaded: ${this.#state.error.message}`
        : 'No model is loaded.';
    throw new AppFailure('model-not-loaded', why, 'Choose a model, or drop a model’s folder on the window.');
  }

  /** The loaded model, waited for if it is loading. @throws AppFailure why there is none */
  async ready(): Promise<ReadyModel> {
    for (;;) {
      const attempt = this.#attempt;
      if (!attempt) this.requireModel();
      try {
        if (attempt) return await attempt.ready;
      } catch (cause) {
        // Another model may have been chosen while this one loaded.
        if (attempt === this.#attempt) throw cause;
      }
    }
  }

  /** Ends the engine. Resolves when no process is left. */
  async shutdown(): Promise<void> {
    const attempt = this.#attempt;
    this.#attempt = undefined;
    await attempt?.host?.end();
  }

  #put(id: string, { name, paths, bytes, license }: FoundBundle): StoredModel {
    const model = { id, name, program: paths.program, bytes, ...(license === undefined ? {} : { license }) };
    this.#with.table.put(model, Date.now());
    return model;
  }

  #begin(model: StoredModel): void {
    const previous = this.#attempt;
    const attempt: Attempt = {
      model,
      ready: Promise.resolve().then(async () => {
        await previous?.host?.end();
        return await this.#run(attempt);
      }),
    };
    this.#attempt = attempt;
    this.#setState({ status: 'loading', modelId: model.id, name: model.name, stage: 'start', fraction: 0 });
    attempt.ready.then(
      (ready) => this.#loaded(attempt, ready),
      (cause: unknown) => this.#failed(attempt, toAppError(cause)),
    );
  }

  async #run(attempt: Attempt): Promise<ReadyModel> {
    const { model } = attempt;
    const found = await this.#with.find([model.program]);
    if (attempt !== this.#attempt) throw new AppFailure('not-loaded', 'Another model was chosen meanwhile.');
    const host = new EngineHost(this.#with.fork(), (error) => this.#lost(attempt, error));
    attempt.host = host;
    const loaded = await host.load({
      bundle: found.paths,
      ...(found.operators === undefined ? {} : { operators: found.operators }),
      ...this.#with.engine(),
      onProgress: ({ stage, bytesDone, bytesTotal }) => {
        if (attempt !== this.#attempt) return;
        const part = bytesTotal > 0 ? Math.min(1, bytesDone / bytesTotal) : 0;
        const fraction = (stages.indexOf(stage) + part) / stages.length;
        this.#setState({ status: 'loading', modelId: model.id, name: model.name, stage, fraction });
      },
    });
    return { host, loaded, sampling: found.sampling };
  }

  #loaded(attempt: Attempt, { loaded }: ReadyModel): void {
    if (attempt !== this.#attempt) return;
    const { model } = attempt;
    this.#runtime = loaded.runtime;
    this.#with.table.markUsed(model.id, Date.now());
    this.#setState({
      status: 'ready',
      modelId: model.id,
      name: loaded.name,
      backend: backendLabel(loaded),
      contextLength: loaded.facts.contextLength,
      vocabSize: loaded.facts.vocabSize,
      chatTemplate: loaded.chatTemplate.source !== 'none',
      residentBytes: loaded.residentBytes,
      ...(loaded.npu === undefined ? {} : { npu: toNpuState(loaded.npu) }),
    });
  }

  #failed(attempt: Attempt, error: AppError): void {
    void attempt.host?.end();
    if (attempt !== this.#attempt) return;
    log('warning', `${attempt.model.name} did not load: ${error.message}`);
    this.#setState({ status: 'failed', modelId: attempt.model.id, name: attempt.model.name, error });
  }

  /**
   * The process of a model ended by itself, or its NPU failed. While it was loading, its load fails; else it is loaded again,
   * unless nothing but a restart of the computer helps.
   */
  #lost(attempt: Attempt, error: AppError): void {
    if (attempt !== this.#attempt || this.#state.status !== 'ready') return;
    if (error.code === 'npu-lost') {
      void attempt.host?.end();
      this.#setState({ status: 'failed', modelId: attempt.model.id, name: attempt.model.name, error });
      return;
    }
    if (this.#crashes.allows(Date.now())) {
      this.#begin(attempt.model);
      return;
    }
    this.#setState({
      status: 'failed',
      modelId: attempt.model.id,
      name: attempt.model.name,
      error: {
        ...error,
        message: `The engine ended ${CrashLimit.crashes} times within five minutes, so it is not started again by itself.`,
        hint: 'Load the model again, or choose another one.',
      },
    });
  }

  #setState(state: ModelState): void {
    this.#state = state;
    this.#with.emit('models.state', state);
  }

  async #announce(): Promise<void> {
    this.#with.emit('models.changed', await this.list());
  }
}

async function toEntry(
  { id, name, program, bytes, license }: StoredModel,
  target: string | undefined,
): Promise<ModelEntry> {
  const available = await access(program).then(
    () => true,
    () => false,
  );
  return {
    id,
    name,
    folder: dirname(program),
    bytes,
    bundled: id === bundledId,
    available,
    ...(license === undefined ? {} : { license }),
    ...(target === undefined ? {} : { target }),
  };
}
