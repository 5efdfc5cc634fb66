/** Pre-tokenizers of `tokenizer.json`. They cut text into the words that the model encodes one by one. */
import { writeByteLevel } from './byte-level.ts';
import { flatten, stringOf, type Component } from './components.ts';
import { compilePattern, literalPattern } from './pattern.ts';
import { wordSets } from './pattern-sets.ts';

/** `first`: whether the text begins the whole prompt. */
export type PreTokenize = (text: string, first: boolean) => string[];

/** GPT-2's pattern. Byte-level tokenizers use it unless they have their own. */
const gpt2 = compilePattern(
  "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
  'oniguruma',
);
const rustWord = wordSets['fancy-regex'];
const punctuation = /[!-\/:-@\[-`\{-~\p{P}]/gv;

/** @throws Error for an unknown pre-tokenizer or pattern */
export function preTokenizerOf(component: Component | null): PreTokenize {
  const steps = flatten(component, 'pretokenizers').map(stepOf);
  return (text, first) =>
    steps.reduce(
      (words, step) => words.flatMap((word, index) => step(word, first && index === 0)).filter((word) => word !== ''),
      [text],
    );
}

/** The text or regular expression that a component matches. */
export function patternOf({ pattern, type }: Component): RegExp {
  if (typeof pattern === 'object' && pattern !== null) {
    if ('Regex' in pattern && typeof pattern.Regex === 'string') return compilePattern(pattern.Regex, 'oniguruma');
    if ('String' in pattern && typeof pattern.String === 'string') return literalPattern(pattern.String);
  }
  throw new Error(`its “${type}” has no pattern.`);
}

function stepOf(step: Component): PreTokenize {
  switch (step.type) {
    case 'Split':
      return splitter(patternOf(step), stringOf(step, 'behavior', 'Removed'), step['invert'] === true);
    case 'ByteLevel':
      return byteLevel(step);
    case 'Metaspace':
      return metaspace(step);
    case 'Digits':
      return splitter(/\p{N}/gu, step['individual_digits'] === true ? 'Isolated' : 'Contiguous', false);
    case 'Punctuation':
      return splitter(punctuation, stringOf(step, 'behavior', 'Isolated'), false);
    case 'Whitespace':
      return splitter(new RegExp(`${rustWord}+|[^${rustWord}\\p{White_Space}]+`, 'gv'), 'Removed', true);
    case 'WhitespaceSplit':
      return splitter(/\p{White_Space}/gu, 'Removed', false);
    default:
      throw new Error(`its pre-tokenizer “${step.type}” is not one a language model uses.`);
  }
}

function byteLevel(step: Component): PreTokenize {
  const cut = step['use_regex'] === false ? undefined : splitter(gpt2, 'Isolated', false);
  return (text, first) => {
    const whole = step['add_prefix_space'] === true && !text.startsWith(' ') ? ` ${text}` : text;
    return (cut === undefined ? [whole] : cut(whole, first)).map(writeByteLevel);
  };
}

function metaspace(step: Component): PreTokenize {
  const mark = stringOf(step, 'replacement', '▁');
  const scheme = step['add_prefix_space'] === false ? 'never' : stringOf(step, 'prepend_scheme', 'always');
  const cut = step['split'] === false ? undefined : splitter(literalPattern(mark), 'MergedWithNext', false);
  return (text, first) => {
    const marked = text.replaceAll(' ', () => mark);
    const prepends = !marked.startsWith(mark) && (scheme === 'always' || (scheme === 'first' && first));
    const whole = prepends ? mark + marked : marked;
    return cut === undefined ? [whole] : cut(whole, first);
  };
}

/** Cuts around matches and treats them according to `behavior`. `invert` swaps the matches and the text between them. */
function splitter(pattern: RegExp, behavior: string, invert: boolean): PreTokenize {
  const join = behaviors[behavior.toLowerCase().replaceAll('_', '')];
  if (join === undefined) throw new Error(`its splits are “${behavior}”, which is not known.`);
  return (text) => {
    const parts: Part[] = [];
    let from = 0;
    for (const { 0: match, index } of text.matchAll(pattern)) {
      if (match === '') continue;
      if (index > from) parts.push({ text: text.slice(from, index), matches: invert });
      parts.push({ text: match, matches: !invert });
      from = index + match.length;
    }
    if (from < text.length) parts.push({ text: text.slice(from), matches: invert });
    return join(parts);
  };
}

interface Part {
  readonly text: string;
  readonly matches: boolean;
}

const behaviors: Readonly<Record<string, (parts: readonly Part[]) => string[]>> = {
  removed: (parts) => parts.filter(({ matches }) => !matches).map(({ text }) => text),
  isolated: (parts) => parts.map(({ text }) => text),
  contiguous: (parts) => joined(parts, (part, before) => part.matches === before.matches),
  mergedwithprevious: (parts) => joined(parts, (part, before) => part.matches && !before.matches),
  mergedwithnext: (parts) => joined(parts, (part, before) => before.matches && !part.matches),
};

/** Appends a part to the part before it if `joins` returns true. */
function joined(parts: readonly Part[], joins: (part: Part, before: Part) => boolean): string[] {
  const words: string[] = [];
  parts.forEach((part, index) => {
    const before = parts[index - 1];
    if (before !== undefined && joins(part, before)) words.push(`${words.pop() ?? ''}${part.text}`);
    else words.push(part.text);
  });
  return words;
}
