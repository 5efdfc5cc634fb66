/** One interface over the tokenizer formats. */

/** A part of a prompt: ordinary text that is not encoded yet, or one token found by its literal. */
export type Section =
  | {
      readonly kind: 'text';
      readonly text: string;
      /** The tokenizer's normalizer has been applied. */
      readonly normalized?: true;
    }
  | { readonly kind: 'token'; readonly id: number };

/** A token that is matched by its text before the tokenizer's model sees the rest. */
export interface TokenDefinition {
  readonly content: string;
  /** The tokenizer marks it as special, e.g. `<|im_end|>`. It is never shown. */
  readonly special: boolean;
  /** Matched only if no part of a word is beside it. */
  readonly singleWord: boolean;
  /** Its normalised text is matched in normalised text. */
  readonly normalized: boolean;
  /** Swallows the white space before or after it. */
  readonly lstrip: boolean;
  readonly rstrip: boolean;
}

export interface AddedToken extends TokenDefinition {
  readonly id: number;
}

export interface EncodeOptions {
  /**
   * Whether texts of control tokens become control tokens. True only for text of a chat template: text of a person or a model
   * must never steer the conversation.
   */
  readonly specialTokens: boolean;
}

export interface Tokenizer {
  readonly kind: 'sentencepiece' | 'tiktoken' | 'huggingface';
  /** Highest id + 1. */
  readonly vocabSize: number;
  /** The same without special tokens. A model may lack logits for special tokens. */
  readonly ordinarySize: number;
  /** The ids that the tokenizer puts before raw text. May be empty. */
  readonly bosIds: readonly number[];
  /** The tokenizer's own end of text. */
  readonly eosId: number | undefined;
  /** Whether the encoder puts a space before the first word, so that a chat answer's first space is not text. */
  readonly addsDummyPrefix: boolean;
  /** Texts that are control tokens if a template writes them. */
  readonly controlLiterals: readonly ControlLiteral[];
  /** Returns the id of the token with exactly this text, control tokens included. */
  tokenId(literal: string): number | undefined;
  /** Returns the text of a token as a template writes it, e.g. `<s>`. */
  literal(id: number): string | undefined;
  encode(text: string, options: EncodeOptions): number[];
  /** Cuts text at its control tokens. */
  sections(text: string): Section[];
  encodeSections(sections: readonly Section[]): number[];
  /** Returns the same tokenizer for a model with ids below `size`. It never gives a higher id. */
  within(size: number): Tokenizer;
  /** A decoder for one answer. */
  decoder(): TokenDecoder;
}

export interface ControlLiteral {
  readonly content: string;
  readonly special: boolean;
  /** Normalises a character, for literals that are matched in normalised text. */
  readonly normalize?: (text: string) => string;
}

/** Turns tokens into text one by one. Each token takes O(1), and half a UTF-8 character is never returned. */
export interface TokenDecoder {
  /** Returns the text that this token completed. It may be empty. Special tokens have no text. */
  push(id: number): string;
  /** Returns the rest at the end: U+FFFD for an incomplete character, else nothing. */
  flush(): string;
}
