/**
 * Marks in ChatGPT's answers: U+E200, a kind, arguments between U+E202, U+E201. `metadata.content_references` says what
 * they refer to; earlier exports have `【…】` and `metadata.citations`. OpenAI documents neither.
 */
import type { Attachment } from '../../../preload/contract.ts';
import { aside } from './asides.ts';
import type { LeftOutTally } from './left-out.ts';
import { field, listOf, objectOf, textOf } from './values.ts';

/** A mark, however long; without one in it. */
const mark = /\ue200([^\ue200\ue201]*)\ue201/g;
/** Marks that are not closed, and those around a quoted passage. */
const markCharacters = /[\ue200-\ue20f]/g;
/** What a mark points to in the search results, for instance `turn0search3`. */
const pointer = /^turn\d+[a-z_]*\d*$/;

interface Source {
  readonly title: string;
  readonly url: string;
}

export interface Resolved {
  readonly text: string;
  /** Sources that the text does not link to. */
  readonly asides: readonly Attachment[];
}

/** Puts names and links in the place of the marks. */
export function resolveMarks(text: string, metadata: unknown, leftOut: LeftOutTally): Resolved {
  const references = listOf(field(metadata, 'content_references'));
  const byMark = new Map<string, unknown>();
  for (const reference of references) {
    const matched = textOf(field(reference, 'matched_text')) ?? '';
    if (matched.trim().length > 1) byMark.set(matched, reference);
  }
  let resolved = text.replaceAll(mark, (whole, inside: string) => {
    const [kind = '', ...args] = inside.split('\ue202');
    const shown = shownOf(byMark.get(whole)) ?? ownText(kind, args);
    if (shown === '') leftOut.add('citation', args.join(', '));
    return shown;
  });
  for (const [matched, reference] of byMark) {
    if (matched.startsWith('【')) resolved = resolved.replaceAll(matched, () => shownOf(reference) ?? matched);
  }
  resolved = withCitations(resolved, listOf(field(metadata, 'citations'))).replaceAll(markCharacters, '');
  const found = [...references.flatMap(sourcesOf), ...searchResults(metadata)];
  const unlinked = new Map(found.filter(({ url }) => !resolved.includes(url)).map(({ title, url }) => [url, title]));
  const list = [...unlinked].map(([url, title]) => (title === '' ? url : `${title}: ${url}`)).join('\n');
  return { text: resolved, asides: aside('sources', list) };
}

/** A reference as text; undefined if the file does not say. */
function shownOf(reference: unknown): string | undefined {
  const alt = textOf(field(reference, 'alt'));
  if (alt?.trim()) return alt;
  const links = sourcesOf(reference).map(linkTo);
  if (links.length > 0) return `(${links.join(', ')})`;
  const name = textOf(field(reference, 'name')) ?? textOf(field(reference, 'title'));
  return name?.trim() ? name : undefined;
}

/** The words in the mark itself: the name of an entity, the label of a link, what images were searched for. */
function ownText(kind: string, args: readonly string[]): string {
  const words = args.flatMap((arg) => {
    const parsed = /^\s*[[{]/.test(arg) ? parse(arg) : undefined;
    return parsed === undefined ? [arg] : textsIn(parsed);
  });
  const said = words.filter((word) => word.trim() !== '' && !pointer.test(word.trim()));
  // An entity is its type, its name and what tells it from others of that name.
  if (kind === 'entity' || kind === 'product_entity') return said[kind === 'entity' ? 1 : 0] ?? said[0] ?? '';
  return said.join(', ');
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  const parts = objectOf(value) ? Object.values(value as object) : listOf(value);
  return parts.flatMap(textsIn);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function sourcesOf(reference: unknown): readonly Source[] {
  const listed = ['items', 'sources', 'fallback_items'].flatMap((name) => listOf(field(reference, name)));
  const supporting = listed.flatMap((item) => listOf(field(item, 'supporting_websites')));
  const sources = [reference, ...listed, ...supporting].flatMap(sourceOf);
  return sources.length > 0
    ? sources
    : listOf(field(reference, 'safe_urls')).flatMap((url) => (isAddress(url) ? [{ title: '', url }] : []));
}

function sourceOf(item: unknown): readonly Source[] {
  const url = field(item, 'url');
  return isAddress(url) ? [{ title: textOf(field(item, 'title'))?.trim() ?? '', url }] : [];
}

function searchResults(metadata: unknown): readonly Source[] {
  return listOf(field(metadata, 'search_result_groups'))
    .flatMap((group) => listOf(field(group, 'entries')))
    .flatMap(sourceOf);
}

function isAddress(value: unknown): value is string {
  return typeof value === 'string' && /^https?:\/\/\S+$/i.test(value);
}

function linkTo({ title, url }: Source): string {
  const label = (title || url).replaceAll(/\s+/g, ' ').replaceAll(/[\\[\]]/g, '\\$&');
  return `[${label}](${url.replaceAll('(', '%28').replaceAll(')', '%29')})`;
}

/** Earlier exports give the place of each `【…】` in characters. */
function withCitations(text: string, citations: readonly unknown[]): string {
  if (!text.includes('【') || citations.length === 0) return text;
  const characters = Array.from(text);
  const placed = citations.flatMap((citation) => {
    const [start, end] = [field(citation, 'start_ix'), field(citation, 'end_ix')];
    const [source] = sourceOf(field(citation, 'metadata'));
    if (typeof start !== 'number' || typeof end !== 'number' || !source) return [];
    return characters[start] === '【' && characters[end - 1] === '】' ? [{ start, end, source }] : [];
  });
  for (const { start, end, source } of placed.sort((one, other) => other.start - one.start)) {
    characters.splice(start, end - start, ` ${linkTo(source)}`);
  }
  return characters.join('');
}
