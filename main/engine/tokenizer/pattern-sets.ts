/**
 * The character sets of Oniguruma and Rust's regex crate. Both follow Unicode 16 in the releases that `tokenizers` and
 * `tiktoken` ship; this JavaScript engine may be newer. `pattern-sets.test.ts` compares every code point.
 */

export type Dialect = 'oniguruma' | 'fancy-regex';

/** Code points that Unicode 17 assigned. The reference libraries treat them as unassigned. */
const later = classOf(
  '88f c5c cdc 1acf-1add 1ae0-1aeb 20c1 2b96 a7ce-a7cf a7d2 a7d4 a7f1 fbc3-fbd2 fd90-fd91 fdc8-fdce 10940-10959 ' +
    '10ec5-10ec7 10ed0-10ed8 10efa-10efb 11b60-11b67 11db0-11ddb 11de0-11de9 16ea0-16eb8 16ebb-16ed3 16ff2-16ff6 ' +
    '187f8-187ff 18d09-18d1e 18d80-18df2 1ccfa-1ccfc 1ceba-1ced0 1cee0-1cef0 1e6c0-1e6de 1e6e0-1e6f5 1e6fe-1e6ff ' +
    '1f6d8 1f777-1f77a 1f8d0-1f8d8 1fa54-1fa57 1fa8a 1fa8e 1fac8 1facd 1faea 1faef 1fbfa 2b73a-2b73f 2cea2-2cead ' +
    '323b0-33479',
);

const unassigned = `[\\p{Cn}${later}]`;
const space = '[\\p{White_Space}]';
const digit = known('\\p{Nd}');
const word = known('\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}');
/** U+0295 was a lowercase letter before Unicode 17. */
const lowercase = `[${known('\\p{Lowercase}')}\\u{295}]`;
const graph = `[^${unassigned}\\p{Cc}\\p{Cs}${space}]`;

/** POSIX brackets. They are also properties with these names. */
const posix: Readonly<Record<string, string>> = {
  alnum: known('\\p{Alphabetic}\\p{Nd}'),
  alpha: known('\\p{Alphabetic}'),
  ascii: '[\\u{0}-\\u{7f}]',
  blank: '[\\p{Zs}\\t]',
  cntrl: '[\\p{Cc}]',
  digit,
  graph,
  lower: lowercase,
  print: `[${graph}\\p{Zs}]`,
  punct: known('\\p{P}\\p{S}'),
  space,
  upper: known('\\p{Uppercase}'),
  word,
  xdigit: '[0-9A-Fa-f]',
};

/** Outside brackets, Oniguruma uses a table for the first 256 characters. The table counts these characters as parts of words. */
const wordInText = `[${word}\\u{b2}\\u{b3}\\u{b9}\\u{bc}\\u{bd}\\u{be}]`;
const rustWord = `[${word}\\p{Join_Control}]`;

/** The meaning of `\w` and `\b` outside brackets. */
export const wordSets: Readonly<Record<Dialect, string>> = { oniguruma: wordInText, 'fancy-regex': rustWord };

/** `\s`, `\D` and the like as a bracketed class; undefined if the letter names none. */
export function shorthand(letter: string, dialect: Dialect, inClass: boolean): string | undefined {
  const sets: Readonly<Record<string, string>> = {
    s: space,
    d: digit,
    w: inClass && dialect === 'oniguruma' ? word : wordSets[dialect],
    ...(dialect === 'oniguruma' ? { h: posix['xdigit'] ?? '' } : {}),
  };
  const set = sets[letter.toLowerCase()];
  return set === undefined || letter === letter.toLowerCase() ? set : `[^${set}]`;
}

/** `[:alpha:]` by its name; undefined if unknown. */
export function posixSet(name: string): string | undefined {
  return Object.hasOwn(posix, name) ? posix[name] : undefined;
}

/** `\p{name}` as a bracketed class; undefined if unknown. */
export function propertySet(name: string, dialect: Dialect, inClass: boolean): string | undefined {
  if (dialect === 'oniguruma') {
    // Uses the category and not the POSIX bracket, which also has symbols.
    if (/^punct$/i.test(name)) return known('\\p{P}');
    if (/^word$/i.test(name)) return inClass ? word : wordInText;
    if (/^assigned$/i.test(name)) return `[^${unassigned}]`;
    const set = posixSet(name.toLowerCase());
    if (set !== undefined) return set;
    if (name.includes('=')) return undefined;
  }
  const titled = name
    .split(/[_ -]/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1).toLowerCase())
    .join('_');
  for (const candidate of [name, titled]) {
    for (const property of [candidate, `Script=${candidate}`]) {
      if (isPattern(`\\p{${property}}`)) return adjusted(property);
    }
  }
  return undefined;
}

/** A property without the code points that only a newer Unicode has. */
function adjusted(property: string): string {
  switch (property.replace(/^(General_Category|gc)=/, '')) {
    case 'Any':
      return '[\\p{Any}]';
    case 'C':
    case 'Other':
    case 'Cn':
    case 'Unassigned':
      return `[\\p{${property}}${later}]`;
    case 'Lowercase':
      return lowercase;
    case 'Ll':
    case 'Lowercase_Letter':
    case 'LC':
    case 'Cased_Letter':
      return `[${known(`\\p{${property}}`)}\\u{295}]`;
    case 'Lo':
    case 'Other_Letter':
      return `[${known(`\\p{${property}}`)}--\\u{295}]`;
    default:
      return known(`\\p{${property}}`);
  }
}

function known(content: string): string {
  return `[[${content}]--${later}]`;
}

function classOf(ranges: string): string {
  return `[${ranges.replace(/[0-9a-f]+/g, (code) => `\\u{${code}}`).replaceAll(' ', '')}]`;
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'v');
    return true;
  } catch {
    return false;
  }
}
