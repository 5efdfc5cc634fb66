/** Llama 3's `tokenizer.model`: a rank file of tiktoken with the pattern and the control tokens of that family. */
import type { TokenizerConfig } from '../manifest.ts';
import { AddedTokens } from './added-tokens.ts';
import { rankBpe } from './bpe.ts';
import { maxTokenId } from './limits.ts';
import { readRanks } from './rank-file.ts';
import type { AddedToken, EncodeOptions, Section, Tokenizer } from './tokenizer.ts';
import { remembered, utf8Decoder } from './utf8-decoder.ts';

/** Llama 3's, as published for tiktoken; `\s` is written as what Rust means by it. */
const pattern =
  /(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\p{White_Space}\p{L}\p{N}]+[\r\n]*|\p{White_Space}*[\r\n]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gv;

/** By their place after the ordinary tokens, as in Llama 3.1. Llama 3.0 has some of them, in the same places. */
const named: Readonly<Record<number, string>> = {
  0: '<|begin_of_text|>',
  1: '<|end_of_text|>',
  4: '<|finetune_right_pad_id|>',
  6: '<|start_header_id|>',
  7: '<|end_header_id|>',
  8: '<|eom_id|>',
  9: '<|eot_id|>',
  10: '<|python_tag|>',
};
const controlTokens = 256;

/** @throws Error with a sentence that says what is wrong with the file */
export function tiktokenTokenizer(file: Uint8Array, config: TokenizerConfig | undefined): Tokenizer {
  const ranks = readRanks(file);
  const texts: string[] = [];
  for (const [text, rank] of ranks) texts[rank] = text;
  const control = controlOf(texts.length, config);
  const added = new AddedTokens(control);
  const controlById = new Map(control.map((token) => [token.id, token]));
  const encodeWord = rankBpe(ranks);
  const utf8 = new TextEncoder();

  const encodeText = (text: string): number[] => {
    const ids: number[] = [];
    for (const [word] of text.matchAll(pattern)) {
      for (const id of encodeWord(Buffer.from(word, 'utf8').toString('latin1'))) ids.push(id);
    }
    return ids;
  };
  const encodeSections = (sections: readonly Section[]): number[] =>
    sections.flatMap((section) => (section.kind === 'token' ? [section.id] : encodeText(section.text)));
  const bytesOf = remembered((id) => {
    const token = controlById.get(id);
    if (token !== undefined) return token.special ? new Uint8Array() : utf8.encode(token.content);
    return Buffer.from(texts[id] ?? '', 'latin1');
  });
  const textOf = (id: number): string | undefined =>
    controlById.get(id)?.content ?? (texts[id] === undefined ? undefined : Buffer.from(texts[id], 'latin1').toString());
  const idOf = (literal: string): number | undefined =>
    added.get(literal)?.id ?? ranks.get(Buffer.from(literal, 'utf8').toString('latin1'));
  const begin = added.get(config?.bos_token ?? '<|begin_of_text|>')?.id;

  return {
    kind: 'tiktoken',
    vocabSize: control.reduce((size, { id }) => Math.max(size, id + 1), texts.length),
    bosIds: begin === undefined || config?.add_bos_token === false ? [] : [begin],
    eosId: added.get(config?.eos_token ?? '<|end_of_text|>')?.id,
    addsDummyPrefix: false,
    controlLiterals: added.controlLiterals,
    tokenId: idOf,
    literal: textOf,
    encode: (text: string, { specialTokens }: EncodeOptions) =>
      encodeSections(specialTokens ? added.sections(text) : added.plainSections(text)),
    sections: (text) => added.sections(text),
    encodeSections,
    decoder: () => utf8Decoder(bytesOf),
  };
}

/** The tokens that `tokenizer_config.json` adds after the ordinary ones, or Llama 3's if it adds none. */
function controlOf(ordinary: number, config: TokenizerConfig | undefined): AddedToken[] {
  const configured = Object.entries(config?.added_tokens_decoder ?? {})
    .map(([id, token]): AddedToken => ({ ...token, id: Number(id) }))
    .filter(({ id }) => id >= ordinary && id < maxTokenId);
  if (configured.length > 0) return configured;
  let reserved = 0;
  return Array.from({ length: controlTokens }, (_, place) => ({
    id: ordinary + place,
    content: named[place] ?? `<|reserved_special_token_${reserved++}|>`,
    special: true,
    lstrip: false,
    rstrip: false,
  }));
}
