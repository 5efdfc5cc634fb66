/** Assigns ids and attributes to tokens outside a model's vocabulary, as the library `tokenizers` does. */
import { maxTokenId } from './limits.ts';
import type { AddedToken, TokenDefinition } from './tokenizer.ts';

export interface AddedEntry extends AddedToken {
  /** Definitions by which the token is matched: the first one, and later ones with other attributes. */
  readonly searches: readonly { readonly normalized: boolean }[];
}

/** The model's vocabulary: token → id. */
export type OwnVocabulary = Pick<ReadonlyMap<string, number>, 'get' | 'size'>;

export class AddedVocabulary {
  readonly #own: OwnVocabulary;
  readonly #ids = new Map<string, number>();
  readonly #definitions = new Map<string, TokenDefinition>();
  readonly #searches = new Map<string, { normalized: boolean }[]>();
  readonly #special = new Set<string>();
  #highest = -1;

  constructor(own: OwnVocabulary) {
    this.#own = own;
  }

  /**
   * Adds tokens in order. A token of the model's vocabulary keeps its id. Any other token gets the next free id, and the id in
   * the file does not count. A later definition replaces the attributes of an earlier one.
   * @throws Error if there are more ids than a model may have
   */
  add(tokens: readonly TokenDefinition[]): void {
    for (const token of tokens) {
      const { content } = token;
      if (!token.special || this.#special.has(content)) continue;
      this.#special.add(content);
      this.#search(token);
    }
    for (const token of tokens) {
      const { content } = token;
      if (content === '' || same(this.#definitions.get(content), token)) continue;
      const id = this.#ids.get(content) ?? this.#own.get(content) ?? this.#next();
      if (id >= maxTokenId) throw new Error(`it has more than ${maxTokenId} tokens.`);
      this.#ids.set(content, id);
      this.#highest = Math.max(this.#highest, id);
      this.#definitions.set(content, token);
      if (!this.#special.has(content)) this.#search(token);
    }
  }

  /** Special tokens come first, so that they win over others at the same place. */
  get entries(): readonly AddedEntry[] {
    const all = [...this.#definitions].map(([content, token]) => ({
      ...token,
      special: this.#special.has(content),
      id: this.#ids.get(content) ?? 0,
      searches: this.#searches.get(content) ?? [],
    }));
    return [...all.filter(({ special }) => special), ...all.filter(({ special }) => !special)];
  }

  #search({ content, normalized }: TokenDefinition): void {
    const searches = this.#searches.get(content);
    if (searches === undefined) this.#searches.set(content, [{ normalized }]);
    else searches.push({ normalized });
  }

  #next(): number {
    return Math.max(this.#highest + 1, this.#own.size);
  }
}

function same(one: TokenDefinition | undefined, other: TokenDefinition): boolean {
  if (one === undefined) return false;
  return (['special', 'singleWord', 'normalized', 'lstrip', 'rstrip'] as const).every(
    (attribute) => one[attribute] === other[attribute],
  );
}
