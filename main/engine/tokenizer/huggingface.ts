/**
 * `tokenizer.json` of Hugging Face. Nothing here parses special tokens unless asked, and decoding goes token by token,
 * which the library for JavaScript does otherwise; nor are its ids those of the library for Python on all text.
 */
import { readJson, tokenizerJson } from '../bounded-json.ts';
import type { TokenizerConfig } from '../manifest.ts';
import { AddedTokens, isControl } from './added-tokens.ts';
import { bytesOfByteLevel } from './byte-level.ts';
import { decodeSteps, pieceDecoder } from './piece-decoder.ts';
import { tokensBefore } from './post-processor.ts';
import { tokenizerJsonSchema, vocabularyOf, type TokenizerJson } from './tokenizer-json.ts';
import type { EncodeOptions, Section, Tokenizer } from './tokenizer.ts';
import { remembered, utf8Decoder, type BytesOf } from './utf8-decoder.ts';
import { textEncoder } from './words.ts';

/**
 * Opens a `tokenizer.json`.
 * @throws Error with a sentence that says what is wrong with the file
 */
export async function openHuggingFace(path: string, config: TokenizerConfig | undefined): Promise<Tokenizer> {
  return huggingFaceTokenizer(await readJson(path, tokenizerJsonSchema, tokenizerJson), config);
}

/** The same over a file already parsed. */
export function huggingFaceTokenizer(file: TokenizerJson, config: TokenizerConfig | undefined): Tokenizer {
  const added = new AddedTokens(file.added_tokens);
  const plain = vocabularyOf(file);
  const contents: string[] = [];
  for (const [token, id] of plain) contents[id] = token;
  for (const { id, content } of file.added_tokens) contents[id] = content;
  for (const token of file.added_tokens) if (isControl(token)) plain.delete(token.content);
  const idOf = (content: string): number | undefined => added.get(content)?.id ?? plain.get(content);

  const encodeText = textEncoder(file, plain);
  const encodeSections = (sections: readonly Section[]): number[] =>
    sections.flatMap((section, index) =>
      section.kind === 'token' ? [section.id] : encodeText(section.text, index === 0),
    );
  const before = tokensBefore(file.post_processor)
    .map(idOf)
    .filter((id) => id !== undefined);
  const configuredBos = config?.add_bos_token === true && config.bos_token != null ? idOf(config.bos_token) : undefined;
  const { addsDummyPrefix, ...steps } = decodeSteps(file.decoder, file.pre_tokenizer);
  const bytesOf = remembered(tokenBytes(file, contents, steps.byteLevel ? bytesOfByteLevel : pieceDecoder(steps)));

  return {
    kind: 'huggingface',
    vocabSize: contents.length,
    bosIds: before.length > 0 || configuredBos === undefined ? before : [configuredBos],
    eosId: config?.eos_token == null ? undefined : idOf(config.eos_token),
    addsDummyPrefix,
    controlLiterals: added.controlLiterals,
    tokenId: idOf,
    literal: (id) => contents[id],
    encode: (text: string, { specialTokens }: EncodeOptions) =>
      encodeSections(specialTokens ? added.sections(text) : added.plainSections(text)),
    sections: (text) => added.sections(text),
    encodeSections,
    decoder: () => utf8Decoder(bytesOf),
  };
}

function tokenBytes(
  file: TokenizerJson,
  contents: readonly string[],
  pieceBytes: (token: string) => Uint8Array | undefined,
): BytesOf {
  const utf8 = new TextEncoder();
  const addedById = new Map(file.added_tokens.map(({ id, special }) => [id, special]));
  return (id) => {
    const content = contents[id];
    const special = addedById.get(id);
    if (content === undefined || special === true) return new Uint8Array();
    // Added tokens are plain text; an entry outside the byte alphabet is too.
    return (special === undefined ? pieceBytes(content) : undefined) ?? utf8.encode(content);
  };
}
