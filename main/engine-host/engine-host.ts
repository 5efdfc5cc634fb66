/**
 * One engine process and its model. The host sends requests, watches for hangs, and ends the process: it asks, waits, then
 * kills. The end of a process is an event that settles everything that waits for it.
 */
import { randomUUID } from 'node:crypto';
import type { AppError } from '../../preload/contract.ts';
import { systemClock, type Clock } from '../clock.ts';
import type { EngineProcess } from './engine-process.ts';
import type {
  BenchmarkFigures,
  BenchmarkPlan,
  BundlePaths,
  ChatMessage,
  CountablePrompt,
  EngineEvent,
  EngineRequest,
  GenerateInput,
  KeptState,
  LoadedModel,
  NpuOptions,
  TemplateChoice,
  TemplateInfo,
  TemplatePreview,
} from '../engine/protocol.ts';
import { AppFailure } from '../failure.ts';
import { HangWatch } from './hang-watch.ts';
import { log } from '../log.ts';

/** Replies to requests that neither load nor generate. */
type Reply = EventOf<'counted' | 'templated' | 'previewed'>;

type EventOf<T extends EngineEvent['type']> = Extract<EngineEvent, { type: T }>;

/** Events of one answer. The last one is `done`, `failed` or `lost`. */
export type AnswerEvent =
  | EventOf<'prefilled'>
  | EventOf<'tokens'>
  | EventOf<'done'>
  | EventOf<'failed'>
  /** The process ended during the answer. */
  | { readonly type: 'lost'; readonly id: string; readonly error: AppError };

export interface LoadRequest {
  readonly bundle: BundlePaths;
  /** Operators that the program calls. */
  readonly operators?: readonly string[];
  readonly backends?: readonly string[];
  /** Absent: unclear. */
  readonly keptState?: KeptState;
  readonly threads?: number;
  readonly npu?: NpuOptions;
  readonly template?: TemplateChoice;
  readonly onProgress: (progress: EventOf<'loading'>['progress']) => void;
  /** Called once, when the model has completed an answer. */
  readonly onFirstAnswer?: () => void;
}

/** The work of a process when it crashed. */
export type LostDuring = 'first-answer' | 'later';

/** A running benchmark. */
interface Measuring extends PromiseWithResolvers<BenchmarkFigures | undefined> {
  readonly onRun: (run: number) => void;
  readonly watch: HangWatch;
}

interface PendingAnswer {
  readonly listener: (event: AnswerEvent) => void;
  readonly watch: HangWatch;
}

/** Time for a process to end after the request, and again after the system's signal, before it is killed. */
const askedTimeoutMs = 2000;
const toldTimeoutMs = 1000;

/** After a failure, QNN in this process is unreliable, and it cannot be loaded a second time. */
function needsFreshProcess({ code }: AppError): boolean {
  return code.startsWith('npu-');
}

export class EngineHost {
  readonly #process: EngineProcess;
  readonly #ready = Promise.withResolvers<undefined>();
  readonly #exited = Promise.withResolvers<undefined>();
  readonly #answers = new Map<string, PendingAnswer>();
  readonly #measuring = new Map<string, Measuring>();
  readonly #questions = new Map<string, PromiseWithResolvers<Reply>>();
  #load: (PromiseWithResolvers<LoadedModel> & LoadRequest) | undefined;
  #loadWatch: HangWatch | undefined;
  #ending = false;
  #hung: 'answering' | 'loading' | undefined;
  #answered = false;
  #onLost: ((error: AppError, during: LostDuring) => void) | undefined;
  readonly #onUse: (inUse: boolean) => void;
  readonly #clock: Clock;
  /** Watches of all running work. */
  readonly #watches = new Set<HangWatch>();

  /**
   * `onLost` is called once if the process crashes, or if its model must not be used again. `onUse` is called when the model
   * starts to answer and when it becomes idle.
   */
  constructor(
    process: EngineProcess,
    onLost: (error: AppError, during: LostDuring) => void,
    onUse: (inUse: boolean) => void = () => undefined,
    clock = systemClock,
  ) {
    this.#process = process;
    this.#onLost = onLost;
    this.#onUse = onUse;
    this.#clock = clock;
    this.#ready.promise.catch(() => undefined);
    process.onEvent((event) => this.#handle(event));
    process.onExit((code) => this.#handleExit(code));
  }

  /** @throws {@link AppFailure} with the engine's error, or `engine-crashed` if the process ended. */
  async load(request: LoadRequest): Promise<LoadedModel> {
    const load = { ...Promise.withResolvers<LoadedModel>(), ...request };
    this.#load = load;
    const watch = this.#watch('loading');
    load.promise.then(
      () => this.#endWatch(watch),
      () => this.#endWatch(watch),
    );
    this.#loadWatch = watch;
    await this.#ready.promise;
    const { bundle, operators, backends, keptState, threads, npu, template } = request;
    this.#process.post({
      type: 'load',
      id: randomUUID(),
      bundle,
      ...(operators === undefined ? {} : { operators }),
      ...(backends === undefined ? {} : { backends }),
      ...(keptState === undefined ? {} : { keptState }),
      ...(threads === undefined ? {} : { threads }),
      ...(npu === undefined ? {} : { npu }),
      ...(template === undefined ? {} : { template }),
    });
    return await load.promise;
  }

  generate(id: string, input: GenerateInput, listener: (event: AnswerEvent) => void): void {
    this.#answers.set(id, { listener, watch: this.#watch('answering') });
    this.#onUse(true);
    this.#process.post({ type: 'generate', id, input });
  }

  /** The number of tokens in a prompt. @throws {@link AppFailure} from the engine, or because the process ended */
  async count(prompt: CountablePrompt): Promise<number> {
    return (await this.#ask('counted', (id) => ({ type: 'count', id, prompt }))).tokens;
  }

  /** Uses another template for the next prompts. @throws {@link AppFailure} from the engine, or because the process ended */
  async setTemplate(choice: TemplateChoice): Promise<TemplateInfo> {
    return (await this.#ask('templated', (id) => ({ type: 'template', id, choice }))).template;
  }

  /** @throws {@link AppFailure} from the engine, or because the process ended */
  async previewTemplate(choice: TemplateChoice, messages: readonly ChatMessage[]): Promise<TemplatePreview> {
    return (await this.#ask('previewed', (id) => ({ type: 'preview', id, choice, messages }))).preview;
  }

  async #ask<T extends Reply['type']>(
    type: T,
    request: (id: string) => EngineRequest,
  ): Promise<Extract<Reply, { type: T }>> {
    const id = randomUUID();
    const question = Promise.withResolvers<Reply>();
    this.#questions.set(id, question);
    this.#process.post(request(id));
    const reply = await question.promise;
    if (reply.type !== type) throw new TypeError(`The engine replied ${reply.type} where ${type} was asked for`);
    return reply as Extract<Reply, { type: T }>;
  }

  /**
   * Rates of the loaded model; undefined if it was stopped. The engine must be idle.
   * @param onRun called when a run begins; run 0 does not count
   * @throws {@link AppFailure} from the engine, or because the process ended
   */
  async benchmark(
    id: string,
    plan: BenchmarkPlan,
    onRun: (run: number) => void,
  ): Promise<BenchmarkFigures | undefined> {
    const watch = this.#watch('answering');
    const measuring = { ...Promise.withResolvers<BenchmarkFigures | undefined>(), onRun, watch };
    this.#measuring.set(id, measuring);
    this.#onUse(true);
    this.#process.post({ type: 'benchmark', id, plan });
    return await measuring.promise;
  }

  /** Asks an answer or a benchmark to end; `done` confirms it. A process that does not react is ended. */
  stop(id: string): void {
    const asked = this.#answers.get(id) ?? this.#measuring.get(id);
    if (!asked) return;
    asked.watch.ending();
    this.#process.post({ type: 'stop', id });
  }

  /** The machine is about to sleep. Silence does not count until it wakes up. */
  suspend(): void {
    for (const watch of this.#watches) watch.suspend();
  }

  resume(): void {
    for (const watch of this.#watches) watch.resume();
  }

  /** Resolves when the process has ended. Waiting callers get `engine-lost`. */
  async end(): Promise<void> {
    if (!this.#ending) {
      this.#ending = true;
      this.#process.post({ type: 'shutdown' });
    }
    if (await this.#exitsWithin(askedTimeoutMs)) return;
    log('warning', 'The engine did not end when asked; ending its process');
    this.#process.kill();
    if (await this.#exitsWithin(toldTimeoutMs)) return;
    this.kill();
    await this.#exited.promise;
  }

  /** Kills the process. */
  kill(): void {
    this.#process.destroy();
  }

  async #exitsWithin(timeoutMs: number): Promise<boolean> {
    const timeout = Promise.withResolvers<false>();
    const timer = setTimeout(() => timeout.resolve(false), timeoutMs);
    const exited = await Promise.race([this.#exited.promise.then(() => true), timeout.promise]);
    clearTimeout(timer);
    return exited;
  }

  #handle(event: EngineEvent): void {
    switch (event.type) {
      case 'ready':
        this.#ready.resolve(undefined);
        break;
      case 'loading':
        this.#loadWatch?.progress();
        this.#load?.onProgress(event.progress);
        break;
      case 'loaded':
        this.#load?.resolve(event.model);
        break;
      case 'failed': {
        const answer = this.#take(event.id);
        const question = this.#takeQuestion(event.id);
        const measuring = this.#takeMeasuring(event.id);
        if (answer) {
          answer.listener(event);
          if (needsFreshProcess(event.error)) this.#giveUp(event.error);
        } else if (measuring) {
          measuring.reject(AppFailure.from(event.error));
          if (needsFreshProcess(event.error)) this.#giveUp(event.error);
        } else if (question) question.reject(AppFailure.from(event.error));
        else this.#load?.reject(AppFailure.from(event.error));
        break;
      }
      case 'prefilling':
        this.#answers.get(event.id)?.watch.steps([event.chunk.wallUs]);
        break;
      case 'prefilled': {
        const answer = this.#answers.get(event.id);
        answer?.watch.restart();
        answer?.listener(event);
        break;
      }
      case 'tokens': {
        const answer = this.#answers.get(event.id);
        answer?.watch.steps(event.tokens.map(({ stepUs }) => stepUs));
        answer?.listener(event);
        break;
      }
      case 'done':
        this.#take(event.id)?.listener(event);
        if (!this.#answered) this.#load?.onFirstAnswer?.();
        this.#answered = true;
        break;
      case 'measuring': {
        const measuring = this.#measuring.get(event.id);
        measuring?.watch.progress();
        measuring?.onRun(event.run);
        break;
      }
      case 'measured':
        this.#takeMeasuring(event.id)?.resolve(event.figures);
        break;
      case 'counted':
      case 'templated':
      case 'previewed':
        this.#takeQuestion(event.id)?.resolve(event);
        break;
      case 'log':
        log(event.level, `engine: ${event.message}`);
        break;
      default:
        event satisfies never;
    }
  }

  /** The process still runs, but its model is unusable. The owner ends it. */
  #giveUp(error: AppError): void {
    const onLost = this.#onLost;
    this.#onLost = undefined;
    onLost?.(error, 'later');
  }

  /** Removes the answer from the running ones. */
  #take(id: string): PendingAnswer | undefined {
    const answer = this.#answers.get(id);
    this.#answers.delete(id);
    if (answer) {
      this.#endWatch(answer.watch);
      this.#noteUse();
    }
    return answer;
  }

  /** Removes the benchmark from the running ones. */
  #takeMeasuring(id: string): Measuring | undefined {
    const measuring = this.#measuring.get(id);
    this.#measuring.delete(id);
    if (measuring) {
      this.#endWatch(measuring.watch);
      this.#noteUse();
    }
    return measuring;
  }

  #noteUse(): void {
    this.#onUse(this.#answers.size + this.#measuring.size > 0);
  }

  #takeQuestion(id: string): PromiseWithResolvers<Reply> | undefined {
    const question = this.#questions.get(id);
    this.#questions.delete(id);
    return question;
  }

  #watch(doing: 'answering' | 'loading'): HangWatch {
    const watch = new HangWatch(this.#clock, (seconds) => this.#endHung(doing, seconds));
    this.#watches.add(watch);
    return watch;
  }

  #endWatch(watch: HangWatch): void {
    watch.end();
    this.#watches.delete(watch);
  }

  #endHung(doing: 'answering' | 'loading', seconds: number): void {
    log('error', `The engine has given no sign of progress for ${seconds} s; it is ended`);
    this.#hung = doing;
    this.kill();
  }

  #whyLost(code: number): AppError {
    const kept = 'Your chats and the part of the answer that had arrived are kept.';
    const hint = 'Send the message again. A new engine process will answer it.';
    if (this.#hung === 'loading') {
      return {
        code: 'engine-unresponsive',
        message: 'The model stopped loading without an error, so Wyvern ended its engine process. Your chats are kept.',
        hint: 'Load it again. If it stops again, the file may be damaged; compare it with the original.',
      };
    }
    if (this.#hung === 'answering') {
      return { code: 'engine-unresponsive', message: `The engine stopped responding and was ended. ${kept}`, hint };
    }
    if (this.#ending) {
      const message = 'The model was unloaded during this answer. The part that had arrived is kept.';
      return { code: 'engine-lost', message, hint: 'Send the message again to the current model.' };
    }
    return { code: 'engine-crashed', message: `The engine ended unexpectedly (exit ${code}). ${kept}`, hint };
  }

  #handleExit(code: number): void {
    const error = this.#whyLost(code);
    const during = this.#answers.size > 0 && !this.#answered ? 'first-answer' : 'later';
    if (!this.#ending)
      log('error', `The engine process ended (exit ${code}). It printed last:\n${this.#process.lastOutput}`);
    this.#exited.resolve(undefined);
    this.#ready.reject(AppFailure.from(error));
    this.#load?.reject(AppFailure.from(error));
    for (const id of [...this.#questions.keys()]) this.#takeQuestion(id)?.reject(AppFailure.from(error));
    for (const id of [...this.#measuring.keys()]) this.#takeMeasuring(id)?.reject(AppFailure.from(error));
    for (const id of [...this.#answers.keys()]) this.#take(id)?.listener({ type: 'lost', id, error });
    if (!this.#ending) this.#onLost?.(error, during);
    this.#onLost = undefined;
  }
}
