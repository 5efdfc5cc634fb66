/** Finds added tokens in text as the library `tokenizers` does: first in the text, then in the normalised rest. */
import type { AddedEntry } from './added-vocabulary.ts';
import { LiteralFinder } from './literal-finder.ts';
import { wordSets } from './pattern-sets.ts';
import type { AddedToken, ControlLiteral, Section } from './tokenizer.ts';

/**
 * Whether a token steers the model when it appears in a prompt. Special tokens do. Tokens that look like markup do too, even if
 * the tokenizer does not mark them (`<tool_call>`, `[INST]`). Words and runs of white space in the added vocabulary do not.
 */
export function isControl(token: Pick<AddedToken, 'content' | 'special'>): boolean {
  return token.content.trim() !== '' && (token.special || /[<>[\]{}|｜]/u.test(token.content));
}

const endsWithWord = new RegExp(`${wordSets['fancy-regex']}$`, 'v');
const beginsWithWord = new RegExp(`^${wordSets['fancy-regex']}`, 'v');
const whiteSpace = /\p{White_Space}/u;

type Normalize = (text: string) => string;

export class AddedTokens {
  readonly controlLiterals: readonly ControlLiteral[];
  readonly #normalize: Normalize;
  readonly #byContent: ReadonlyMap<string, AddedToken>;
  readonly #all: Search;
  readonly #ordinary: Search;

  constructor(tokens: readonly AddedEntry[], normalize: Normalize = (text) => text) {
    this.#normalize = normalize;
    this.#byContent = new Map(tokens.map((token) => [token.content, token]));
    this.controlLiterals = tokens.filter(isControl).map(({ content, special, searches }) => ({
      content,
      special,
      ...(isNormalized(searches) ? { normalize } : {}),
    }));
    this.#all = new Search(tokens, normalize);
    this.#ordinary = new Search(
      tokens.filter((token) => !isControl(token)),
      normalize,
    );
  }

  get(content: string): AddedToken | undefined {
    return this.#byContent.get(content);
  }

  /** Cuts at every added token. */
  sections(text: string): Section[] {
    return this.#cut(text, this.#all);
  }

  /** Cuts only at tokens that are not control tokens. Control tokens stay text. */
  plainSections(text: string): Section[] {
    return this.#cut(text, this.#ordinary);
  }

  #cut(text: string, { asWritten, normalized }: Search): Section[] {
    return cut(text, asWritten).flatMap((section) => {
      if (section.kind === 'token' || normalized.isEmpty) return [section];
      const inner = cut(this.#normalize(section.text), normalized);
      if (inner.every(({ kind }) => kind === 'text')) return [section];
      return inner.map((part) => (part.kind === 'token' ? part : { ...part, normalized: true as const }));
    });
  }
}

/** A token that was added twice may be in both. */
class Search {
  readonly asWritten: LiteralFinder<AddedToken>;
  readonly normalized: LiteralFinder<AddedToken>;

  constructor(tokens: readonly AddedEntry[], normalize: Normalize) {
    this.asWritten = new LiteralFinder(
      tokens
        .filter(({ searches }) => searches.some(({ normalized }) => !normalized))
        .map((token) => [token.content, token]),
    );
    this.normalized = new LiteralFinder(
      tokens.filter(({ searches }) => isNormalized(searches)).map((token) => [normalize(token.content), token]),
    );
  }
}

function isNormalized(searches: AddedEntry['searches']): boolean {
  return searches.some(({ normalized }) => normalized);
}

function cut(text: string, tokens: LiteralFinder<AddedToken>): Section[] {
  const sections: Section[] = [];
  let from = 0;
  const take = (until: number): void => {
    if (from < until) sections.push({ kind: 'text', text: text.slice(from, until) });
  };
  for (const { at, length, value } of tokens.find(text)) {
    let [start, end] = [at, at + length];
    if (value.singleWord && (endsWithWord.test(before(text, start)) || beginsWithWord.test(after(text, end)))) continue;
    // White space that the token before has swallowed is not swallowed again.
    while (value.lstrip && start > from && whiteSpace.test(text.charAt(start - 1))) start--;
    while (value.rstrip && whiteSpace.test(text.charAt(end))) end++;
    take(start);
    sections.push({ kind: 'token', id: value.id });
    from = end;
  }
  take(text.length);
  return sections;
}

/** Returns the character before a place. Two UTF-16 units hold any character. */
function before(text: string, at: number): string {
  return text.slice(Math.max(0, at - 2), at);
}

function after(text: string, at: number): string {
  return text.slice(at, at + 2);
}
