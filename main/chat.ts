/**
 * Asking and answering. What a person sent is on the disk before the engine sees it; what the engine writes is on its
 * way to the window within a frame and to the disk within a second; however an answer ends, what had arrived is kept.
 */
import type { AnswerFigures, Attachment, CallOutputs, Conversation, Message, Page, Run } from '../preload/contract.ts';
import { AnswerStream } from './chat/answer-stream.ts';
import { dropOldest } from './chat/context-window.ts';
import { titleOf, toPrompt } from './chat/conversation-text.ts';
import { TitleWriter } from './chat/title-writer.ts';
import type { EngineHost, GenerationEvent } from './engine-host.ts';
import type { GenerateInput } from './engine/protocol.ts';
import { AppFailure, toAppError } from './failure.ts';
import type { Benchmarks } from './library/benchmarks.ts';
import { toFigures, toPlace } from './figures.ts';
import type { Emit } from './ipc.ts';
import { log } from './log.ts';
import type { ModelLibrary, ReadyModel } from './model-library.ts';
import type { SettingsService } from './settings.ts';
import type { AnswerOutcome } from './store/messages.ts';
import type { Store } from './store/store.ts';

export interface ChatDependencies {
  readonly store: Store;
  readonly models: Pick<ModelLibrary, 'requireModel' | 'ready' | 'load' | 'state'>;
  /** Gives way to whatever a person asks. */
  readonly benchmarks: Pick<Benchmarks, 'stop'>;
  readonly settings: Pick<SettingsService, 'get' | 'forAnswer'>;
  readonly emit: Emit;
}

/** What a person asks, with ids that the window made. */
export interface Asked {
  readonly conversationId: string;
  readonly userMessageId: string;
  readonly answerId: string;
  readonly text: string;
  readonly attachments: readonly Attachment[];
}

interface Place {
  readonly conversationId: string;
  readonly messageId: string;
}

interface Running {
  readonly stream: AnswerStream;
  /** Of an answer that goes on: its figures so far. */
  readonly before?: AnswerFigures;
  /** The answer goes on after the text it has. */
  readonly continues: boolean;
  dropped: number;
  /** Once it has been asked. */
  host?: EngineHost;
}

/** Messages that a chat opens with: more than a window shows, few enough to be drawn at once; and of each page before. */
const openingLength = 16;
const pageLength = 100;

export class Chat {
  readonly #with: ChatDependencies;
  readonly #titles: TitleWriter;
  #running: Running | undefined;

  constructor(dependencies: ChatDependencies) {
    this.#with = dependencies;
    this.#titles = new TitleWriter(dependencies);
  }

  /** @throws AppFailure `prompt-empty`, `answer-running`, `model-not-loaded`, `conversation-not-found`; nothing is stored then */
  send(asked: Asked): CallOutputs['chat.send'] {
    const { conversationId } = asked;
    const { user, answer } = this.#messagesOf(asked);
    const { store } = this.#with;
    store.transaction(() => {
      if (store.tree.page(conversationId, 1).messages.length === 0)
        store.conversations.suggestTitle(conversationId, titleOf(user.text || (asked.attachments[0]?.name ?? '')));
      store.tree.append(conversationId, user);
      store.tree.append(conversationId, answer);
      store.conversations.touch(conversationId, user.createdAt);
    });
    const conversation = this.#touched(conversationId);
    this.#start(conversationId, answer.id);
    const [storedUser, storedAnswer] = store.tree.page(conversationId, 2).messages;
    return { user: storedUser ?? user, answer: storedAnswer ?? answer, conversation };
  }

  /** Asks otherwise, beside the question that was. @throws AppFailure as {@link send}, `message-not-found` */
  edit({ messageId, ...asked }: Asked & Place): Page {
    const { conversationId } = asked;
    const { user, answer } = this.#messagesOf(asked);
    const { parentId } = this.#message({ conversationId, messageId }, 'user');
    const { store } = this.#with;
    store.transaction(() => {
      store.tree.branch(conversationId, below(user, parentId));
      store.tree.branch(conversationId, below(answer, user.id));
      store.conversations.touch(conversationId, user.createdAt);
    });
    this.#touched(conversationId);
    this.#start(conversationId, answer.id);
    return this.#page(conversationId, user.id);
  }

  /**
   * Answers again beside the answer that was; one that never began is replaced. `messageId` is the answer or its question.
   * @throws AppFailure as {@link send}, `message-not-found`, `model-not-found`
   */
  regenerate({
    conversationId,
    messageId,
    answerId,
    modelId,
  }: Place & {
    readonly answerId: string;
    readonly modelId?: string | undefined;
  }): Page {
    this.#requireIdle();
    const old = this.#message({ conversationId, messageId });
    const questionId = old.role === 'user' ? old.id : old.parentId;
    if (questionId === undefined) {
      throw new AppFailure('message-not-found', 'Nothing was asked before this answer.', 'Send a message first.');
    }
    const { store, models } = this.#with;
    if (modelId !== undefined && !(isUsed(models.state) && models.state.modelId === modelId)) models.load(modelId);
    models.requireModel();
    const answer = newAnswer(answerId);
    store.transaction(() => {
      if (old.role === 'assistant' && old.text === '' && old.error?.code !== 'message-damaged')
        store.messages.remove(old.id);
      store.tree.branch(conversationId, below(answer, questionId));
      store.conversations.touch(conversationId, answer.createdAt);
    });
    this.#touched(conversationId);
    this.#start(conversationId, answerId);
    return this.#page(conversationId, answerId);
  }

  /** Goes on with the answer at the end of the path. @throws AppFailure as {@link send}, `message-not-found` */
  continue({ conversationId, messageId }: Place): Page {
    this.#requireIdle();
    const answer = this.#message({ conversationId, messageId }, 'assistant');
    const { store, models } = this.#with;
    models.requireModel();
    if (store.tree.page(conversationId, 1).messages[0]?.id !== messageId) {
      throw new AppFailure('message-not-found', 'Only the last answer can go on.', 'Ask for it in a new message.');
    }
    store.transaction(() => {
      store.messages.resume(messageId);
      store.conversations.touch(conversationId, Date.now());
    });
    this.#touched(conversationId);
    this.#start(conversationId, messageId, answer);
    return this.#page(conversationId, messageId);
  }

  /** With all that follows it, in all its branches. @throws AppFailure `message-not-found` */
  delete(place: Place): Page {
    const { conversationId, messageId } = place;
    const { parentId } = this.#message(place);
    const { tree, transaction } = this.#with.store;
    const running = this.#running?.stream;
    if (running && tree.pathTo(running.answerId).some(({ id }) => id === messageId)) this.stop(running.answerId);
    transaction(() => tree.delete(messageId, Date.now()));
    return this.#page(conversationId, parentId);
  }

  restore({ conversationId, messageId }: Place): Page {
    const { tree, transaction } = this.#with.store;
    this.#conversation(conversationId);
    if (!transaction(() => tree.restore(messageId))) throw messageNotFound();
    return this.#page(conversationId, messageId);
  }

  /** Shows the branch that a message is in. @throws AppFailure `message-not-found` */
  show(place: Place): Page {
    this.#message(place);
    const { tree, transaction } = this.#with.store;
    transaction(() => tree.show(place.messageId));
    return this.#page(place.conversationId, place.messageId);
  }

  /** Asks the answer to end. One that has ended already is left alone. */
  stop(answerId: string): void {
    const running = this.#running;
    if (running?.stream.answerId !== answerId) return;
    if (running.host) running.host.stop(answerId);
    // Still waiting for its model: nobody else will end it.
    else this.#finish(running, { text: running.stream.text, state: 'stopped' });
  }

  /** The end of the conversation; of a streaming answer, all that has been told to the window. */
  open(id: string): Page & { readonly conversation: Conversation } {
    return { conversation: this.#conversation(id), ...this.#page(id) };
  }

  /** What comes before a message that is known. */
  earlier(before: string, through: string | undefined): Page {
    return this.#with.store.tree.pageBefore(before, pageLength, through);
  }

  /** How many tokens the model makes of a text; waits for a model that is being loaded. @throws AppFailure */
  async count(text: string): Promise<number> {
    const { host } = await this.#with.models.ready();
    return await host.count({ kind: 'plain', text });
  }

  /** The answer that runs in this conversation is asked to end. */
  stopIn(conversationId: string): void {
    const stream = this.#running?.stream;
    if (stream?.conversationId === conversationId) this.stop(stream.answerId);
  }

  /** Nothing is written when it resolves. @throws AppFailure `answer-running` */
  async rest(): Promise<void> {
    this.#requireIdle();
    await this.#titles.cancel();
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

  /** The times of an answer, finished or not. */
  run(messageId: string): Run | undefined {
    const stream = this.#running?.stream;
    return stream?.answerId === messageId ? stream.run : this.#with.store.runs.get(messageId);
  }

  /** For something else than a chat: no answer runs, and a title gives way. @throws AppFailure `answer-running` */
  async requireEngine(): Promise<void> {
    this.#requireIdle();
    await this.#titles.cancel();
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

  #message({ conversationId, messageId }: Place, role?: Message['role']): Message {
    this.#conversation(conversationId);
    const message = this.#with.store.messages.get(messageId);
    if (!message || (role && message.role !== role)) throw messageNotFound();
    return message;
  }

  /** The question and its empty answer, if they may be asked. */
  #messagesOf({
    conversationId,
    userMessageId,
    answerId,
    text,
    attachments,
  }: Asked): Record<'user' | 'answer', Message> {
    if (text.trim() === '' && attachments.length === 0)
      throw new AppFailure('prompt-empty', 'There is nothing to send.', 'Type a message first.');
    this.#requireIdle();
    this.#with.models.requireModel();
    this.#conversation(conversationId);
    const answer = newAnswer(answerId);
    const user = { id: userMessageId, role: 'user', text, state: 'complete', createdAt: answer.createdAt } as const;
    return { user: attachments.length > 0 ? { ...user, attachments } : user, answer };
  }

  #touched(id: string): Conversation {
    const conversation = this.#conversation(id);
    this.#with.emit('conversations.changed', { conversation });
    return conversation;
  }

  #page(conversationId: string, through?: string): Page {
    const stream = this.#running?.stream;
    stream?.flush();
    const { messages, earlier } = this.#with.store.tree.page(conversationId, openingLength, through);
    return {
      messages: messages.map((item) => (item.id === stream?.answerId ? { ...item, text: stream.text } : item)),
      earlier,
    };
  }

  /** @param continued The answer as it is, if it goes on. */
  #start(conversationId: string, id: string, continued?: Message): void {
    const save = (text: string): void => {
      try {
        this.#with.store.messages.saveText(id, text);
      } catch (cause) {
        log('error', 'A part of an answer could not be saved', cause);
      }
    };
    const running: Running = {
      stream: new AnswerStream(conversationId, id, continued?.text ?? '', this.#with.emit, save),
      continues: continued !== undefined && continued.text !== '',
      dropped: 0,
      ...(continued?.figures ? { before: continued.figures } : {}),
    };
    this.#running = running;
    this.#with.models
      .ready()
      .then(async (model) => {
        await Promise.all([this.#titles.cancel(), this.#with.benchmarks.stop()]);
        await this.#generate(running, model);
      })
      .catch((cause: unknown) => {
        this.#finish(running, { text: running.stream.text, state: 'failed', error: toAppError(cause) });
      });
  }

  async #generate(running: Running, model: ReadyModel): Promise<void> {
    const { host, loaded, sampling: recommended } = model;
    const { store, settings } = this.#with;
    const { answerId, conversationId } = running.stream;
    const own = store.conversations.settings(conversationId);
    const { systemPrompt, sampling, maxTokens, stopStrings } = settings.forAnswer(recommended, own);
    const path = store.tree.pathTo(answerId);
    const history = running.continues ? path : path.slice(0, -1);
    const { continues: continueLast } = running;
    let messages = toPrompt(history, systemPrompt);
    if (store.conversations.get(conversationId)?.contextPolicy === 'drop-oldest') {
      const count = async (of: typeof messages): Promise<number> =>
        await host.count({ kind: 'messages', messages: of, continueLast });
      const fitted = await dropOldest(history, systemPrompt, loaded.facts.contextLength, count);
      messages = fitted.messages;
      running.dropped = fitted.dropped;
    }
    // Stopped while it waited for its model or its measure.
    if (running !== this.#running) return;
    const input: GenerateInput = {
      prompt: { kind: 'messages', messages, ...(continueLast ? { continueLast } : {}) },
      sampling,
      ...(maxTokens > 0 ? { maxTokens } : {}),
      ...(stopStrings.length > 0 ? { stopStrings } : {}),
    };
    running.host = host;
    running.stream.begin(toPlace(loaded), running.continues ? store.runs.get(answerId) : undefined);
    host.generate(answerId, input, (event) => this.#handle(running, model, event));
  }

  #handle(running: Running, model: ReadyModel, event: GenerationEvent): void {
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
          text: stream.prefix + event.text,
          state: event.reason === 'cancelled' ? 'stopped' : 'complete',
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
    if (running !== this.#running) return;
    const { answerId, conversationId } = running.stream;
    running.stream.end();
    this.#running = undefined;
    const { store, emit } = this.#with;
    const ending = { ...(running.before ? { figures: running.before } : {}), ...outcome };
    const stored = store.tree.pathTo(answerId).at(-1) ?? newAnswer(answerId);
    let message: Message = { ...stored, ...ending };
    try {
      const { run } = running.stream;
      store.transaction(() => {
        store.messages.finish(answerId, ending);
        if (run) store.runs.put(run);
      });
    } catch (cause) {
      log('error', 'An answer could not be saved', cause);
      message = { ...message, error: toAppError(cause) };
    }
    emit('chat.finished', { conversationId, message });
  }
}

function newAnswer(id: string): Message {
  return { id, role: 'assistant', text: '', state: 'streaming', createdAt: Date.now() };
}

function below(message: Message, parentId: string | undefined): Message {
  return parentId === undefined ? message : { ...message, parentId };
}

function isUsed(
  state: ModelLibrary['state'],
): state is Extract<ModelLibrary['state'], { status: 'ready' | 'loading' }> {
  return state.status === 'ready' || state.status === 'loading';
}

export function conversationNotFound(): AppFailure {
  return new AppFailure('conversation-not-found', 'This chat is no longer there.', 'Start a new one.');
}

function messageNotFound(): AppFailure {
  return new AppFailure('message-not-found', 'This message is no longer there.', 'Open the chat again.');
}
