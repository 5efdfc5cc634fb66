/**
 * Runs at most one answer at a time, from the request until it is stored. Text reaches the window within a frame and the disk
 * within a second. However an answer ends, the text that had arrived is kept.
 */
import type { AnswerFigures, Emit, Message, Thought } from '../../preload/contract.ts';
import type { EngineHost, AnswerEvent } from '../engine-host/engine-host.ts';
import type { GenerateInput, StopReason } from '../engine/protocol.ts';
import { toAppError } from '../app-error.ts';
import { AppFailure } from '../failure.ts';
import { toFigures, toPlace } from '../engine-host/figures.ts';
import type { Benchmarks } from '../library/benchmarks.ts';
import { log } from '../log.ts';
import type { CurrentModel, ReadyModel } from '../library/current-model.ts';
import type { Turns } from '../library/turns.ts';
import type { SettingsService } from './settings.ts';
import type { AnswerOutcome } from '../store/messages.ts';
import { AnswerEnds } from './answer-ends.ts';
import { AnswerStream } from './answer-stream.ts';
import type { ChatStores } from './chat-stores.ts';
import { dropOldest } from './context-window.ts';
import { promptOptions, toPrompt } from './conversation-text.ts';
import { TitleWriter } from './title-writer.ts';

export interface AnsweringDependencies {
  readonly chats: ChatStores;
  readonly current: Pick<CurrentModel, 'ready'>;
  /** Runs only while nothing else is requested. */
  readonly benchmarks: Pick<Benchmarks, 'stop'>;
  readonly turns: Turns;
  readonly settings: Pick<SettingsService, 'get' | 'forAnswer'>;
  readonly emit: Emit;
}

interface Running {
  readonly stream: AnswerStream;
  /** The earlier figures of a continued answer. */
  readonly before?: AnswerFigures;
  /** The answer continues after its text. */
  readonly continues: boolean;
  dropped: number;
  /** Aborted when the answer ends. */
  readonly ended: AbortController;
  /** Ends this answer's turn; set while it has one. */
  endTurn?: () => void;
  /** Set once the engine has been asked. */
  host?: EngineHost;
  /** The person, or a deletion, stopped the answer. */
  stopped?: true;
}

export class Answering {
  readonly #with: AnsweringDependencies;
  readonly #titles: TitleWriter;
  readonly #ends: AnswerEnds;
  #running: Running | undefined;
  /** Resolved when the running answer has ended. */
  #ended = Promise.withResolvers<undefined>();

  constructor(dependencies: AnsweringDependencies) {
    this.#with = dependencies;
    this.#titles = new TitleWriter(dependencies);
    this.#ends = new AnswerEnds(dependencies.chats, dependencies.emit);
  }

  /** The text of the running answer so far. */
  get stream(): AnswerStream | undefined {
    return this.#running?.stream;
  }

  /** A stored message as the window shows it: with the text and the end that are not stored yet. */
  asShown(message: Message): Message {
    const written = message.id === this.stream?.answerId ? this.stream.written : this.#ends.unstored(message.id);
    return { ...message, ...written };
  }

  /** Call it before a new answer. Also stores earlier ends that the disk did not take. @throws AppFailure `answer-running` */
  requireIdle(): void {
    this.#ends.retry();
    if (this.#running) {
      throw new AppFailure('answer-running', 'An answer is still being written.', 'Stop it, or wait until it is done.');
    }
  }

  /** Cancels a title and resolves when the engine is idle. @throws AppFailure `answer-running` */
  async pause(): Promise<void> {
    this.requireIdle();
    await this.#titles.cancel();
  }

  /** Asks the model as soon as it is ready. @param continued the existing answer, if it is continued */
  start(conversationId: string, id: string, continued?: Message): void {
    const save = (text: string, thought: Thought | undefined): void => {
      try {
        this.#with.chats.of(conversationId).messages.saveText(id, text, thought);
      } catch (cause) {
        log('error', 'A part of an answer could not be saved', cause);
      }
    };
    const running: Running = {
      stream: new AnswerStream(conversationId, id, continued, this.#with.emit, save),
      continues: continued !== undefined && (continued.text !== '' || continued.thought !== undefined),
      dropped: 0,
      ended: new AbortController(),
      ...(continued?.figures ? { before: continued.figures } : {}),
    };
    this.#running = running;
    this.#ended = Promise.withResolvers();
    this.#with.current
      .ready()
      .then(async () => {
        await Promise.all([this.#titles.cancel(), this.#with.benchmarks.stop()]);
        // Another program may have the model now.
        const endTurn = await this.#with.turns.take('window', { signal: running.ended.signal });
        if (running !== this.#running) {
          endTurn();
          return;
        }
        running.endTurn = endTurn;
        // The model may have changed during the wait.
        await this.#generate(running, await this.#with.current.ready());
      })
      .catch((cause: unknown) => {
        this.#finish(running, { ...running.stream.written, state: 'failed', error: toAppError(cause) });
      });
  }

  /** Asks the answer to end. Does nothing if it has ended. */
  stop(answerId: string): void {
    const running = this.#running;
    if (running?.stream.answerId !== answerId) return;
    running.stopped = true;
    if (running.host) running.host.stop(answerId);
    // It still waits for its model: nothing else would end it.
    else this.#finish(running, { ...running.stream.written, state: 'stopped' });
  }

  /** Stops the running answer of this conversation. Resolves when it has ended and nothing more is written. */
  async stopIn(conversationId: string): Promise<void> {
    const stream = this.#running?.stream;
    if (stream?.conversationId !== conversationId) return;
    const ended = this.#ended.promise;
    this.stop(stream.answerId);
    await ended;
  }

  /** Called before the machine sleeps. */
  save(): void {
    this.#running?.stream.save();
  }

  /** Called before the app ends. Keeps the text that had arrived. */
  shutdown(): void {
    this.#ends.retry();
    const running = this.#running;
    if (!running) return;
    const error = {
      code: 'engine-lost',
      message: 'Wyvern closed while it wrote this answer. The part that had arrived is kept.',
      hint: 'Send the message again, or continue the answer.',
    } as const;
    this.#finish(running, { ...running.stream.written, state: 'interrupted', error });
  }

  async #generate(running: Running, model: ReadyModel): Promise<void> {
    const { host, loaded, sampling: recommended } = model;
    const { settings } = this.#with;
    const { stream } = running;
    const { answerId, conversationId } = stream;
    const store = this.#with.chats.of(conversationId);
    const own = store.conversations.settings(conversationId);
    const chosen = settings.forAnswer(recommended, own);
    const { systemPrompt, sampling, maxTokens, maxThoughtTokens, stopStrings } = chosen;
    const path = store.tree.pathTo(answerId);
    const history = running.continues ? path : path.slice(0, -1);
    const { continues: continueLast } = running;
    let messages = toPrompt(history, systemPrompt);
    const prompt = {
      kind: 'messages',
      ...(continueLast ? { continueLast } : {}),
      ...promptOptions(chosen, loaded.chatTemplate),
    } as const;
    if (store.conversations.get(conversationId)?.contextPolicy === 'drop-oldest') {
      const count = async (of: typeof messages): Promise<number> => await host.count({ ...prompt, messages: of });
      const fitted = await dropOldest(history, systemPrompt, loaded.facts.contextLength, count);
      messages = fitted.messages;
      running.dropped = fitted.dropped;
    }
    // It was stopped while it waited for its model or the token count.
    if (running !== this.#running) return;
    const input: GenerateInput = {
      prompt: { ...prompt, messages },
      sampling,
      ...(maxTokens > 0 ? { maxTokens } : {}),
      ...(maxThoughtTokens > 0 ? { maxThoughtTokens: Math.max(0, maxThoughtTokens - stream.thoughtTokens) } : {}),
      ...(stopStrings.length > 0 ? { stopStrings } : {}),
    };
    running.host = host;
    stream.begin(toPlace(loaded), running.continues ? store.runs.get(answerId) : undefined);
    host.generate(answerId, input, (event) => this.#handle(running, model, event));
  }

  #handle(running: Running, model: ReadyModel, event: AnswerEvent): void {
    if (running !== this.#running) return;
    const { stream } = running;
    switch (event.type) {
      case 'prefilled': {
        const { promptTokens, reusedTokens, prefillUs, chunks, residentBytes } = event;
        stream.prefilled({ promptTokens, reusedTokens, prefillUs, chunks, residentBytes });
        break;
      }
      case 'tokens':
        stream.push(event.tokens);
        break;
      case 'done': {
        const figures = toFigures(model.loaded, event);
        const before = running.before?.generatedTokens ?? 0;
        this.#finish(running, {
          ...stream.ended(event),
          ...endOf(event.reason, running.stopped ?? false),
          figures: {
            ...figures,
            generatedTokens: before + figures.generatedTokens,
            ...(running.dropped > 0 ? { droppedMessages: running.dropped } : {}),
          },
        });
        if (event.reason !== 'cancelled') this.#titles.begin(stream.conversationId, model);
        break;
      }
      case 'failed':
        this.#finish(running, { ...stream.written, state: 'failed', error: event.error });
        break;
      case 'lost':
        this.#finish(running, { ...stream.written, state: 'interrupted', error: event.error });
        break;
      default:
        event satisfies never;
    }
  }

  #finish(running: Running, outcome: AnswerOutcome): void {
    if (running !== this.#running) return;
    const { answerId, conversationId } = running.stream;
    running.stream.end();
    this.#running = undefined;
    const { chats, emit } = this.#with;
    const store = chats.of(conversationId);
    running.endTurn?.();
    running.ended.abort();
    const stored = store.tree.pathTo(answerId).at(-1) ?? newAnswer(answerId);
    const whole = { ...(running.before ? { figures: running.before } : {}), ...outcome };
    const shown = this.#ends.put(answerId, { conversationId, outcome: whole, run: running.stream.run });
    const message: Message = { ...stored, ...shown };
    emit('chat.finished', { conversationId, message });
    this.#ended.resolve(undefined);
  }
}

/** An engine also cancels its answer when its model is unloaded, for example because the person opens another one. */
function endOf(reason: StopReason, stopped: boolean): Pick<AnswerOutcome, 'state' | 'error'> {
  if (reason !== 'cancelled') return { state: 'complete' };
  if (stopped) return { state: 'stopped' };
  const error = {
    code: 'model-not-loaded',
    message: 'The model was unloaded during this answer. The text so far was kept.',
    hint: 'Continue or try again with the model that is loaded now.',
  } as const;
  return { state: 'interrupted', error };
}

/** An answer without any text. */
export function newAnswer(id: string): Message {
  return { id, role: 'assistant', text: '', state: 'streaming', createdAt: Date.now() };
}
