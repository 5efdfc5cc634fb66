/** What the person has seen in all windows of a life, and the promises about it. It learns from what passes the bridge. */
import type {
  CallInput,
  CallName,
  CallOutputs,
  EventName,
  Events,
  Message,
  Page,
  Result,
} from '../../preload/contract.ts';
import type { Store } from '../../main/store/store.ts';
import type { Witness } from './bridge.ts';
import { marks } from './engine.ts';

interface Question {
  readonly conversationId: string;
  readonly parentId: string | undefined;
  readonly text: string;
}

interface Answer {
  readonly conversationId: string;
  readonly questionId: string;
  /** How the answer ended, if the window showed that: then it is stored. */
  end?: Pick<Message, 'text' | 'state'>;
}

/** A promise that did not hold. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

export function must(holds: boolean, promise: string): asserts holds {
  if (!holds) throw new Broken(promise);
}

export class Seen implements Witness {
  readonly #chats = new Set<string>();
  readonly #questions = new Map<string, Question>();
  readonly #answers = new Map<string, Answer>();
  /** Chats and messages whose deletion was asked for: they and what is below them may be gone. */
  readonly #deleted = new Set<string>();

  asked(name: CallName, input: unknown): void {
    if (name === 'chat.delete') this.#deleted.add((input as CallInput<'chat.delete'>).messageId);
    if (name === 'conversations.delete')
      for (const id of (input as CallInput<'conversations.delete'>).ids) this.#deleted.add(id);
    // The end is open again.
    if (name === 'chat.continue') delete this.#answers.get((input as CallInput<'chat.continue'>).messageId)?.end;
  }

  answered(name: CallName, input: unknown, result: Result<unknown>): void {
    if (!result.ok) return;
    const { value } = result;
    if (name === 'conversations.create') this.#chats.add((input as CallInput<'conversations.create'>).id);
    if (name === 'chat.send') {
      const { conversationId } = input as CallInput<'chat.send'>;
      const { user, answer } = value as CallOutputs['chat.send'];
      this.#see(conversationId, [user, { ...answer, parentId: user.id }]);
    } else if (isPage(value)) {
      const place = input as { readonly conversationId?: string; readonly id?: string };
      this.#see(place.conversationId ?? place.id ?? '', value.messages);
    }
  }

  heard(name: EventName, payload: unknown): void {
    if (name !== 'chat.finished') return;
    const { message } = payload as Events['chat.finished'];
    must(message.state !== 'streaming', `${message.id} has ended`);
    this.#seeEnd(message);
  }

  /**
   * Compares the store with everything that was shown.
   * @param isWorn the disk has lost or misplaced flushed data: then only the order of things holds
   */
  check(store: Store, isWorn: boolean): void {
    for (const id of this.#chats)
      must(isWorn || this.#deleted.has(id) || store.conversations.get(id) !== undefined, `chat ${id} is kept`);
    for (const [id, question] of this.#questions) this.#checkQuestion(store, id, question, isWorn);
    for (const [id, answer] of this.#answers) this.#checkAnswer(store, id, answer, isWorn);
  }

  #see(conversationId: string, messages: readonly Message[]): void {
    for (const { id, role, text, parentId, state, error } of messages) {
      if (role === 'user') this.#questions.set(id, { conversationId, parentId, text });
      else if (parentId !== undefined && !this.#answers.has(id))
        this.#answers.set(id, { conversationId, questionId: parentId });
      if (role === 'assistant' && state !== 'streaming') this.#seeEnd({ id, text, state, ...(error && { error }) });
    }
  }

  #seeEnd({ id, text, state, error }: Pick<Message, 'id' | 'text' | 'state' | 'error'>): void {
    const answer = this.#answers.get(id);
    if (answer === undefined) return;
    const question = this.#questions.get(answer.questionId);
    must(question === undefined || fits(text, question), `${id} ends under its own question`);
    // An answer that could not be stored says so, and promises nothing.
    if (error?.code === 'disk-full' || error?.code === 'store-failed') delete answer.end;
    else answer.end = { text, state };
  }

  #checkQuestion(store: Store, id: string, { text }: Question, isWorn: boolean): void {
    const stored = store.messages.get(id);
    must(isWorn || stored !== undefined || this.#mayBeGone(id), `question ${id}, which was shown as sent, is kept`);
    if (stored === undefined) return;
    must(stored.role === 'user', `question ${id} stays a question`);
    must(isWorn || stored.text === text, `question ${id} keeps its text`);
  }

  #checkAnswer(store: Store, id: string, { questionId, end }: Answer, isWorn: boolean): void {
    const stored = store.messages.get(id);
    if (stored === undefined) {
      must(isWorn || end === undefined || end.text === '' || this.#mayBeGone(id), `answer ${id} is kept`);
      return;
    }
    const question = this.#questions.get(questionId);
    must(question === undefined || fits(stored.text, question), `answer ${id} is about its own question`);
    if (isWorn) return;
    must(stored.parentId === questionId, `answer ${id} stays below its question`);
    if (end !== undefined) must(stored.text === end.text, `answer ${id} keeps the text that it ended with`);
  }

  /** Whether the message, its chat or a message above it was deleted. */
  #mayBeGone(id: string): boolean {
    const question = this.#questions.get(id);
    const answer = this.#answers.get(id);
    const { conversationId = '' } = question ?? answer ?? {};
    if (this.#deleted.has(id) || this.#deleted.has(conversationId)) return true;
    const above = question?.parentId ?? answer?.questionId;
    return above !== undefined && this.#mayBeGone(above);
  }
}

/** The mark of a question, which each word of its answers has. */
function markOf(text: string): string | undefined {
  return [...text.matchAll(marks)].at(-1)?.[1];
}

/** Whether a text answers the question. */
export function fits(text: string, question: Pick<Message, 'text'>): boolean {
  const mark = markOf(question.text);
  return [...text.matchAll(marks)].every(([, found]) => found === mark);
}

function isPage(value: unknown): value is Page {
  return typeof value === 'object' && value !== null && 'messages' in value;
}
