/**
 * Text of another program that is no part of the conversation: tool calls, instructions, statistics. It stays with its
 * message as an attachment, which the window folds, and is never sent to a model.
 */
import type { Attachment } from '../../../preload/contract.ts';
import { listOf, objectOf } from './values.ts';

const longestAside = 2_000_000;

export const asideNames = {
  tools: 'Tool calls and results',
  instructions: 'Instructions',
  sources: 'Sources',
  details: 'Details',
  other: 'Other content',
} as const;

/** None for blank text. */
export function aside(kind: keyof typeof asideNames, text: string): readonly Attachment[] {
  return text.trim() === '' ? [] : [{ name: asideNames[kind], text, aside: true }];
}

/** Joins asides of one name, so that an answer with a hundred tool calls has one list of them. */
export function joinAsides(attachments: readonly Attachment[]): readonly Attachment[] {
  const joined: Attachment[] = [];
  const places = new Map<string, number>();
  for (const attachment of attachments) {
    const { name, text, aside: isAside } = attachment;
    const place = isAside ? places.get(name) : undefined;
    const before = place === undefined ? undefined : joined[place];
    if (place !== undefined && before && `\n\n${before.text}`.endsWith(`\n\n${text}`)) continue;
    if (place === undefined || !before || before.text.length + text.length + 2 > longestAside) {
      if (isAside) places.set(name, joined.length);
      joined.push(attachment);
    } else joined[place] = { ...before, text: `${before.text}\n\n${text}` };
  }
  return joined;
}

/** The texts in a value of unknown form, a line each, with the names of their fields. */
export function readable(value: unknown, name = ''): string {
  const label = name === '' ? '' : `${name}: `;
  if (typeof value === 'string') return value.trim() === '' ? '' : `${label}${value}`;
  if (typeof value === 'number' || typeof value === 'boolean') return `${label}${value}`;
  const parts = objectOf(value)
    ? Object.entries(value as object).map(([key, part]) => readable(part, key))
    : listOf(value).map((part) => readable(part, name));
  return parts.filter((part) => part !== '').join('\n');
}

/** A call of a tool, or what it returned. */
export function toolText(name: string, content: string): string {
  return content.trim() === '' ? name : `${name}:\n${content}`;
}

/** Stands in the text where an image or a file was. */
export function placeholder(kind: string, name: string): string {
  const short = name
    .replaceAll(/[\s\p{Cc}[\]]+/gu, ' ')
    .trim()
    .slice(0, 200)
    .toWellFormed();
  return short === '' ? `[${kind}]` : `[${kind}: ${short}]`;
}
