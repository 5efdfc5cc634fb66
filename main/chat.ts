/**
 * Asking and answering. What a person sent is on the disk before the engine sees it; what the engine writes is on its
 * way to the window within a frame and to the disk within a second; however an answer ends, what had arrived is kept.
 */
import type { CallOutputs, Conversation, Message } from '../preload/contract.ts';
import { AnswerStream } from './answer-stream.ts';
import { titleOf, toPrompt } from './conversation-text.ts';
import type { EngineHost, GenerationEvent } from './engine-host.ts';
import type { GenerateInput, LoadedModel } from './engine/protocol.ts';
import { AppFailure, toAppError } from './failure.ts';
import type { Emit } from './ipc.ts';
import { log } from './log.ts';
import { toFigures } from './figures.ts';
import type { ModelLibrary, ReadyModel } from './model-library.ts';
import type { SettingsService } from './settings.ts';
import type { AnswerOutcome } from './store/messages.ts';
import type { Store } from './store/store.ts';

export interface ChatDependencies {
  readonly store: Store;
  readonly models: Pick<ModelLibrary, 'requireModel' | 'ready'>;
  readonly settings: Pick<SettingsService, 'get' | 'sampling'>;
  readonly emit: Emit;
}

interface Running {
  readonly stream: AnswerStream;
  host?: EngineHost;
}

export class Chat {
  readonly #with: ChatDependencies;
  #running: Running | undefined;

  constructor(dependencies: ChatDependencies) {
    this.#with = dependencies;
  }

  /** @throws AppFailure `prompt-empty`, `answer-running`, `model-not-loaded`, `conversation-not-found`; nothing is stored then */
  send(input: {
    readonly conversationId: string;
    readonly userMessageId: string;
    readonly answerId: string;
    readonly text: string;
  }): CallOutputs['chat.send'] {
    const { conversationId, userMessageId, answerId, text } = input;
    if (text.trim() === '') throw new AppFailure('prompt-empty', 'There is nothing to send.', 'Type a message first.');
    this.#requireIdle();
    this.#with.models.requireModel();
    this.#conversation(conversationId);
    const { store } = this.#with;
    const now = Date.now();
    const user: Message = { id: userMessageId, role: 'user', text, state: 'complete', createdAt: now };
    const answer: Message = { id: answerId, role: 'assistant', text: '', state: 'streaming', createdAt: now };
    store.transaction(() => {
      if (store.messages.of(conversationId).length === 0)
        store.conversations.suggestTitle(conversationId, titleOf(text));
      store.messages.append(conversationId, user);
      store.messages.append(conversationId, answer);
      store.conversations.touch(conversationId, now);
    });
    const conversation = this.#conversation(conversationId);
    this.#with.emit('conversations.changed', { conversation });
    this.#start(conversationId, answer);
    return { user, answer, conversation };
  }

  /** Replaces the last answer. @throws AppFailure as {@link send}, `message-not-found` if there is no answer yet */
  retry({
    conversationId,
    answerId,
  }: {
    readonly conversationId: string;
    readonly answerId: string;
  }): CallOutputs['chat.retry'] {
    this.#requireIdle();
    this.#with.models.requireModel();
    this.#conversation(conversationId);
    const { store } = this.#with;
    const old = store.messages.of(conversationId).at(-1);
    if (old?.role !== 'assistant') {
      throw new AppFailure('message-not-found', 'There is no answer to try again.', 'Send a message first.');
    }
    const answer: Message = { id: answerId, role: 'assistant', text: '', state: 'streaming', createdAt: Date.now() };
    store.transaction(() => {
      store.messages.delete(old.id);
      store.messages.append(conversationId, answer);
      store.conversations.touch(conversationId, answer.createdAt);
    });
    this.#start(conversationId, answer);
    return { replacedId: old.id, answer };
  }

  /** Asks the answer to end. One that has ended already is left alone. */
  stop(answerId: string): void {
    const running = this.#running;
    if (running?.stream.answerId !== answerId) return;
    if (running.host) running.host.stop(answerId);
    // Still waiting for its model: nobody else will end it.
    else this.#finish(running, { text: '', state: 'stopped' });
  }

  /** The conversation with all its messages; of a streaming answer, all that has been told to the window. */
  open(id: string): CallOutputs['conversations.open'] {
    const conversation = this.#conversation(id);
    const stream = this.#running?.stream;
    stream?.flush();
    const messages = this.#with.store.messages
      .of(id)
      .map((message) => (message.id === stream?.answerId ? { ...message, text: stream.text } : message));
    return { conversation, messages };
  }

  /** The answer that runs in this conversation is asked to end. */
  stopIn(conversationId: string): void {
    const stream = this.#running?.stream;
    if (stream?.conversationId === conversationId) this.stop(stream.answerId);
  }

  /** Before the machine sleeps. */
  save(): void {
    this.#running?.stream.save();
  }

  /** Before the app ends: what had arrived is kept. */
  shutdown(): void {
    const running = this.#running;
    if (!running) return;
    const error = {
      code: 'engine-lost',
      message: 'Wyvern was closed while this was being written. What had arrived is kept.',
      hint: 'Send the message again, or ask to go on.',
    } as const;
    this.#finish(running, { text: running.stream.text, state: 'interrupted', error });
  }

  #requireIdle(): void {
    if (this.#running) {
      throw new AppFailure('answer-running', 'An answer is still being written.', 'Stop it, or wait until it is done.');
    }
  }

  #conversation(id: string): Conversation {
    const conversation = this.#with.store.conversations.get(id);
    if (!conversation) throw conversationNotFound();
    return conversation;
  }

  #start(conversationId: string, { id }: Message): void {
    const save = (text: string): void => {
      try {
        this.#with.store.messages.saveText(id, text);
      } catch (cause) {
        log('error', 'A part of an answer could not be saved', cause);
      }
    };
    const running: Running = { stream: new AnswerStream(conversationId, id, this.#with.emit, save) };
    this.#running = running;
    this.#with.models.ready().then(
      (model) => this.#generate(running, model),
      (cause: unknown) => this.#finish(running, { text: '', state: 'failed', error: toAppError(cause) }),
    );
  }

  #generate(running: Running, { host, loaded, sampling }: ReadyModel): void {
    // Stopped while the model loaded.
    if (running !== this.#running) return;
    const { answerId, conversationId } = running.stream;
    running.host = host;
    const settings = this.#with.settings.get();
    const history = this.#with.store.messages.of(conversationId).filter(({ id }) => id !== answerId);
    const input: GenerateInput = {
      prompt: { kind: 'messages', messages: toPrompt(history, settings.systemPrompt) },
      sampling: this.#with.settings.sampling(sampling),
      ...(settings.maxTokens > 0 ? { maxTokens: settings.maxTokens } : {}),
    };
    host.generate(answerId, input, (event) => this.#handle(running, loaded, event));
  }

  #handle(running: Running, loaded: LoadedModel, event: GenerationEvent): void {
    if (running !== this.#running) return;
    const { stream } = running;
    switch (event.type) {
      case 'prefilled': {
        const { promptTokens, reusedTokens, prefillUs } = event;
        const { answerId, conversationId } = stream;
        this.#with.emit('chat.prefilled', { answerId, conversationId, promptTokens, reusedTokens, prefillUs });
        break;
      }
      case 'tokens':
        stream.push(event.tokens);
        break;
      case 'done':
        this.#finish(running, {
          text: event.text,
          state: event.reason === 'cancelled' ? 'stopped' : 'complete',
          figures: toFigures(loaded, event),
        });
        break;
      case 'failed':
        this.#finish(running, { text: stream.text, state: 'failed', error: event.error });
        break;
      case 'lost':
        this.#finish(running, { text: stream.text, state: 'interrupted', error: event.error });
        break;
      default:
        event satisfies never;
    }
  }

  #finish(running: Running, outcome: AnswerOutcome): void {
    const { answerId, conversationId } = running.stream;
    running.stream.end();
    this.#running = undefined;
    const { store, emit } = this.#with;
    const createdAt = store.messages.get(answerId)?.createdAt ?? Date.now();
    let message: Message = { id: answerId, role: 'assistant', createdAt, ...outcome };
    try {
      store.messages.finish(answerId, outcome);
    } catch (cause) {
      log('error', 'An answer could not be saved', cause);
      message = { ...message, error: toAppError(cause) };
    }
    emit('chat.finished', { conversationId, message });
  }
}

export function conversationNotFound(): AppFailure {
  return new AppFailure('conversation-not-found', 'This chat is no longer there.', 'Start a new one.');
}
