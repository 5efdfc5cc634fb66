/** The thoughts of answers in the files of other programs. */
import type { Thought } from '../../../preload/contract.ts';

/** Longest thought that a chat file may hold. */
const longestThought = 2_000_000;

/** None for blank text without a time. */
export function thoughtOf(text: string, ms?: number): Thought | undefined {
  const said = text.trim().slice(0, longestThought).toWellFormed();
  return said === '' ? undefined : { text: said, ...(ms === undefined ? {} : { ms }) };
}

/** Joins the thoughts of the parts of one answer. A time counts only if it is of them all. */
export function joinThoughts(first: Thought | undefined, second: Thought | undefined): Thought | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  const times = [first.ms, second.ms].filter((ms) => ms !== undefined);
  return thoughtOf(
    `${first.text}\n\n${second.text}`,
    times.length === 0 ? undefined : times.reduce((sum, ms) => sum + ms, 0),
  );
}
