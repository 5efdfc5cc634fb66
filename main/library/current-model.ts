/**
 * The one loaded or loading model. Each load runs in its own engine process. A crashed process is replaced, unless it crashes
 * too often.
 */
import type { AppError, Emit, ModelState } from '../../preload/contract.ts';
import type { Cage, RuntimeInfo } from '../../native/index.d.ts';
import type { Clock } from '../clock.ts';
import { CrashLimit } from '../engine-host/crash-limit.ts';
import { EngineHost, type LostDuring } from '../engine-host/engine-host.ts';
import type { EngineProcess } from '../engine-host/engine-process.ts';
import type { LoadedModel, NpuOptions, TemplateChoice, TemplateInfo } from '../engine/protocol.ts';
import { toAppError } from '../app-error.ts';
import { AppFailure } from '../failure.ts';
import { backendLabel, toNpuState } from '../engine-host/figures.ts';
import { log } from '../log.ts';
import type { Catalogue } from './catalogue.ts';
import type { ModelFiles } from './model-files.ts';
import type { Quarantine } from './quarantine.ts';
import type { StoredModel } from '../store/models.ts';
import type { FoundBundle } from './found-bundle.ts';
import { IdleUnload } from './idle-unload.ts';
import { availableMemory, requireMemory } from './memory.ts';

export interface EngineSettings {
  readonly threads?: number;
  readonly npu?: NpuOptions;
}

export interface ReadyModel {
  readonly modelId: string;
  readonly host: EngineHost;
  readonly loaded: LoadedModel;
  readonly sampling: FoundBundle['sampling'];
}

export interface CurrentModelDependencies {
  readonly catalogue: Pick<Catalogue, 'renew' | 'noteLoaded' | 'inBackground' | 'announce'>;
  readonly files: Pick<ModelFiles, 'require'>;
  readonly quarantine: Pick<Quarantine, 'check' | 'crashed' | 'answered'>;
  readonly fork: () => EngineProcess;
  readonly clock: Clock;
  /** Options of the next load. */
  readonly engine: () => EngineSettings;
  /** The chosen chat template of a model. */
  readonly templateOf: (modelId: string) => TemplateChoice;
  /** Minutes without use until the model is unloaded; undefined: never. */
  readonly idleMinutes: () => number | undefined;
  readonly emit: Emit;
}

interface Attempt {
  readonly model: StoredModel;
  /** The person insists: loads in spite of short memory, quarantine and changed files. */
  readonly anyway: boolean;
  /** The bundle, if it was checked right before. */
  readonly found?: FoundBundle;
  ready: Promise<ReadyModel>;
  host?: EngineHost;
}

interface LoadOptions {
  readonly anyway?: boolean;
  readonly found?: FoundBundle;
  readonly crash?: Promise<void>;
}

const stages = ['read', 'verify', 'prepare', 'warm-up'] as const;

export class CurrentModel {
  readonly #with: CurrentModelDependencies;
  #attempt: Attempt | undefined;
  #state: ModelState = { status: 'none' };
  /** The model that was unloaded when idle; cleared by any other change. */
  #idleModel: StoredModel | undefined;
  readonly #crashes = new CrashLimit();
  /** Models that the person loaded in spite of short memory, in this run of the app. */
  readonly #despiteMemory = new Set<string>();
  /** Set until the app knows which model it loads at the start. */
  #expected: PromiseWithResolvers<undefined> | undefined;
  readonly #idle: IdleUnload;
  #runtime: RuntimeInfo | undefined;
  #cage: Cage | undefined;

  constructor(dependencies: CurrentModelDependencies) {
    this.#with = dependencies;
    this.#idle = new IdleUnload(dependencies.idleMinutes, (minutes) => void this.#unloadIdle(minutes));
  }

  get state(): ModelState {
    return this.#state;
  }

  /** The runtime of the last loaded model. */
  get runtime(): RuntimeInfo | undefined {
    return this.#runtime;
  }

  /** The cage of the engine that loaded the last model. */
  get cage(): Cage | undefined {
    return this.#cage;
  }

  /** The model that is loaded, is loading, or failed to load. */
  get model(): StoredModel | undefined {
    return this.#attempt?.model;
  }

  /** Resolves once no model is being loaded. */
  async quiet(): Promise<void> {
    await this.#expected?.promise;
    for (let attempt = this.#attempt; attempt && this.#state.status === 'loading'; attempt = this.#attempt) {
      await attempt.ready.catch(() => undefined);
      // Its end has set another state before, or it will not: a loop would never let the process do anything else.
      if (attempt === this.#attempt) return;
    }
  }

  /**
   * The app will load a model. Earlier messages wait for it until `begin` or {@link expectNothing}. A model that the person
   * chose stays.
   */
  expect(): void {
    if (this.#attempt) return;
    this.#expected ??= Promise.withResolvers();
    this.#setState({ status: 'starting' });
  }

  /** Whether the automatic load may start: no person and no quit came first. */
  get expecting(): boolean {
    return this.#expected !== undefined;
  }

  /** The automatic load has started, or there is none. */
  expectNothing(): void {
    if (this.#state.status === 'starting') this.#setState({ status: 'none' });
    this.#expected?.resolve(undefined);
    this.#expected = undefined;
  }

  /**
   * Starts loading; the state reports progress.
   * @param options.found the bundle, if it was checked right before
   * @param options.crash resolves once the last crash is stored, which may put the model in quarantine
   */
  begin(model: StoredModel, { anyway = false, found, crash }: LoadOptions = {}): void {
    const previous = this.#attempt;
    const attempt: Attempt = {
      model,
      anyway,
      ...(found === undefined ? {} : { found }),
      ready: Promise.resolve().then(async () => {
        await previous?.host?.end();
        await crash;
        return await this.#run(attempt);
      }),
    };
    this.#attempt = attempt;
    this.#idleModel = undefined;
    this.#idle.loaded(false);
    this.#setState({ status: 'loading', modelId: model.id, name: model.name, stage: 'start', fraction: 0 });
    this.expectNothing();
    attempt.ready.then(
      (ready) => this.#loaded(attempt, ready),
      (cause: unknown) => this.#failed(attempt, toAppError(cause)),
    );
  }

  /** Loads a model for a person, and resets the crash count. @param anyway in spite of short memory and changed files */
  choose(model: StoredModel, anyway: boolean): void {
    this.#crashes.reset();
    const state = this.#state;
    const warned = state.status === 'failed' && state.error.code === 'memory-short' && state.modelId === model.id;
    // The memory warning appears once for each model, the warning of damage every time.
    if (anyway && warned) this.#despiteMemory.add(model.id);
    this.begin(model, { anyway });
  }

  /** Unloads the model, or ends a running load. Resolves when no process is left. */
  async unload(state: Extract<ModelState, { status: 'none' }> = { status: 'none' }): Promise<void> {
    const attempt = this.#attempt;
    this.#attempt = undefined;
    this.#idleModel = undefined;
    this.#idle.loaded(false);
    this.#setState(state);
    this.expectNothing();
    await attempt?.host?.end();
  }

  /** The idle time from the settings counts from now on. */
  restartIdle(): void {
    this.#idle.restart();
  }

  /**
   * Fails at once if no model is loaded, loading or expected. Loads a model again that was unloaded when idle.
   * @throws AppFailure `model-not-loaded`
   */
  require(): void {
    if (this.#idleModel) this.begin(this.#idleModel);
    if (this.#state.status === 'none' || this.#state.status === 'failed') throw this.#nothingLoaded();
  }

  /** The loaded model; waits while it loads. @throws AppFailure with the reason why there is none */
  async ready(): Promise<ReadyModel> {
    for (;;) {
      await this.#expected?.promise;
      const attempt = this.#attempt;
      if (!attempt) throw this.#nothingLoaded();
      try {
        return await attempt.ready;
      } catch (cause) {
        // The person may have chosen another model during the load.
        if (attempt === this.#attempt) throw cause;
      }
    }
  }

  /** This model, if it is loaded. @throws AppFailure `model-not-loaded` */
  async readyNow(id: string): Promise<ReadyModel> {
    const attempt = this.#attempt;
    if (attempt?.model.id !== id || this.#state.status !== 'ready') {
      throw new AppFailure('model-not-loaded', 'This model is not loaded.', 'Load it first.');
    }
    return await attempt.ready;
  }

  /** Uses another chat template from the next answer on. @throws AppFailure */
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

  /** The machine is about to sleep. */
  suspend(): void {
    this.#attempt?.host?.suspend();
  }

  resume(): void {
    this.#attempt?.host?.resume();
  }

  /** Ends the engine without a message. Resolves when no process is left. */
  async shutdown(): Promise<void> {
    const attempt = this.#attempt;
    this.#attempt = undefined;
    this.#idle.loaded(false);
    this.expectNothing();
    await attempt?.host?.end();
  }

  #nothingLoaded(): AppFailure {
    const why =
      this.#state.status === 'failed'
        ? `The model could not be loaded: ${this.#state.error.message}`
        : 'No model is loaded.';
    return new AppFailure('model-not-loaded', why, 'Choose a model, or drop the folder of a model on the window.');
  }

  async #unloadIdle(minutes: number): Promise<void> {
    const model = this.model;
    if (!model) return;
    const ended = this.unload({ status: 'none', idle: { modelId: model.id, name: model.name, minutes } });
    this.#idleModel = model;
    await ended;
  }

  async #run(attempt: Attempt): Promise<ReadyModel> {
    const { model, anyway } = attempt;
    if (!anyway) {
      await this.#with.files.require(model);
      await this.#with.quarantine.check(model.program);
    }
    const found = attempt.found ?? (await this.#with.catalogue.renew(model));
    if (attempt !== this.#attempt) throw new AppFailure('not-loaded', 'Another model was chosen.');
    if (!anyway && !this.#despiteMemory.has(model.id)) requireMemory(found.memory, availableMemory());
    const host = new EngineHost(
      this.#with.fork(),
      (error, during) => this.#lost(attempt, error, during),
      (inUse) => {
        if (attempt === this.#attempt) this.#idle.used(inUse);
      },
      this.#with.clock,
    );
    attempt.host = host;
    const loaded = await host.load({
      bundle: found.paths,
      ...(found.operators === undefined ? {} : { operators: found.operators }),
      ...(found.backends === undefined ? {} : { backends: found.backends }),
      ...(found.keptState === undefined ? {} : { keptState: found.keptState }),
      ...this.#with.engine(),
      template: this.#with.templateOf(model.id),
      onProgress: ({ stage, bytesDone, bytesTotal }) => {
        if (attempt !== this.#attempt) return;
        const part = bytesTotal > 0 ? Math.min(1, bytesDone / bytesTotal) : 0;
        const fraction = (stages.indexOf(stage) + part) / stages.length;
        const bytes = bytesTotal > 0 ? { bytesDone, bytesTotal } : {};
        this.#setState({ status: 'loading', modelId: model.id, name: model.name, stage, fraction, ...bytes });
      },
      onFirstAnswer: () => void this.#note(this.#with.quarantine.answered(model.program)),
    });
    return { modelId: model.id, host, loaded, sampling: found.sampling };
  }

  #loaded(attempt: Attempt, { loaded }: ReadyModel): void {
    if (attempt !== this.#attempt) return;
    const { model } = attempt;
    this.#runtime = loaded.runtime;
    this.#cage = loaded.cage;
    this.#with.catalogue.noteLoaded(model, loaded);
    this.#idle.loaded(true);
    this.#setState({
      status: 'ready',
      modelId: model.id,
      name: loaded.name,
      backend: backendLabel(loaded.facts),
      contextLength: loaded.facts.contextLength,
      ...(loaded.facts.vocabSize === undefined ? {} : { vocabSize: loaded.facts.vocabSize }),
      chatTemplate: loaded.chatTemplate,
      ...(loaded.notes.length > 0 && { notes: loaded.notes }),
      residentBytes: loaded.residentBytes,
      ...(loaded.npu === undefined ? {} : { npu: toNpuState(loaded.npu) }),
    });
  }

  #failed(attempt: Attempt, error: AppError): void {
    void attempt.host?.end();
    if (attempt !== this.#attempt) return;
    log('warning', `${attempt.model.name} did not load: ${error.message}`);
    this.#setFailed(attempt, error);
    if (error.code === 'engine-crashed') void this.#noteFailedLoad(attempt);
  }

  /** Records that a program crashed the engine during its load. After the second time, the error says that it is not retried. */
  async #noteFailedLoad(attempt: Attempt): Promise<void> {
    const { program } = attempt.model;
    await this.#note(this.#with.quarantine.crashed(program));
    const error = await this.#with.quarantine.check(program).then(() => undefined, toAppError);
    if (error?.code === 'model-quarantined' && attempt === this.#attempt) this.#setFailed(attempt, error);
  }

  /** Stores the result of a load. A failure to store does not affect the model. */
  async #note(noting: Promise<void>): Promise<void> {
    try {
      await noting;
      this.#with.catalogue.inBackground(() => this.#with.catalogue.announce());
    } catch (cause) {
      log('warning', 'What became of a model cannot be noted', cause);
    }
  }

  /**
   * The process of a model crashed, or its NPU failed. A running load fails. A loaded model is loaded again, unless only a
   * restart of the computer helps.
   */
  #lost(attempt: Attempt, error: AppError, during: LostDuring): void {
    if (attempt !== this.#attempt || this.#state.status !== 'ready') return;
    this.#idle.loaded(false);
    if (error.code === 'npu-lost') {
      void attempt.host?.end();
      this.#setFailed(attempt, error);
      return;
    }
    const { model } = attempt;
    const guilty = during === 'first-answer' && error.code === 'engine-crashed';
    const crash = guilty ? this.#note(this.#with.quarantine.crashed(model.program)) : undefined;
    if (this.#crashes.allows(this.#with.clock.now())) {
      this.begin(model, crash === undefined ? {} : { crash });
      return;
    }
    this.#setFailed(attempt, {
      ...error,
      message: `The engine process crashed ${CrashLimit.crashes} times within five minutes, so Wyvern does not restart it automatically.`,
      hint: 'Load the model again, or choose another one.',
    });
  }

  #setFailed({ model }: Attempt, error: AppError): void {
    this.#setState({ status: 'failed', modelId: model.id, name: model.name, error });
  }

  #setState(state: ModelState): void {
    this.#state = state;
    this.#with.emit('models.state', state);
  }
}
