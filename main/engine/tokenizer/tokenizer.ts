/** One interface over the tokenizer formats. */

/** A stretch of a prompt: ordinary text still to be encoded, or one token found by its literal. */
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
  /** Marked by the tokenizer as special: never shown, e.g. `<|im_end|>`. */
  readonly special: boolean;
  /** Matched only where no part of a word stands beside it. */
  readonly singleWord: boolean;
  /** Its normalised text is looked for in normalised text. */
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
   * Whether control tokens written out in the text become control tokens. True only for text that comes from a chat
   * template: what a person or a model wrote must never steer the conversation.
   */
  readonly specialTokens: boolean;
}

export interface Tokenizer {
  readonly kind: 'sentencepiece' | 'tiktoken' | 'huggingface';
  /** Highest id + 1. */
  readonly vocabSize: number;
  /** The same without special tokens, which a model may lack logits for. */
  readonly ordinarySize: number;
  /** What the tokenizer puts before raw text; empty if it asks for nothing. */
  readonly bosIds: readonly number[];
  /** The tokenizer's own end of text. */
  readonly eosId: number | undefined;
  /** Whether the encoder puts a space before the first word, so that a chat answer's first space is not text. */
  readonly addsDummyPrefix: boolean;
  /** Texts that are control tokens when a template writes them. */
  readonly controlLiterals: readonly ControlLiteral[];
  /** Id of the token with exactly this text, control tokens included. */
  tokenId(literal: string): number | undefined;
  /** The text of a token as a template writes it, e.g. `<s>`. */
  literal(id: number): string | undefined;
  encode(text: string, options: EncodeOptions): number[];
  /** Cuts text at the control tokens written in it. */
  sections(text: string): Section[];
  encodeSections(sections: readonly Section[]): number[];
  /** The same tokenizer for a model whose ids end below `size`: it never finds or gives a higher id. */
  within(size: number): Tokenizer;
  /** A decoder for one answer. */
  decoder(): TokenDecoder;
}

export interface ControlLiteral {
  readonly content: string;
  readonly special: boolean;
  /** Where it is looked for in normalised text: what becomes of a character there. */
  readonly normalize?: (text: string) => string;
}

/** Turns tokens into text as they come: O(1) a token, never half a UTF-8 character. */
export interface TokenDecoder {
  /** Text that became complete with this token; may be empty. Special tokens have none. */
  push(id: number): string;
  /** What is left at the end: U+FFFD for an unfinished character, else nothing. */
  flush(): string;
}
