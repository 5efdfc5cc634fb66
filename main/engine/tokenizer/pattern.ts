/**
 * Regular expressions of tokenizer files, which are written for Oniguruma (`tokenizer.json`) or Rust's fancy-regex
 * (tiktoken), as JavaScript's. Classes mean what Unicode says (`\s` is White_Space, with U+0085 and without U+FEFF),
 * possessive quantifiers and atomic groups do not give back. What has no equal here is refused by name, never guessed.
 */

export type Dialect = 'oniguruma' | 'fancy-regex';

const maxCharacters = 16_384;
const maxDepth = 64;

/** @throws Error with a sentence that says what is wrong with the pattern */
export function compilePattern(source: string, dialect: Dialect): RegExp {
  if (source.length > maxCharacters) throw new Error(`one of its patterns has more than ${maxCharacters} characters.`);
  const translated = new Translator(source, dialect).translate();
  try {
    return new RegExp(translated, 'gv');
  } catch (error) {
    throw refusal(source, error instanceof Error ? error.message : String(error));
  }
}

/** A literal as a pattern that matches it alone. */
export function literalPattern(text: string): RegExp {
  return new RegExp(Array.from(text, escaped).join(''), 'gv');
}

/** What `\w` is to Oniguruma and Rust. */
export const wordClass = '\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}';

const classes: Readonly<Record<string, string>> = {
  s: '\\p{White_Space}',
  S: '\\P{White_Space}',
  d: '\\p{Nd}',
  D: '\\P{Nd}',
  w: `[${wordClass}]`,
  W: `[^${wordClass}]`,
};
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
  b: `(?:(?<=[${wordClass}])(?![${wordClass}])|(?<![${wordClass}])(?=[${wordClass}]))`,
  B: `(?:(?<=[${wordClass}])(?=[${wordClass}])|(?<![${wordClass}])(?![${wordClass}]))`,
};

/** Recursive descent; each method takes up what it translates. */
class Translator {
  readonly #source: string;
  readonly #characters: readonly string[];
  readonly #dialect: Dialect;
  #at = 0;
  #depth = 0;
  #atomic = 0;

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

  #alternatives(): string {
    if (++this.#depth > maxDepth) throw this.#refuse(`it is nested deeper than ${maxDepth} levels`);
    let translated = '';
    for (let next = this.#peek(); next !== undefined && next !== ')'; next = this.#peek()) {
      if (next === '|') {
        this.#at++;
        translated += '|';
      } else translated += this.#quantified(this.#atom());
    }
    this.#depth--;
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
    if (this.#accept('i:')) return this.#closed('(?i:');
    // For the rest of the group around it.
    if (this.#accept('i)')) return `(?i:${this.#alternatives()})`;
    if (this.#accept('<')) {
      while (this.#take() !== '>');
      return this.#closed('(?:');
    }
    throw this.#refuse(`“(?${this.#peek() ?? ''}” is not supported`);
  }

  #closed(opening: string): string {
    const body = this.#alternatives();
    if (!this.#accept(')')) throw this.#refuse('a parenthesis is not closed');
    return `${opening}${body})`;
  }

  /** Once it has matched it gives nothing back: a look-ahead is not entered again. */
  #atomicGroup(body: string): string {
    const name = `a${this.#atomic++}`;
    return `(?:(?=(?<${name}>${body}))\\k<${name}>)`;
  }

  #quantified(atom: string): string {
    let translated = atom;
    for (let quantifier = this.#quantifier(); quantifier !== undefined; quantifier = this.#quantifier()) {
      const { text, counted } = quantifier;
      const repeated = `(?:${translated})${text}`;
      // In Oniguruma a plus after {…} repeats the repetition.
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
      if (this.#peek() === ':') throw this.#refuse('POSIX brackets are not supported');
      return this.#class();
    }
    const from = character === '\\' ? this.#escape(true) : escaped(character);
    // A class such as \s begins no range, and a minus before the bracket is itself.
    if (isClass(from) || this.#peek() !== '-' || this.#rest(2) === '-]' || this.#rest(2) === '-[') return from;
    this.#at++;
    const last = this.#take();
    const to = last === '\\' ? this.#escape(true) : escaped(last);
    return isClass(to) ? `${from}\\-${to}` : `${from}-${to}`;
  }

  /** After `\`. */
  #escape(inClass: boolean): string {
    const character = this.#take();
    const known = classes[character] ?? (inClass ? undefined : assertions[character]);
    if (known !== undefined) return known;
    const control = controls[character];
    if (control !== undefined) return escaped(control);
    if (character === 'p' || character === 'P') return this.#property(character);
    if (character === 'x' || character === 'u') return this.#codePoint(character);
    if (/[A-Za-z0-9]/.test(character)) throw this.#refuse(`“\\${character}” is not supported`);
    return escaped(character);
  }

  #property(letter: 'p' | 'P'): string {
    const [all, caret = '', name = ''] = /^\{(\^?)([A-Za-z_=]+)\}/.exec(this.#rest(64)) ?? [];
    if (all === undefined) throw this.#refuse(`“\\${letter}” without a property`);
    this.#at += all.length;
    const negated = (letter === 'P') !== (caret === '^');
    for (const property of [name, `Script=${name}`]) {
      const text = `\\${negated ? 'P' : 'p'}{${property}}`;
      if (isPattern(text)) return text;
    }
    throw this.#refuse(`the property “${name}” is not known`);
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

/** Itself, inside a class and outside. */
function escaped(character: string): string {
  if (/^[A-Za-z0-9_]$/.test(character)) return character;
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

function isClass(item: string): boolean {
  return item.startsWith('[') || /^\\[pP]/.test(item);
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'v');
    return true;
  } catch {
    return false;
  }
}
