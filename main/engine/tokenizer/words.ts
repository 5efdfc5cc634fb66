/** Turns text into ids with the parts of a `tokenizer.json` that ignore added tokens: normalizer, pre-tokenizer, model. */
import { bpe } from './bpe.ts';
import type { Normalize } from './normalizer.ts';
import { preTokenizerOf } from './pre-tokenizer.ts';
import { isScored, type TokenizerJson } from './tokenizer-json.ts';
import { unigram } from './unigram.ts';

/**
 * `first`: whether the text begins the whole prompt. Some tokenizers put a space only there. `normalized`: whether the text is
 * already normalised.
 */
export type EncodeText = (text: string, first: boolean, normalized: boolean) => number[];

/**
 * @param plain the model's vocabulary without the control tokens, so that no text can become one
 * @throws Error for an unknown part
 */
export function textEncoder(file: TokenizerJson, plain: ReadonlyMap<string, number>, normalize: Normalize): EncodeText {
  const preTokenize = preTokenizerOf(file.pre_tokenizer);
  const encodeWord = wordEncoder(file, plain);
  return (text, first, normalized) => {
    const ids: number[] = [];
    for (const word of preTokenize(normalized ? text : normalize(text), first))
      for (const id of encodeWord(word)) ids.push(id);
    return ids;
  };
}

function wordEncoder(
  { model }: TokenizerJson,
  plain: ReadonlyMap<string, number>,
): (word: string) => readonly number[] {
  const { vocab } = model;
  if (isScored(vocab)) {
    return unigram({
      pieces: vocab,
      reachable: plain,
      unknownId: model.unk_id ?? undefined,
      byteFallback: model.byte_fallback ?? false,
    });
  }
  const kind = model.type ?? 'BPE';
  if (kind !== 'BPE' || model.merges === undefined || model.continuing_subword_prefix || model.end_of_word_suffix) {
    throw new Error(`its model “${kind}” is not one a language model uses.`);
  }
  return bpe({
    vocabulary: plain,
    merges: model.merges,
    unknownId: model.unk_token == null ? undefined : vocab[model.unk_token],
    fuseUnknown: model.fuse_unk ?? false,
    byteFallback: model.byte_fallback ?? false,
    ignoreMerges: model.ignore_merges ?? false,
  });
}
