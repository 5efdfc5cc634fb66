/**
 * Stores how answers ended. An end that the disk does not take is kept and stored later: the window shows it with the
 * reason, while the store still has the answer as streaming.
 */
import type { Emit, Run } from '../../preload/contract.ts';
import { toAppError } from '../app-error.ts';
import { log } from '../log.ts';
import type { AnswerOutcome } from '../store/messages.ts';
import type { ChatStores } from './chat-stores.ts';

interface End {
  readonly conversationId: string;
  readonly outcome: AnswerOutcome;
  readonly run: Run | undefined;
}

export class AnswerEnds {
  readonly #chats: Pick<ChatStores, 'of'>;
  readonly #emit: Emit;
  /** By answer; each with the outcome as the window shows it. */
  readonly #unstored = new Map<string, End & { readonly shown: AnswerOutcome }>();

  constructor(chats: Pick<ChatStores, 'of'>, emit: Emit) {
    this.#chats = chats;
    this.#emit = emit;
  }

  /** The outcome of an answer that the store still has as streaming. */
  unstored(answerId: string): AnswerOutcome | undefined {
    return this.#unstored.get(answerId)?.shown;
  }

  /** @returns the outcome to show: with an error if the disk did not take it */
  put(answerId: string, end: End): AnswerOutcome {
    try {
      this.#write(answerId, end);
      return end.outcome;
    } catch (cause) {
      log('error', 'An answer could not be saved', cause);
      const shown = { ...end.outcome, error: toAppError(cause) };
      this.#unstored.set(answerId, { ...end, shown });
      return shown;
    }
  }

  /** Tries again to store the ends that the disk did not take. */
  retry(): void {
    for (const [answerId, end] of this.#unstored) {
      try {
        this.#write(answerId, end);
      } catch {
        // The disk is still full; the window has shown why.
        return;
      }
      this.#unstored.delete(answerId);
      const { conversationId } = end;
      const message = this.#chats.of(conversationId).tree.pathTo(answerId).at(-1);
      if (message) this.#emit('chat.finished', { conversationId, message });
    }
  }

  #write(answerId: string, { conversationId, outcome, run }: End): void {
    const { messages, runs, transaction } = this.#chats.of(conversationId);
    // A temporary chat that is gone takes its answers along.
    if (!messages.isTaken(answerId)) return;
    transaction(() => {
      messages.finish(answerId, outcome);
      if (run) runs.put(run);
    });
  }
}
