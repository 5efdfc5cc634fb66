/**
 * `tokenizer.json` of Hugging Face. Special tokens in text count only if the caller asks for them, and decoding works token by
 * token. The JavaScript library does neither, and its ids differ from those of the Python library.
 */
import { readJson, tokenizerJson } from '../bounded-json.ts';
import type { TokenizerConfig } from '../tokenizer-config.ts';
import { AddedTokens, isControl } from './added-tokens.ts';
import { AddedVocabulary, type AddedEntry } from './added-vocabulary.ts';
import { bytesOfByteLevel } from './byte-level.ts';
import { normalizerOf } from './normalizer.ts';
import { decodeSteps, pieceDecoder } from './piece-decoder.ts';
import { tokensBefore } from './post-processor.ts';
import { tokenizerJsonSchema, vocabularyOf, type TokenizerJson } from './tokenizer-json.ts';
import type { EncodeOptions, Section, Tokenizer } from './tokenizer.ts';
import { remembered, utf8Decoder, type BytesOf } from './utf8-decoder.ts';
import { textEncoder } from './words.ts';

/**
 * Opens a `tokenizer.json`.
 * @throws Error with a sentence that names the file's fault
 */
export async function openHuggingFace(path: string, config: TokenizerConfig | undefined): Promise<Tokenizer> {
  return huggingFaceTokenizer(await readJson(path, tokenizerJsonSchema, tokenizerJson), config);
}

/** Opens a parsed file. */
export function huggingFaceTokenizer(file: TokenizerJson, config: TokenizerConfig | undefined): Tokenizer {
  const plain = vocabularyOf(file);
  const added = addedEntries(file, plain, config);
  const contents: string[] = [];
  for (const [token, id] of plain) contents[id] = token;
  for (const { id, content } of added) contents[id] = content;
  for (const token of added) if (isControl(token)) plain.delete(token.content);
  const ids = new Map(added.map(({ content, id }) => [content, id]));
  const idOf = (content: string): number | undefined => ids.get(content) ?? plain.get(content);

  const normalize = normalizerOf(file.normalizer);
  const encodeText = textEncoder(file, plain, normalize);
  const encodeSections = (sections: readonly Section[]): number[] =>
    sections.flatMap((section, index) =>
      section.kind === 'token' ? [section.id] : encodeText(section.text, index === 0, section.normalized ?? false),
    );
  const before = tokensBefore(file.post_processor)
    .map(idOf)
    .filter((id) => id !== undefined);
  const { bos_token: bosToken, eos_token: eosToken } = config?.special ?? {};
  const configuredBos = config?.add_bos_token === true && bosToken !== undefined ? idOf(bosToken) : undefined;
  const bosIds = before.length > 0 || configuredBos === undefined ? before : [configuredBos];
  const { addsDummyPrefix, ...steps } = decodeSteps(file.decoder, file.pre_tokenizer);
  const bytesOf = remembered(tokenBytes(added, contents, steps.byteLevel ? bytesOfByteLevel : pieceDecoder(steps)));

  const within = (size: number): Tokenizer => {
    const known = (id: number | undefined): id is number => id !== undefined && id < size;
    const tokens = new AddedTokens(
      added.filter(({ id }) => known(id)),
      normalize,
    );
    const eosId = eosToken === undefined ? undefined : idOf(eosToken);
    return {
      kind: 'huggingface',
      vocabSize: contents.length,
      ordinarySize: ordinarySize(contents, added),
      bosIds: bosIds.filter(known),
      eosId: known(eosId) ? eosId : undefined,
      addsDummyPrefix,
      controlLiterals: tokens.controlLiterals,
      tokenId: (content) => [idOf(content)].find(known),
      literal: (id) => contents[id],
      encode: (text: string, { specialTokens }: EncodeOptions) =>
        encodeSections(specialTokens ? tokens.sections(text) : tokens.plainSections(text)),
      sections: (text) => tokens.sections(text),
      encodeSections,
      within,
      decoder: () => utf8Decoder(bytesOf),
    };
  };
  return within(contents.length);
}

/** Adds tokens in the order of `transformers`: the file's own, the decoder's, and those that only other fields and files name. */
function addedEntries(
  file: TokenizerJson,
  own: ReadonlyMap<string, number>,
  config: TokenizerConfig | undefined,
): readonly AddedEntry[] {
  const vocabulary = new AddedVocabulary(own);
  vocabulary.add(file.added_tokens);
  if (config === undefined) return vocabulary.entries;
  const named = new Set(Object.values(config.special ?? {}));
  const again = config.decoder?.map(([, token]) => token) ?? file.added_tokens;
  vocabulary.add(again.map((token) => ({ ...token, special: token.special || named.has(token.content) })));
  const known = new Set(vocabulary.entries.map(({ content }) => content));
  vocabulary.add((config.mentioned ?? []).filter(({ content }) => !known.has(content)));
  return vocabulary.entries;
}

function ordinarySize(contents: readonly string[], added: readonly AddedEntry[]): number {
  const special = new Set(added.filter((token) => token.special).map(({ id }) => id));
  let size = contents.length;
  while (size > 0 && (contents[size - 1] === undefined || special.has(size - 1))) size--;
  return size;
}

function tokenBytes(
  added: readonly AddedEntry[],
  contents: readonly string[],
  pieceBytes: (token: string) => Uint8Array | undefined,
): BytesOf {
  const utf8 = new TextEncoder();
  const addedById = new Map(added.map(({ id, special }) => [id, special]));
  return (id) => {
    const content = contents[id];
    const special = addedById.get(id);
    if (content === undefined || special === true) return new Uint8Array();
    // Added tokens are plain text. So is an entry outside the byte alphabet.
    return (special === undefined ? pieceBytes(content) : undefined) ?? utf8.encode(content);
  };
}
