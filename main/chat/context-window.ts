/**
 * What of a conversation fits the model. Oldest turns are left out only where the person has chosen that, and a cut is
 * kept for the turns that follow: a prompt that begins the same way is not computed again.
 */
import type { Message } from '../../preload/contract.ts';
import type { ChatMessage } from '../engine/protocol.ts';
import { toPrompt } from './conversation-text.ts';

/** Of the context: what is kept free for an answer, and what a new cut leaves filled at most. */
const freeShare = 0.25;
const filledShare = 0.5;

export interface Fitted {
  readonly messages: readonly ChatMessage[];
  /** Oldest messages that were left out. */
  readonly dropped: number;
}

/**
 * Drops whole turns from the beginning, so that the prompt starts with a message of the person. The last turn stays,
 * whether it fits or not: then the engine says that it does not.
 */
export async function dropOldest(
  history: readonly Message[],
  systemPrompt: string,
  contextLength: number,
  count: (messages: readonly ChatMessage[]) => Promise<number>,
): Promise<Fitted> {
  const from = (start: number): Fitted => ({ messages: toPrompt(history.slice(start), systemPrompt), dropped: start });
  const fits = async (start: number, share: number): Promise<boolean> =>
    (await count(from(start).messages)) <= contextLength * share;

  const before = history.findLast(({ figures }) => figures)?.figures?.droppedMessages ?? 0;
  if (await fits(before, 1 - freeShare)) return from(before);
  const starts = history.flatMap(({ role }, index) => (role === 'user' && index > before ? [index] : []));
  const last = starts.at(-1);
  if (last === undefined) return from(before);
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (await fits(starts[middle] ?? last, filledShare)) high = middle;
    else low = middle + 1;
  }
  return from(starts[high] ?? last);
}
