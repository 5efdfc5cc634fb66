import type { AddedToken, ControlLiteral, Section } from './tokenizer.ts';

/**
 * Whether a token steers the model when it appears in a prompt. Special tokens do; so do those that look like markup
 * though the tokenizer does not mark them (`<tool_call>`, `[INST]`). Words and runs of white space that were merely
 * added to the vocabulary do not.
 */
export function isControl(token: Pick<AddedToken, 'content' | 'special'>): boolean {
  return token.content.trim() !== '' && (token.special || /[<>[\]{}|｜]/u.test(token.content));
}

/** Finds added tokens in text, leftmost first and longest among those, as Hugging Face's tokenizers do. */
export class AddedTokens {
  readonly controlLiterals: readonly ControlLiteral[];
  readonly #byContent: ReadonlyMap<string, AddedToken>;
  readonly #all: RegExp | undefined;
  readonly #ordinary: RegExp | undefined;

  constructor(tokens: readonly AddedToken[]) {
    const usable = tokens.filter((token) => token.content !== '');
    this.#byContent = new Map(usable.map((token) => [token.content, token]));
    this.controlLiterals = usable.filter(isControl);
    this.#all = matcher(usable);
    this.#ordinary = matcher(usable.filter((token) => !isControl(token)));
  }

  get(content: string): AddedToken | undefined {
    return this.#byContent.get(content);
  }

  /** Cuts at every added token. */
  sections(text: string): Section[] {
    return this.#cut(text, this.#all);
  }

  /** Cuts at tokens that are mere text; control tokens stay text. */
  plainSections(text: string): Section[] {
    return this.#cut(text, this.#ordinary);
  }

  #cut(text: string, pattern: RegExp | undefined): Section[] {
    const sections: Section[] = [];
    let from = 0;
    let swallowing = false;
    const take = (until: number, lstrip: boolean): void => {
      let part = text.slice(from, until);
      if (swallowing) part = part.trimStart();
      if (lstrip) part = part.trimEnd();
      if (part !== '') sections.push({ kind: 'text', text: part });
    };
    for (const match of pattern === undefined ? [] : text.matchAll(pattern)) {
      const token = this.#byContent.get(match[0]);
      if (token === undefined) continue;
      take(match.index, token.lstrip);
      sections.push({ kind: 'token', id: token.id });
      from = match.index + match[0].length;
      swallowing = token.rstrip;
    }
    take(text.length, false);
    return sections;
  }
}

function matcher(tokens: readonly AddedToken[]): RegExp | undefined {
  if (tokens.length === 0) return undefined;
  const literals = tokens.map((token) => token.content).sort((a, b) => b.length - a.length);
  return new RegExp(literals.map(escapePattern).join('|'), 'g');
}

export function escapePattern(literal: string): string {
  return literal.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
