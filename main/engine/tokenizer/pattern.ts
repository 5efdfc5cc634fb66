/**
 * Translates regular expressions of tokenizer files to JavaScript's. The files use Oniguruma (`tokenizer.json`) or Rust's
 * fancy-regex (tiktoken). `pattern-sets.ts` has their character classes. Possessive quantifiers and atomic groups do not
 * backtrack. A construct without a JavaScript equivalent is refused by name, never guessed.
 */
import { posixSet, propertySet, shorthand, wordSets, type Dialect } from './pattern-sets.ts';

export type { Dialect };

const maxCharacters = 16_384;
const maxDepth = 64;

/** @throws Error with a sentence that names the pattern's fault */
export function compilePattern(source: string, dialect: Dialect): RegExp {
  if (source.length > maxCharacters) throw new Error(`one of its patterns has more than ${maxCharacters} characters.`);
  const translated = new Translator(source, dialect).translate();
  try {
    return new RegExp(translated, 'gv');
  } catch (error) {
    throw refusal(source, error instanceof Error ? error.message : String(error));
  }
}

/** Returns a pattern that matches only the literal. */
export function literalPattern(text: string): RegExp {
  return new RegExp(Array.from(text, escaped).join(''), 'gv');
}

const controls: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  f: '\f',
  v: '\v',
  a: '\x07',
  e: '\x1b',
};
const assertions: Readonly<Record<string, string>> = {
  A: '^',
  z: '$',
  Z: '(?=\\n?$)',
};
/** Matches between two characters if exactly one is part of a word. `B` matches if both or neither are. */
function wordBoundary(letter: string, word: string): string | undefined {
  if (letter === 'b') return `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`;
  return letter === 'B' ? `(?:(?<=${word})(?=${word})|(?<!${word})(?!${word}))` : undefined;
}

/** A recursive-descent parser. Each method consumes the text that it translates. */
class Translator {
  readonly #source: string;
  readonly #characters: readonly string[];
  readonly #dialect: Dialect;
  #at = 0;
  #depth = 0;
  #atomic = 0;
  #ignoreCase = false;

  constructor(source: string, dialect: Dialect) {
    this.#source = source;
    this.#characters = Array.from(source);
    this.#dialect = dialect;
  }

  translate(): string {
    const translated = this.#alternatives();
    if (this.#at < this.#characters.length) throw this.#refuse('a parenthesis closes what was not opened');
    return translated;
  }

  #alternatives(ignoreCase = this.#ignoreCase): string {
    if (++this.#depth > maxDepth) throw this.#refuse(`it is nested deeper than ${maxDepth} levels`);
    const outer = this.#ignoreCase;
    this.#ignoreCase = ignoreCase;
    let translated = '';
    for (let next = this.#peek(); next !== undefined && next !== ')'; next = this.#peek()) {
      if (next === '|') {
        this.#at++;
        translated += '|';
      } else translated += this.#quantified(this.#atom());
    }
    this.#depth--;
    this.#ignoreCase = outer;
    return translated;
  }

  #atom(): string {
    const character = this.#take();
    switch (character) {
      case '(':
        return this.#group();
      case '[':
        return this.#class();
      case '\\':
        return this.#escape(false);
      case '.':
        return '[^\\n]';
      case '^':
        return this.#dialect === 'oniguruma' ? '(?<![^\\n])' : '^';
      case '$':
        return this.#dialect === 'oniguruma' ? '(?=\\n|$)' : '$';
      case '*':
      case '+':
      case '?':
        throw this.#refuse(`“${character}” repeats nothing`);
      default:
        return escaped(character);
    }
  }

  #group(): string {
    if (!this.#accept('?')) return this.#closed('(?:');
    for (const kind of [':', '=', '!', '<=', '<!']) if (this.#accept(kind)) return this.#closed(`(?${kind}`);
    if (this.#accept('>')) return this.#atomicGroup(this.#closed('(?:'));
    if (this.#accept('i:')) return this.#closed('(?i:', true);
    if (this.#accept('-i:')) return this.#closed('(?-i:', false);
    // The flag applies to the rest of the enclosing group.
    if (this.#accept('i)')) return `(?i:${this.#alternatives(true)})`;
    if (this.#accept('-i)')) return `(?-i:${this.#alternatives(false)})`;
    if (this.#accept('<')) {
      while (this.#take() !== '>');
      return this.#closed('(?:');
    }
    throw this.#refuse(`“(?${this.#peek() ?? ''}” is not supported`);
  }

  #closed(opening: string, ignoreCase = this.#ignoreCase): string {
    const body = this.#alternatives(ignoreCase);
    if (!this.#accept(')')) throw this.#refuse('a parenthesis is not closed');
    return `${opening}${body})`;
  }

  /** Makes a group that does not backtrack: once a look-ahead has matched, the engine does not enter it again. */
  #atomicGroup(body: string): string {
    const name = `a${this.#atomic++}`;
    return `(?:(?=(?<${name}>${body}))\\k<${name}>)`;
  }

  #quantified(atom: string): string {
    let translated = atom;
    for (let quantifier = this.#quantifier(); quantifier !== undefined; quantifier = this.#quantifier()) {
      const { text, counted } = quantifier;
      const repeated = `(?:${translated})${text}`;
      // In Oniguruma, a plus after {…} repeats the repetition.
      if ((!counted || this.#dialect === 'fancy-regex') && this.#accept('+')) translated = this.#atomicGroup(repeated);
      else translated = this.#accept('?') ? `${repeated}?` : repeated;
    }
    return translated;
  }

  #quantifier(): { readonly text: string; readonly counted: boolean } | undefined {
    for (const text of ['*', '+', '?']) if (this.#accept(text)) return { text, counted: false };
    if (this.#peek() !== '{') return undefined;
    const [all, least, comma, most] = /^\{(\d*)(,?)(\d*)\}/.exec(this.#rest(24)) ?? [];
    if (all === undefined || (least === '' && most === '')) return undefined;
    this.#at += all.length;
    return { text: `{${least === '' ? '0' : (least ?? '')}${comma ?? ''}${most ?? ''}}`, counted: true };
  }

  /** After `[`. */
  #class(): string {
    if (++this.#depth > maxDepth) throw this.#refuse(`it is nested deeper than ${maxDepth} levels`);
    const negated = this.#accept('^');
    const operands: string[] = [];
    let operand = '';
    for (let first = true; first || this.#peek() !== ']'; first = false) {
      if (this.#peek() === undefined) throw this.#refuse('a bracket is not closed');
      if (this.#rest(2) === '&&') {
        this.#at += 2;
        operands.push(operand);
        operand = '';
      } else operand += this.#classItem();
    }
    this.#at++;
    this.#depth--;
    operands.push(operand);
    const content = operands.length === 1 ? operand : operands.map((part) => `[${part}]`).join('&&');
    return `[${negated ? '^' : ''}${content}]`;
  }

  #classItem(): string {
    const character = this.#take();
    if (character === '[') {
      return this.#peek() === ':' ? this.#posixBracket() : this.#class();
    }
    const from = character === '\\' ? this.#escape(true) : escaped(character);
    // A class such as \s cannot begin a range, and a minus before the closing bracket is a literal.
    if (isClass(from) || this.#peek() !== '-' || this.#rest(2) === '-]' || this.#rest(2) === '-[') return from;
    this.#at++;
    const last = this.#take();
    const to = last === '\\' ? this.#escape(true) : escaped(last);
    return isClass(to) ? `${from}\\-${to}` : `${from}-${to}`;
  }

  /** After `[` in a class. */
  #posixBracket(): string {
    const [all, caret, name = ''] = /^:(\^?)([a-z]+):\]/.exec(this.#rest(16)) ?? [];
    const set = posixSet(name);
    if (all === undefined || set === undefined) throw this.#refuse('one of its POSIX brackets is not known');
    this.#at += all.length;
    return caret === '^' ? `[^${set}]` : set;
  }

  /** After `\`. */
  #escape(inClass: boolean): string {
    const character = this.#take();
    const set = shorthand(character, this.#dialect, inClass);
    if (set !== undefined) return this.#asWritten(set, inClass);
    const assertion = assertions[character] ?? wordBoundary(character, wordSets[this.#dialect]);
    if (!inClass && assertion !== undefined) return assertion;
    if (!inClass && this.#dialect === 'oniguruma') {
      if (character === 'N') return '[^\\n]';
      if (character === 'O') return '[\\p{Any}]';
      if (character === 'R') return this.#atomicGroup('\\r\\n|[\\n-\\r\\u{85}\\u{2028}\\u{2029}]');
    }
    const control = controls[character];
    if (control !== undefined) return escaped(control);
    if (character === 'p' || character === 'P') return this.#property(character, inClass);
    if (character === 'x' || character === 'u') return this.#codePoint(character);
    if (/[A-Za-z0-9]/.test(character)) throw this.#refuse(`“\\${character}” is not supported`);
    return escaped(character);
  }

  #property(letter: 'p' | 'P', inClass: boolean): string {
    const [all, caret = '', name = ''] = /^\{(\^?)([A-Za-z_= -]+)\}/.exec(this.#rest(64)) ?? [];
    if (all === undefined) throw this.#refuse(`“\\${letter}” without a property`);
    this.#at += all.length;
    const set = propertySet(name, this.#dialect, inClass);
    if (set === undefined) throw this.#refuse(`the property “${name}” is not known`);
    return this.#asWritten((letter === 'P') !== (caret === '^') ? `[^${set}]` : set, inClass);
  }

  /** Oniguruma applies `(?i)` to brackets, not to a class outside of them. */
  #asWritten(set: string, inClass: boolean): string {
    return this.#ignoreCase && !inClass && this.#dialect === 'oniguruma' ? `(?-i:${set})` : set;
  }

  #codePoint(letter: 'x' | 'u'): string {
    const form =
      letter === 'x' ? /^(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})/ : /^(?:([0-9A-Fa-f]{4})|\{([0-9A-Fa-f]{1,6})\})/;
    const [all, plain, braced] = form.exec(this.#rest(8)) ?? [];
    const code = Number.parseInt(plain ?? braced ?? '', 16);
    if (all === undefined || code > 0x10ffff) throw this.#refuse(`“\\${letter}” without a code point`);
    this.#at += all.length;
    return escaped(String.fromCodePoint(code));
  }

  #peek(): string | undefined {
    return this.#characters[this.#at];
  }

  #rest(length: number): string {
    return this.#characters.slice(this.#at, this.#at + length).join('');
  }

  #take(): string {
    const character = this.#characters[this.#at++];
    if (character === undefined) throw this.#refuse('it ends too early');
    return character;
  }

  #accept(text: string): boolean {
    if (this.#rest(text.length) !== text) return false;
    this.#at += text.length;
    return true;
  }

  #refuse(reason: string): Error {
    return refusal(this.#source, reason);
  }
}

function refusal(source: string, reason: string): Error {
  const shown = source.length > 60 ? `${source.slice(0, 60)}…` : source;
  return new Error(`its pattern “${shown}” cannot be used: ${reason}.`);
}

/** Escapes a character so that it matches itself, inside a class and outside. */
function escaped(character: string): string {
  if (/^[A-Za-z0-9_]$/.test(character)) return character;
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

function isClass(item: string): boolean {
  return item.startsWith('[');
}
