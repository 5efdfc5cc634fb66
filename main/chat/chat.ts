/** The person's actions on the messages of a chat. A message of a stored chat is on the disk before the engine gets it. */
import type { Attachment, CallOutputs, Conversation, Message, Page, Run } from '../../preload/contract.ts';
import { Answering, type AnsweringDependencies, newAnswer } from './answering.ts';
import { titleOf } from '../store/first-title.ts';
import { AppFailure } from '../failure.ts';
import type { CurrentModel } from '../library/current-model.ts';
import type { ModelLibrary } from '../library/model-library.ts';

export interface ChatDependencies extends AnsweringDependencies {
  readonly current: Pick<CurrentModel, 'ready' | 'require' | 'state'>;
  readonly models: Pick<ModelLibrary, 'load'>;
}

/** A question, with ids that the window made. */
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

/** Messages of a page: more than the window shows, few enough to draw at once. */
const openingLength = 16;
const pageLength = 100;

export class Chat {
  readonly #with: ChatDependencies;
  /** The running answer. */
  readonly answering: Answering;

  constructor(dependencies: ChatDependencies) {
    this.#with = dependencies;
    this.answering = new Answering(dependencies);
  }

  /** The answer in progress. */
  get running(): CallOutputs['chat.running'] {
    const { stream } = this.answering;
    return stream && { conversationId: stream.conversationId, answerId: stream.answerId };
  }

  /** @throws AppFailure `prompt-empty`, `answer-running`, `model-not-loaded`, `conversation-not-found`, with nothing stored */
  send(asked: Asked): CallOutputs['chat.send'] {
    const { conversationId } = asked;
    const { user, answer } = this.#messagesOf(asked);
    const store = this.#with.chats.of(conversationId);
    store.transaction(() => {
      if (store.tree.page(conversationId, 1).messages.length === 0)
        store.conversations.suggestTitle(conversationId, titleOf(user.text || (asked.attachments[0]?.name ?? '')));
      store.tree.append(conversationId, user);
      store.tree.append(conversationId, answer);
      store.conversations.touch(conversationId, user.createdAt);
    });
    const conversation = this.#touched(conversationId);
    this.answering.start(conversationId, answer.id);
    const [storedUser, storedAnswer] = store.tree.page(conversationId, 2).messages;
    return { user: storedUser ?? user, answer: storedAnswer ?? answer, conversation };
  }

  /** Asks an edited question; the old one stays as a version. @throws AppFailure as {@link send}, `message-not-found` */
  edit({ messageId, ...asked }: Asked & Place): Page {
    const { conversationId } = asked;
    const { user, answer } = this.#messagesOf(asked);
    const { parentId } = this.#message({ conversationId, messageId }, 'user');
    const store = this.#with.chats.of(conversationId);
    store.transaction(() => {
      store.tree.branch(conversationId, below(user, parentId));
      store.tree.branch(conversationId, below(answer, user.id));
      store.conversations.touch(conversationId, user.createdAt);
    });
    this.#touched(conversationId);
    this.answering.start(conversationId, answer.id);
    return this.#page(conversationId, user.id);
  }

  /**
   * Regenerates an answer; the old one stays as a version, unless it never began. `messageId` is the answer or its question.
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
    this.answering.requireIdle();
    const old = this.#message({ conversationId, messageId });
    const questionId = old.role === 'user' ? old.id : old.parentId;
    if (questionId === undefined) {
      throw new AppFailure('message-not-found', 'This answer has no question.', 'Send a message first.');
    }
    const { chats, current, models } = this.#with;
    const store = chats.of(conversationId);
    if (modelId !== undefined && !(isUsed(current.state) && current.state.modelId === modelId)) models.load(modelId);
    current.require();
    const answer = newAnswer(answerId);
    store.transaction(() => {
      const isEmpty = old.text === '' && old.thought === undefined;
      if (old.role === 'assistant' && isEmpty && old.error?.code !== 'message-damaged') store.messages.remove(old.id);
      store.tree.branch(conversationId, below(answer, questionId));
      store.conversations.touch(conversationId, answer.createdAt);
    });
    this.#touched(conversationId);
    this.answering.start(conversationId, answerId);
    return this.#page(conversationId, answerId);
  }

  /** Continues the last answer of the path. @throws AppFailure as {@link send}, `message-not-found` */
  continue({ conversationId, messageId }: Place): Page {
    this.answering.requireIdle();
    const answer = this.#message({ conversationId, messageId }, 'assistant');
    const { chats, current } = this.#with;
    const store = chats.of(conversationId);
    current.require();
    if (store.tree.page(conversationId, 1).messages[0]?.id !== messageId) {
      throw new AppFailure(
        'message-not-found',
        'Only the last answer can be continued.',
        'Ask for more in a new message.',
      );
    }
    store.transaction(() => {
      store.messages.resume(messageId);
      store.conversations.touch(conversationId, Date.now());
    });
    this.#touched(conversationId);
    this.answering.start(conversationId, messageId, answer);
    return this.#page(conversationId, messageId);
  }

  /** Deletes a message and everything below it, in all branches. @throws AppFailure `message-not-found` */
  delete(place: Place): Page {
    const { conversationId, messageId } = place;
    const { parentId } = this.#message(place);
    const { tree, transaction } = this.#with.chats.of(conversationId);
    const running = this.answering.stream;
    if (running && tree.pathTo(running.answerId).some(({ id }) => id === messageId))
      this.answering.stop(running.answerId);
    transaction(() => tree.delete(messageId, Date.now()));
    return this.#page(conversationId, parentId);
  }

  restore({ conversationId, messageId }: Place): Page {
    const { tree, transaction } = this.#with.chats.of(conversationId);
    this.#conversation(conversationId);
    if (!transaction(() => tree.restore(messageId))) throw messageNotFound();
    return this.#page(conversationId, messageId);
  }

  /** Shows the branch that a message is in. @throws AppFailure `message-not-found` */
  show(place: Place): Page {
    this.#message(place);
    const { tree, transaction } = this.#with.chats.of(place.conversationId);
    transaction(() => tree.show(place.messageId));
    return this.#page(place.conversationId, place.messageId);
  }

  /** The end of the conversation, with the text of a streaming answer that the window has. */
  open(id: string): Page & { readonly conversation: Conversation } {
    return { conversation: this.#conversation(id), ...this.#page(id) };
  }

  /** The messages before a known one. */
  earlier(before: string, through: string | undefined): Page {
    const page = this.#with.chats.ofMessage(before).tree.pageBefore(before, pageLength, through);
    return { ...page, messages: page.messages.map((message) => this.answering.asShown(message)) };
  }

  /** The number of tokens in a text. Waits for a model that is loading. @throws AppFailure */
  async count(text: string): Promise<number> {
    const { host } = await this.#with.current.ready();
    return await host.count({ kind: 'plain', text });
  }

  /** The times of an answer, finished or not. */
  run(messageId: string): Run | undefined {
    const stream = this.answering.stream;
    return stream?.answerId === messageId ? stream.run : this.#with.chats.ofMessage(messageId).runs.get(messageId);
  }

  #conversation(id: string): Conversation {
    const conversation = this.#with.chats.of(id).conversations.get(id);
    if (!conversation) throw conversationNotFound();
    return conversation;
  }

  #message({ conversationId, messageId }: Place, role?: Message['role']): Message {
    this.#conversation(conversationId);
    const message = this.#with.chats.of(conversationId).messages.get(messageId);
    if (!message || (role && message.role !== role)) throw messageNotFound();
    return message;
  }

  /** The question and its empty answer, if sending is possible. */
  #messagesOf({
    conversationId,
    userMessageId,
    answerId,
    text,
    attachments,
  }: Asked): Record<'user' | 'answer', Message> {
    if (text.trim() === '' && attachments.length === 0)
      throw new AppFailure('prompt-empty', 'The message is empty.', 'Type a message first.');
    this.answering.requireIdle();
    this.#with.current.require();
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
    this.answering.stream?.flush();
    const { messages, earlier } = this.#with.chats.of(conversationId).tree.page(conversationId, openingLength, through);
    return { messages: messages.map((message) => this.answering.asShown(message)), earlier };
  }
}

function below(message: Message, parentId: string | undefined): Message {
  return parentId === undefined ? message : { ...message, parentId };
}

function isUsed(
  state: CurrentModel['state'],
): state is Extract<CurrentModel['state'], { status: 'ready' | 'loading' }> {
  return state.status === 'ready' || state.status === 'loading';
}

export function conversationNotFound(): AppFailure {
  return new AppFailure('conversation-not-found', 'This chat no longer exists.', 'Start a new chat.');
}

function messageNotFound(): AppFailure {
  return new AppFailure('message-not-found', 'This message no longer exists.', 'Open the chat again.');
}
