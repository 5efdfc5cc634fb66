/** Groups chats by how long ago they changed, as the sidebar lists them. */
import type { Conversation } from '../../preload/contract.ts';
import { type Strings, strings } from '../strings/index.ts';

export interface DayGroup {
  readonly label: string;
  readonly conversations: readonly Conversation[];
}

/** @param conversations Pinned ones first, then last changed first. @param now Unix time, ms; days are the person's calendar days. */
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

/** At most so many chats that are listed together: a list of any length is put into the page part by part. */
const partLength = 50;

export interface DayPart extends DayGroup {
  /** Its group's label stands above it. */
  readonly first: boolean;
  /** Stays the same while chats come and go. */
  readonly key: string;
}

/** The groups of {@link byDay}, long ones in parts. */
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

/** Counts calendar days, not 24 hours: days of summer time are shorter or longer. */
function calendarDay(time: number): number {
  const date = new Date(time);
  return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000;
}
