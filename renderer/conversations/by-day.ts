/** Groups chats for the sidebar by the day they last changed. */
import type { Conversation } from '../../preload/contract.ts';
import { type Strings, strings } from '../strings/index.ts';

export interface DayGroup {
  readonly label: string;
  readonly conversations: readonly Conversation[];
}

/**
 * @param conversations Pinned chats first, then by last change, newest first
 * @param now Unix time, ms; days are calendar days of the local time zone
 */
export function byDay(
  conversations: readonly Conversation[],
  now: number,
  words: Strings = strings,
): readonly DayGroup[] {
  const groups: { label: string; conversations: Conversation[] }[] = [];
  for (const conversation of conversations) {
    const label = conversation.pinned ? words.sidebar.pinned : labelOf(conversation.updatedAt, now, words);
    const last = groups.at(-1);
    if (last?.label === label) last.conversations.push(conversation);
    else groups.push({ label, conversations: [conversation] });
  }
  return groups;
}

/** Most chats in one part, so that a list of any length mounts part by part. */
const partLength = 50;

export interface DayPart extends DayGroup {
  /** The label of the group stands above this part. */
  readonly first: boolean;
  /** Stays the same when chats are added or removed. */
  readonly key: string;
}

/** Groups of {@link byDay}, with long groups split into parts. */
export function inParts(
  conversations: readonly Conversation[],
  now: number,
  words: Strings = strings,
): readonly DayPart[] {
  return byDay(conversations, now, words).flatMap((group) =>
    Array.from({ length: Math.ceil(group.conversations.length / partLength) }, (_, part) => ({
      label: group.label,
      conversations: group.conversations.slice(part * partLength, (part + 1) * partLength),
      first: part === 0,
      key: `${group.label} ${part}`,
    })),
  );
}

function labelOf(time: number, now: number, { sidebar, formats }: Strings): string {
  const days = calendarDay(now) - calendarDay(time);
  if (days <= 0) return sidebar.today;
  if (days === 1) return sidebar.yesterday;
  if (days <= 7) return sidebar.week;
  if (days <= 30) return sidebar.month;
  const sameYear = new Date(time).getFullYear() === new Date(now).getFullYear();
  return formats.month(time, !sameYear);
}

/** Counts calendar days, not 24 hours, because days with a clock change are shorter or longer. */
function calendarDay(time: number): number {
  const date = new Date(time);
  return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000;
}
