/** The schema of Hugging Face's `tokenizer.json`. It checks the fields that are needed to build a tokenizer. */
import { z } from 'zod';
import { defined } from '../tokenizer-config.ts';
import { maxPieceBytes, maxPieces, maxTokenId } from './limits.ts';

const maxMerges = 2_000_000;

const flag = z.boolean().nullish();

/** The id in the file does not count: the library assigns ids by itself (`added-vocabulary.ts`). */
const addedToken = z
  .looseObject({
    content: z.string().max(maxPieceBytes),
    special: flag,
    single_word: flag,
    normalized: flag,
    lstrip: flag,
    rstrip: flag,
  })
  .transform((token) => defined(token.content, token));

const component = z.looseObject({ type: z.string() }).nullish().default(null);

// The long lists are checked in place: copying about 100,000 entries would cost more than the rest of the check.
const idOfToken = z.custom<Readonly<Record<string, number>>>(
  (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const entries = Object.entries(value);
    return entries.length <= maxPieces && entries.every(([token, id]) => isToken(token) && isId(id));
  },
  { message: 'tokens with their ids are wanted' },
);
const scoredTokens = z.custom<readonly (readonly [token: string, score: number])[]>(
  (value) =>
    Array.isArray(value) &&
    value.length <= maxPieces &&
    value.every((entry) => Array.isArray(entry) && isToken(entry[0]) && typeof entry[1] === 'number'),
  { message: 'tokens with their scores are wanted' },
);
const pairs = z.custom<readonly (string | readonly [string, string])[]>(
  (value) =>
    Array.isArray(value) &&
    value.length <= maxMerges &&
    value.every((merge) => (Array.isArray(merge) ? merge.length === 2 && merge.every(isToken) : isToken(merge))),
  { message: 'pairs of tokens are wanted' },
);

export const tokenizerJsonSchema = z.looseObject({
  added_tokens: z.array(addedToken).max(maxPieces).default([]),
  normalizer: component,
  pre_tokenizer: component,
  post_processor: component,
  decoder: component,
  model: z.looseObject({
    type: z.string().nullish(),
    vocab: z.union([idOfToken, scoredTokens]),
    merges: pairs.optional(),
    unk_token: z.string().nullish(),
    unk_id: z.number().int().min(0).lt(maxTokenId).nullish(),
    byte_fallback: z.boolean().nullish(),
    fuse_unk: z.boolean().nullish(),
    ignore_merges: z.boolean().nullish(),
    continuing_subword_prefix: z.string().nullish(),
    end_of_word_suffix: z.string().nullish(),
  }),
});
export type TokenizerJson = z.output<typeof tokenizerJsonSchema>;

/** Token → id of the model's vocabulary. */
export function vocabularyOf({ model: { vocab } }: TokenizerJson): Map<string, number> {
  return new Map(isScored(vocab) ? vocab.map(([token], id) => [token, id]) : Object.entries(vocab));
}

export function isScored(
  vocab: TokenizerJson['model']['vocab'],
): vocab is readonly (readonly [token: string, score: number])[] {
  return Array.isArray(vocab);
}

function isToken(value: unknown): value is string {
  return typeof value === 'string' && value.length <= maxPieceBytes;
}

function isId(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < maxTokenId;
}
