/** Python's methods of texts. Characters are code points, and white space is Python's. */
import {
  floatOf,
  isList,
  isNumber,
  isText,
  itemsOf,
  listOf,
  represented,
  valueOf,
  written,
  type Value,
} from './values.ts';

type Method = (text: string, args: readonly Value[]) => unknown;

const space = '[\\p{White_Space}\\x1c-\\x1f]';
const spaces = new RegExp(`${space}+`, 'gv');

export function stringMethod(name: string): Method | undefined {
  return Object.hasOwn(methods, name) ? methods[name] : undefined;
}

export function stripped(
  text: string,
  characters: string | undefined,
  sides: 'left' | 'right' | 'both' = 'both',
): string {
  const isCut =
    characters === undefined
      ? (character: string) => new RegExp(`^${space}$`, 'v').test(character)
      : (character: string) => characters.includes(character);
  const all = Array.from(text);
  let [from, to] = [0, all.length];
  if (sides !== 'right') while (from < to && isCut(all[from] ?? '')) from++;
  if (sides !== 'left') while (to > from && isCut(all[to - 1] ?? '')) to--;
  return all.slice(from, to).join('');
}

/** Capitalises the first letter of each run of letters and lowercases the others. */
function titled(text: string): string {
  return text.replace(/\p{Cased}+/gu, (word) => capitalized(word));
}

export function capitalized(text: string): string {
  const [first = '', ...rest] = Array.from(text);
  const upper = first.toUpperCase();
  // Digraphs have their own title case, and ß becomes two letters.
  const title =
    { ǆ: 'ǅ', ǉ: 'ǈ', ǌ: 'ǋ', ǳ: 'ǲ' }[first] ??
    (upper.length > 1 ? upper.charAt(0) + upper.slice(1).toLowerCase() : upper);
  return title + rest.join('').toLowerCase();
}

function textOf(value: Value | undefined): string | undefined {
  return value !== undefined && isText(value) ? value.value : undefined;
}

function needed(value: Value | undefined): string {
  const text = textOf(value);
  if (text === undefined) throw new Error('A text is wanted.');
  return text;
}

function numberOf(value: Value | undefined, fallback: number): number {
  return value !== undefined && isNumber(value) ? Number(value.value) : fallback;
}

function split(text: string, args: readonly Value[], fromRight: boolean): string[] {
  const separator = textOf(args[0]);
  const most = numberOf(args[1], -1);
  if (separator === '') throw new Error('A text cannot be split by nothing.');
  const parts =
    separator === undefined ? stripped(text, undefined).split(spaces).filter(Boolean) : text.split(separator);
  if (most < 0 || parts.length <= most + 1) return parts;
  const glue = separator ?? ' ';
  if (fromRight) return [parts.slice(0, parts.length - most).join(glue), ...parts.slice(parts.length - most)];
  if (separator !== undefined) return [...parts.slice(0, most), parts.slice(most).join(glue)];
  let rest = stripped(text, undefined, 'left');
  for (const part of parts.slice(0, most)) rest = stripped(rest.slice(part.length), undefined, 'left');
  return [...parts.slice(0, most), rest];
}

function padded(text: string, args: readonly Value[], side: 'left' | 'right' | 'center'): string {
  const missing = numberOf(args[0], 0) - Array.from(text).length;
  const fill = textOf(args[1]) ?? ' ';
  if (missing <= 0) return text;
  const before =
    side === 'right' ? 0 : side === 'left' ? missing : Math.floor(missing / 2) + (missing & numberOf(args[0], 0) & 1);
  return fill.repeat(before) + text + fill.repeat(missing - before);
}

function partition(text: string, mark: string, at: number): Value {
  const parts = at < 0 ? [text, '', ''] : [text.slice(0, at), mark, text.slice(at + mark.length)];
  const tuple = listOf(parts.map(valueOf));
  tuple.type = 'TupleValue';
  return tuple;
}

/** Supports `{}` and `{0}` and refuses any other format. */
function braces(text: string, args: readonly Value[]): string {
  let next = 0;
  return text.replace(/\{\{|\}\}|\{(\d*)\}|[{}]/g, (mark: string, index: string | undefined) => {
    if (mark === '{{' || mark === '}}') return mark.charAt(0);
    if (index === undefined) throw new Error(`The format “${text}” is not known.`);
    const value = args[index === '' ? next++ : Number(index)];
    if (value === undefined) throw new Error(`The format “${text}” has more places than values.`);
    return written(value);
  });
}

/** Supports `%s`, `%d`, `%f` and similar formats. */
export function percent(text: string, args: readonly Value[]): string {
  let next = 0;
  const filled = text.replace(
    /%([-0+ #]*)(\d*)(?:\.(\d+))?([%a-zA-Z])/g,
    (_, flags: string, width: string, digits: string | undefined, kind: string) => {
      if (kind === '%') return '%';
      const value = args[next++];
      if (value === undefined) throw new Error(`The format “${text}” has more places than values.`);
      const one = formatted(value, kind, digits === undefined ? undefined : Number(digits));
      const signed = flags.includes('+') && isNumber(value) && !one.startsWith('-') ? `+${one}` : one;
      if (flags.includes('-')) return signed.padEnd(Number(width));
      return flags.includes('0') ? signed.padStart(Number(width), '0') : signed.padStart(Number(width));
    },
  );
  if (next < args.length) throw new Error(`The format “${text}” has fewer places than values.`);
  return filled;
}

function formatted(value: Value, kind: string, digits: number | undefined): string {
  if (kind === 's') return written(value).slice(0, digits);
  if (kind === 'r') return represented(value);
  const number = numberOf(value, Number.NaN);
  if (Number.isNaN(number)) throw new Error(`%${kind} wants a number.`);
  if (kind === 'd' || kind === 'i') return String(Math.trunc(number));
  if (kind === 'f') return number.toFixed(digits ?? 6);
  if (kind === 'x' || kind === 'X')
    return kind === 'x' ? Math.trunc(number).toString(16) : Math.trunc(number).toString(16).toUpperCase();
  throw new Error(`The format %${kind} is not known.`);
}

const affix = (value: Value | undefined, matches: (part: string) => boolean): boolean => {
  if (value !== undefined && isList(value)) return value.value.some((item) => matches(needed(item)));
  return matches(needed(value));
};

/** Line ends of Python, which has more than JavaScript. */
const ends = '\\n\\r\\v\\f\\x1c-\\x1e\\x85\\u2028\\u2029';
const wholeLines = new RegExp(`[^${ends}]*(?:\\r\\n|[${ends}])|[^${ends}]+$`, 'g');
const lineEnd = new RegExp(`(?:\\r\\n|[${ends}])$`);

const methods: Readonly<Record<string, Method>> = {
  strip: (text, [characters]) => stripped(text, textOf(characters)),
  lstrip: (text, [characters]) => stripped(text, textOf(characters), 'left'),
  rstrip: (text, [characters]) => stripped(text, textOf(characters), 'right'),
  upper: (text) => text.toUpperCase(),
  lower: (text) => text.toLowerCase(),
  casefold: (text) => text.toLowerCase().replaceAll('ß', 'ss'),
  title: (text) => titled(text),
  capitalize: (text) => capitalized(text),
  swapcase: (text) =>
    text.replace(/\p{Cased}/gu, (letter) =>
      letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
    ),
  split: (text, args) => split(text, args, false),
  rsplit: (text, args) => split(text, args, true),
  splitlines: (text, [keep]) => {
    const lines = text.match(wholeLines) ?? [];
    return keep?.value === true ? lines : lines.map((line) => line.replace(lineEnd, ''));
  },
  startswith: (text, [prefix]) => affix(prefix, (part) => text.startsWith(part)),
  endswith: (text, [suffix]) => affix(suffix, (part) => text.endsWith(part)),
  find: (text, [part]) => codePointIndex(text, text.indexOf(needed(part))),
  rfind: (text, [part]) => codePointIndex(text, text.lastIndexOf(needed(part))),
  index: (text, [part]) => {
    const at = text.indexOf(needed(part));
    if (at < 0) throw new Error(`“${needed(part)}” is not in the text.`);
    return codePointIndex(text, at);
  },
  count: (text, [part]) => text.split(needed(part)).length - 1,
  join: (text, [list]) =>
    itemsOf(list ?? valueOf([]))
      .map(needed)
      .join(text),
  removeprefix: (text, [prefix]) => (text.startsWith(needed(prefix)) ? text.slice(needed(prefix).length) : text),
  removesuffix: (text, [suffix]) =>
    needed(suffix) !== '' && text.endsWith(needed(suffix)) ? text.slice(0, -needed(suffix).length) : text,
  zfill: (text, [width]) =>
    text.replace(/^[+-]?/, (sign) => sign + '0'.repeat(Math.max(0, numberOf(width, 0) - Array.from(text).length))),
  ljust: (text, args) => padded(text, args, 'right'),
  rjust: (text, args) => padded(text, args, 'left'),
  center: (text, args) => padded(text, args, 'center'),
  replace: (text, [old, next, most]) => replaced(text, needed(old), needed(next), numberOf(most, -1)),
  partition: (text, [mark]) => partition(text, needed(mark), text.indexOf(needed(mark))),
  rpartition: (text, [mark]) => {
    const at = text.lastIndexOf(needed(mark));
    return at < 0 ? listOf(['', '', text].map(valueOf)) : partition(text, needed(mark), at);
  },
  format: (text, args) => braces(text, args),
  isdigit: (text) => /^[\p{Nd}²³¹⁰⁴-⁹₀-₉①-⑨]+$/u.test(text),
  isdecimal: (text) => /^\p{Nd}+$/u.test(text),
  isnumeric: (text) => /^\p{N}+$/u.test(text),
  isalpha: (text) => /^\p{L}+$/u.test(text),
  isalnum: (text) => /^[\p{L}\p{N}]+$/u.test(text),
  isspace: (text) => text !== '' && stripped(text, undefined) === '',
  isupper: (text) => /\p{Cased}/u.test(text) && text === text.toUpperCase(),
  islower: (text) => /\p{Cased}/u.test(text) && text === text.toLowerCase(),
};

/** Replaces the first `most` occurrences, or all if `most` is negative. */
export function replaced(text: string, old: string, next: string, most: number): string {
  const parts = old === '' ? ['', ...Array.from(text), ''] : text.split(old);
  if (most < 0 || parts.length <= most + 1) return parts.join(next);
  return [...parts.slice(0, most), parts.slice(most).join(old)].join(next);
}

function codePointIndex(text: string, at: number): number {
  return at < 0 ? at : Array.from(text.slice(0, at)).length;
}

/** Rounds halves to even, like Python. */
export function rounded(value: number, digits: number, method: string): Value {
  const scale = 10 ** digits;
  const scaled = value * scale;
  const whole = method === 'ceil' ? Math.ceil(scaled) : method === 'floor' ? Math.floor(scaled) : halfToEven(scaled);
  return floatOf(whole / scale);
}

function halfToEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
