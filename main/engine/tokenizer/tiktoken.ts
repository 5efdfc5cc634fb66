/** Llama 3's `tokenizer.model`: a tiktoken rank file with the pattern and the control tokens of Llama 3. */
import { defined, type TokenizerConfig } from '../tokenizer-config.ts';
import { AddedTokens } from './added-tokens.ts';
import { rankBpe } from './bpe.ts';
import { maxTokenId } from './limits.ts';
import { compilePattern } from './pattern.ts';
import { readRanks } from './rank-file.ts';
import type { AddedEntry } from './added-vocabulary.ts';
import type { EncodeOptions, Section, Tokenizer } from './tokenizer.ts';
import { remembered, utf8Decoder } from './utf8-decoder.ts';

/** Llama 3's pattern, as published for tiktoken. */
const pattern = compilePattern(
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  'fancy-regex',
);

/** In the order of their ids after the ordinary tokens, as in Llama 3.1. Llama 3.0 has some, with the same ids. */
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

/** @throws Error with a sentence that names the file's fault */
export function tiktokenTokenizer(file: Uint8Array, config: TokenizerConfig | undefined): Tokenizer {
  const ranks = readRanks(file);
  const texts: string[] = [];
  for (const [text, rank] of ranks) texts[rank] = text;
  const control = controlOf(texts.length, config);
  const ids = new Map(control.map(({ content, id }) => [content, id]));
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
    ids.get(literal) ?? ranks.get(Buffer.from(literal, 'utf8').toString('latin1'));
  const { bos_token: bosToken = '<|begin_of_text|>', eos_token: eosToken = '<|end_of_text|>' } = config?.special ?? {};

  const within = (size: number): Tokenizer => {
    const known = (id: number | undefined): id is number => id !== undefined && id < size;
    const added = new AddedTokens(control.filter(({ id }) => known(id)));
    return {
      kind: 'tiktoken',
      vocabSize: control.reduce((end, { id }) => Math.max(end, id + 1), texts.length),
      ordinarySize: control.reduce((end, { id, special }) => (special ? end : Math.max(end, id + 1)), texts.length),
      bosIds: config?.add_bos_token === false ? [] : [added.get(bosToken)?.id].filter(known),
      eosId: added.get(eosToken)?.id,
      addsDummyPrefix: false,
      controlLiterals: added.controlLiterals,
      tokenId: (literal) => [idOf(literal)].find(known),
      literal: textOf,
      encode: (text: string, { specialTokens }: EncodeOptions) =>
        encodeSections(specialTokens ? added.sections(text) : added.plainSections(text)),
      sections: (text) => added.sections(text),
      encodeSections,
      within,
      decoder: () => utf8Decoder(bytesOf),
    };
  };
  return within(Number.MAX_SAFE_INTEGER);
}

/** The tokens that `tokenizer_config.json` adds after the ordinary ones, or Llama 3's if it adds none. */
function controlOf(ordinary: number, config: TokenizerConfig | undefined): AddedEntry[] {
  const searches = [{ normalized: false }];
  const configured = (config?.decoder ?? [])
    .filter(([id]) => id >= ordinary && id < maxTokenId)
    .map(([id, token]) => ({ ...token, id, searches }));
  if (configured.length > 0) return configured;
  let reserved = 0;
  return Array.from({ length: controlTokens }, (_, place) => ({
    ...defined(named[place] ?? `<|reserved_special_token_${reserved++}|>`, { special: true }),
    id: ordinary + place,
    searches,
  }));
}
