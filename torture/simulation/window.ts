/** What the person has seen: the window's side of the simulation, and the promises that it checks. */
import type { EventName, Events, Message } from '../../preload/contract.ts';
import type { Store } from '../../main/store/store.ts';
import { marks } from './engine.ts';

interface Question {
  readonly id: string;
  readonly conversationId: string;
  readonly text: string;
  readonly mark: string;
}

interface Answer {
  readonly question: Question;
  /** The text on the screen. */
  shown: string;
  /** How the answer ended, if the app reported that this is stored. */
  end?: Pick<Message, 'text' | 'state'>;
}

/** A promise that did not hold. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

function must(holds: boolean, promise: string): asserts holds {
  if (!holds) throw new Broken(promise);
}

export class SimulatedWindow {
  readonly #questions = new Map<string, Question>();
  readonly #answers = new Map<string, Answer>();
  /** Messages whose deletion was asked for: they and what follows them may be gone. */
  readonly #deleted = new Set<string>();

  get answers(): ReadonlyMap<string, Pick<Answer, 'question'>> {
    return this.#answers;
  }

  get conversations(): readonly string[] {
    return [...new Set([...this.#questions.values()].map(({ conversationId }) => conversationId))];
  }

  /** The app has confirmed a question and its answer. */
  sent(question: Question, answerId: string): void {
    this.#questions.set(question.id, question);
    this.#answers.set(answerId, { question, shown: '' });
  }

  /** Another answer of a question was confirmed. */
  asked(questionId: string, answerId: string): void {
    const question = this.#questions.get(questionId);
    if (question !== undefined) this.#answers.set(answerId, { question, shown: '' });
  }

  /** The answer goes on: its end is open again. */
  continued(answerId: string): void {
    delete this.#answers.get(answerId)?.end;
  }

  deleted(messageId: string): void {
    this.#deleted.add(messageId);
  }

  hear<N extends EventName>(name: N, payload: Events[N]): void {
    if (name === 'chat.tokens') this.#hearTokens(payload as Events['chat.tokens']);
    if (name === 'chat.finished') this.#hearEnd((payload as Events['chat.finished']).message);
  }

  #hearTokens({ answerId, offset, text }: Events['chat.tokens']): void {
    const answer = this.#answers.get(answerId);
    // A send whose confirmation is under way.
    if (answer === undefined) return;
    must(offset <= answer.shown.length, `no letter of ${answerId} is missing in the window`);
    answer.shown = answer.shown.slice(0, offset) + text;
    must(onlyMark(answer.shown, answer.question.mark), `the window shows ${answerId} under its own question`);
  }

  #hearEnd({ id, text, state, error }: Message): void {
    const answer = this.#answers.get(id);
    if (answer === undefined) return;
    must(state !== 'streaming', `${id} has ended`);
    must(onlyMark(text, answer.question.mark), `${id} ends under its own question`);
    answer.shown = text;
    // An answer that could not be stored says so, and promises nothing.
    if (error?.code === 'disk-full' || error?.code === 'store-failed') delete answer.end;
    else answer.end = { text, state };
  }

  /**
   * Compares the store with everything that was shown.
   * @param isWorn the disk has lost or misplaced flushed data: then only the order of things holds
   */
  check(store: Store, isWorn: boolean): void {
    for (const id of this.conversations)
      must(isWorn || store.conversations.get(id) !== undefined, `chat ${id} is kept`);
    for (const question of this.#questions.values()) this.#checkQuestion(store, question, isWorn);
    for (const [id, answer] of this.#answers) this.#checkAnswer(store, id, answer, isWorn);
  }

  #checkQuestion(store: Store, { id, text }: Question, isWorn: boolean): void {
    const stored = store.messages.get(id);
    must(
      isWorn || stored !== undefined || this.#mayBeGone(store, id),
      `question ${id}, which was shown as sent, is kept`,
    );
    if (stored === undefined) return;
    must(stored.role === 'user', `question ${id} stays a question`);
    must(isWorn || stored.text === text, `question ${id} keeps its text`);
  }

  #checkAnswer(store: Store, id: string, { question, end }: Answer, isWorn: boolean): void {
    const stored = store.messages.get(id);
    if (stored === undefined) {
      must(isWorn || end === undefined || end.text === '' || this.#mayBeGone(store, id), `answer ${id} is kept`);
      return;
    }
    must(onlyMark(stored.text, question.mark), `answer ${id} is about its own question`);
    if (isWorn) return;
    must(stored.parentId === question.id, `answer ${id} stays below its question`);
    if (end !== undefined) must(stored.text === end.text, `answer ${id} keeps the text that it ended with`);
  }

  /** A deleted message takes everything below it along; an answer without text goes when another one is asked for. */
  #mayBeGone(store: Store, id: string): boolean {
    if (this.#deleted.size === 0) return false;
    const answer = this.#answers.get(id);
    return this.#deleted.has(id) || answer === undefined || store.messages.get(answer.question.id) === undefined;
  }
}

function onlyMark(text: string, mark: string): boolean {
  return [...text.matchAll(marks)].every(([, found]) => found === mark);
}
