/**
 * Fits a conversation to the model's context. The oldest turns are left out only if the person chose that. A cut stays for
 * the next turns, because a prompt with the same beginning is in the KV cache.
 */
import type { Message } from '../../preload/contract.ts';
import type { ChatMessage } from '../engine/protocol.ts';
import { toPrompt } from './conversation-text.ts';

/** Shares of the context: free for the answer, and filled at most after a new cut. */
const freeShare = 0.25;
const filledShare = 0.5;

export interface Fitted {
  readonly messages: readonly ChatMessage[];
  /** Oldest messages that were left out. */
  readonly dropped: number;
}

/**
 * Drops whole turns from the beginning, so that the prompt starts with a message of the person. The last turn always stays;
 * if it does not fit, the engine reports that.
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
