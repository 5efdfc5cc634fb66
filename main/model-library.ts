/**
 * The models a person has, and the one that is loaded. Each load runs in an engine process of its own; a process that
 * dies is replaced, unless it keeps dying.
 */
import { randomUUID } from 'node:crypto';
import { dirname, sep } from 'node:path';
import type { AppError, ModelEntry, ModelFileState, ModelState } from '../preload/contract.ts';
import { EngineHost, type LostDuring } from './engine-host.ts';
import type { EngineProcess } from './engine-process.ts';
import type { RuntimeInfo } from '../native/index.d.ts';
import type {
  BundlePaths,
  LoadedModel,
  NpuOptions,
  SamplingSettings,
  TemplateChoice,
  TemplateInfo,
} from './engine/protocol.ts';
import { AppFailure, toAppError } from './failure.ts';
import { CrashLimit } from './crash-limit.ts';
import { backendLabel, toNpuState } from './figures.ts';
import type { Emit } from './ipc.ts';
import { log } from './log.ts';
import { pathsOf, type ModelFiles } from './model-files.ts';
import type { Quarantine } from './quarantine.ts';
import type { ModelTable, StoredFile, StoredModel } from './store/models.ts';

/** A bundle found on disk: what to load, and what to show before it is. */
export interface FoundBundle {
  readonly paths: BundlePaths;
  /** The same files as they are now. */
  readonly files: readonly StoredFile[];
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
  /** Finds the bundle of a folder or program, where nobody can be asked. @throws EngineFailure */
  readonly find: (path: string) => Promise<FoundBundle>;
  /** Checks files that are known to belong together. @throws EngineFailure */
  readonly check: (paths: BundlePaths) => Promise<FoundBundle>;
  readonly files: Pick<ModelFiles, 'stateOf' | 'require' | 'start' | 'end'>;
  readonly quarantine: Pick<Quarantine, 'check' | 'holds' | 'crashed' | 'answered'>;
  /** The chip that a program was compiled for; undefined for one of the CPU, or one that cannot be read now. */
  readonly targetOf: (program: string) => Promise<string | undefined>;
  readonly fork: () => EngineProcess;
  readonly emit: Emit;
  /** Folder of models that Wyvern copied. */
  readonly ownFolder: string;
  /** Folder of the model that comes with the app. */
  readonly defaultModel: string;
  /** How the next load is to run. */
  readonly engine: () => EngineSettings;
  /** The chat template that was chosen for a model. */
  readonly templateOf: (modelId: string) => TemplateChoice;
}

export interface ReadyModel {
  readonly host: EngineHost;
  readonly loaded: LoadedModel;
  readonly sampling: FoundBundle['sampling'];
}

interface Attempt {
  readonly model: StoredModel;
  /** The person insists: neither quarantine nor changed files keep it from being loaded. */
  readonly anyway: boolean;
  ready: Promise<ReadyModel>;
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
      this.#with.table.list().map(async (model) => {
        const [target, files] = await Promise.all([
          this.#with.targetOf(model.program),
          this.#with.files.stateOf(model),
        ]);
        return toEntry(model, {
          target,
          files,
          quarantined: this.#with.quarantine.holds(files.sha256),
          copied: model.program.startsWith(this.#with.ownFolder + sep),
        });
      }),
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
    this.#with.files.start();
  }

  /** Resolves once no model is being loaded. */
  async quiet(): Promise<void> {
    for (let attempt = this.#attempt; attempt && this.#state.status === 'loading'; attempt = this.#attempt) {
      await attempt.ready.catch(() => undefined);
    }
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
    this.#begin(model);
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

  /** Starts loading; the state tells how it goes. `anyway`: though its files changed, or it is in quarantine. */
  load(id: string, anyway = false): void {
    const model = this.get(id);
    this.#crashes.reset();
    this.#begin(model, { anyway });
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
    await this.announce();
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

  /** This model, if it is the one that is loaded. @throws AppFailure `model-not-loaded` */
  async readyNow(id: string): Promise<ReadyModel> {
    const attempt = this.#attempt;
    if (attempt?.model.id !== id || this.#state.status !== 'ready') {
      throw new AppFailure('model-not-loaded', 'This model is not loaded.', 'Load it first.');
    }
    return await attempt.ready;
  }

  /** Prompts the loaded model with another chat template from its next answer on. @throws AppFailure */
  async setTemplate(id: string, choice: TemplateChoice): Promise<TemplateInfo> {
    const ready = await this.readyNow(id);
    const attempt = this.#attempt;
    const chatTemplate = await ready.host.setTemplate(choice);
    if (attempt !== undefined && attempt === this.#attempt && this.#state.status === 'ready') {
      attempt.ready = Promise.resolve({ ...ready, loaded: { ...ready.loaded, chatTemplate } });
      this.#setState({ ...this.#state, chatTemplate });
    }
    return chatTemplate;
  }

  /** Ends the engine. Resolves when no process is left. */
  async shutdown(): Promise<void> {
    const attempt = this.#attempt;
    this.#attempt = undefined;
    await Promise.all([attempt?.host?.end(), this.#with.files.end()]);
  }

  #put(id: string, { name, paths, bytes, license, files }: FoundBundle): StoredModel {
    const known = new Map(this.#with.table.get(id)?.files.map((file) => [file.path, file]));
    const model = {
      id,
      name,
      program: paths.program,
      bytes,
      ...(license === undefined ? {} : { license }),
      // What was known of a file that is still the same stays known.
      files: files.map((file) => {
        const before = known.get(file.path);
        return before?.bytes === file.bytes && before.modifiedAt === file.modifiedAt ? before : file;
      }),
    };
    this.#with.table.put(model, Date.now());
    return model;
  }

  /** @param crash a death that is still being noted: it decides whether this load is made */
  #begin(model: StoredModel, { anyway = false, crash }: { anyway?: boolean; crash?: Promise<void> } = {}): void {
    const previous = this.#attempt;
    const attempt: Attempt = {
      model,
      anyway,
      ready: Promise.resolve().then(async () => {
        await previous?.host?.end();
        await crash;
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
    const { model, anyway } = attempt;
    if (!anyway) {
      await this.#with.files.require(model);
      await this.#with.quarantine.check(model.program);
    }
    const found = await this.#find(model);
    if (attempt !== this.#attempt) throw new AppFailure('not-loaded', 'Another model was chosen meanwhile.');
    const host = new EngineHost(this.#with.fork(), (error, during) => this.#lost(attempt, error, during));
    attempt.host = host;
    const loaded = await host.load({
      bundle: found.paths,
      ...(found.operators === undefined ? {} : { operators: found.operators }),
      ...this.#with.engine(),
      template: this.#with.templateOf(model.id),
      onProgress: ({ stage, bytesDone, bytesTotal }) => {
        if (attempt !== this.#attempt) return;
        const part = bytesTotal > 0 ? Math.min(1, bytesDone / bytesTotal) : 0;
        const fraction = (stages.indexOf(stage) + part) / stages.length;
        this.#setState({ status: 'loading', modelId: model.id, name: model.name, stage, fraction });
      },
      onFirstAnswer: () => void this.#note(this.#with.quarantine.answered(model.program)),
    });
    return { host, loaded, sampling: found.sampling };
  }

  /** The files that were put together for this model; of one that was added long ago, those beside its program. */
  async #find(model: StoredModel): Promise<FoundBundle> {
    const paths = pathsOf(model.files);
    const found = paths === undefined ? await this.#with.find(model.program) : await this.#with.check(paths);
    // The person may have removed it meanwhile.
    if (this.#with.table.get(model.id)) this.#put(model.id, { ...found, name: model.name });
    return found;
  }

  /** Writes down what became of a program; the model is of use without that, too. */
  async #note(noting: Promise<void>): Promise<void> {
    try {
      await noting;
      await this.announce();
    } catch (cause) {
      log('warning', 'What became of a model cannot be noted', cause);
    }
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
      chatTemplate: loaded.chatTemplate,
      residentBytes: loaded.residentBytes,
      ...(loaded.npu === undefined ? {} : { npu: toNpuState(loaded.npu) }),
    });
  }

  #failed(attempt: Attempt, error: AppError): void {
    void attempt.host?.end();
    if (attempt !== this.#attempt) return;
    log('warning', `${attempt.model.name} did not load: ${error.message}`);
    this.#setState({ status: 'failed', modelId: attempt.model.id, name: attempt.model.name, error });
    if (error.code === 'engine-crashed') void this.#noteFailedLoad(attempt);
  }

  /** A program that ended the engine while it was loaded: the second time it is said that it will not be tried again. */
  async #noteFailedLoad(attempt: Attempt): Promise<void> {
    const { id, name, program } = attempt.model;
    await this.#note(this.#with.quarantine.crashed(program));
    const error = await this.#with.quarantine.check(program).then(() => undefined, toAppError);
    if (error?.code !== 'model-quarantined' || attempt !== this.#attempt) return;
    this.#setState({ status: 'failed', modelId: id, name, error });
  }

  /**
   * The process of a model ended by itself, or its NPU failed. While it was loading, its load fails; else it is loaded again,
   * unless nothing but a restart of the computer helps.
   */
  #lost(attempt: Attempt, error: AppError, during: LostDuring): void {
    if (attempt !== this.#attempt || this.#state.status !== 'ready') return;
    if (error.code === 'npu-lost') {
      void attempt.host?.end();
      this.#setState({ status: 'failed', modelId: attempt.model.id, name: attempt.model.name, error });
      return;
    }
    const { model } = attempt;
    const guilty = during === 'first-answer' && error.code === 'engine-crashed';
    const crash = guilty ? this.#note(this.#with.quarantine.crashed(model.program)) : undefined;
    if (this.#crashes.allows(Date.now())) {
      this.#begin(model, crash === undefined ? {} : { crash });
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

  /** Tells the window what is in the library now. */
  async announce(): Promise<void> {
    this.#with.emit('models.changed', await this.list());
  }
}

interface Findings {
  readonly target: string | undefined;
  readonly files: ModelFileState;
  readonly quarantined: boolean;
  readonly copied: boolean;
}

function toEntry({ id, name, program, bytes, license }: StoredModel, { target, ...findings }: Findings): ModelEntry {
  return {
    id,
    name,
    folder: dirname(program),
    bytes,
    bundled: id === bundledId,
    available: findings.files.moved.length === 0,
    ...findings,
    ...(license === undefined ? {} : { license }),
    ...(target === undefined ? {} : { target }),
  };
}
