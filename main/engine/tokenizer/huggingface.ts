/**
 * `tokenizer.json` of Hugging Face. The library gives normalizer, pre-tokenizer and model; finding added tokens and
 * decoding are done here, because the library parses special tokens wherever they are written and decodes only whole
 * sequences.
 */
import * as tokenizers from '@huggingface/tokenizers';
import { z } from 'zod';
import { readJson, tokenizerJson } from '../bounded-json.ts';
import type { TokenizerConfig } from '../manifest.ts';
import { AddedTokens, isControl } from './added-tokens.ts';
import { bytesOfByteLevel } from './byte-level.ts';
import { decodeSteps, pieceDecoder } from './piece-decoder.ts';
import type { EncodeOptions, Section, Tokenizer } from './tokenizer.ts';
import { remembered, utf8Decoder, type BytesOf } from './utf8-decoder.ts';

/** The part of the library's tokenizer that is used. */
interface Library {
  readonly normalizer: { normalize(text: string): string } | null;
  readonly pre_tokenizer: { pre_tokenize(text: string, options: { section_index: number }): string[] } | null;
  readonly model: {
    readonly tokens_to_ids: ReadonlyMap<string, number>;
    readonly unk_token?: string;
    /** Words → pieces of the vocabulary. */
    _call(words: string[]): string[];
  } | null;
  readonly post_processor: {
    post_process(tokens: string[], pair: null, addSpecialTokens: boolean): { readonly tokens: string[] };
  } | null;
}

// Its own declarations import without file extensions, which Node's resolution does not find.
// eslint-disable-next-line @typescript-eslint/no-unsafe-assignment
const Library: new (file: object, config: object) => Library = tokenizers.Tokenizer;

const maxTokens = 1_000_000;
const tokenId = z
  .number()
  .int()
  .min(0)
  .lt(2 ** 20);

const addedToken = z.looseObject({
  id: tokenId,
  content: z.string().min(1).max(16_384),
  special: z.boolean().default(false),
  lstrip: z.boolean().default(false),
  rstrip: z.boolean().default(false),
});

const component = z.looseObject({ type: z.string() }).nullish().default(null);

/** The parts of `tokenizer.json` that are checked before the library sees it. */
export const tokenizerFileSchema = z.looseObject({
  added_tokens: z.array(addedToken).max(maxTokens).default([]),
  normalizer: component,
  pre_tokenizer: component,
  post_processor: component,
  decoder: component,
  model: z.looseObject({
    vocab: z.union([
      z.record(z.string().max(16_384), tokenId),
      z.array(z.tuple([z.string().max(16_384), z.number()])).max(maxTokens),
    ]),
    unk_token: z.string().nullish(),
    merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])).optional(),
  }),
});
type TokenizerFile = z.output<typeof tokenizerFileSchema>;

/**
 * Opens a `tokenizer.json`.
 * @throws Error with a sentence that says what is wrong with the file
 */
export async function openHuggingFace(path: string, config: TokenizerConfig | undefined): Promise<Tokenizer> {
  return huggingFaceTokenizer(await readJson(path, tokenizerFileSchema, tokenizerJson), config);
}

/** The same over a file already parsed. */
export function huggingFaceTokenizer(file: TokenizerFile, config: TokenizerConfig | undefined): Tokenizer {
  const added = new AddedTokens(file.added_tokens);
  const vocabulary = idsOf(file);
  const library = new Library(withoutControlTokens(file), config ?? {});
  const { model, normalizer, pre_tokenizer: preTokenizer } = library;
  if (model === null) throw new Error('it has no model.');

  const contents = new Map([...vocabulary.entries()].map(([content, id]) => [id, content]));
  const specialIds = new Set<number>();
  const addedIds = new Set<number>();
  for (const token of file.added_tokens) {
    contents.set(token.id, token.content);
    addedIds.add(token.id);
    if (token.special) specialIds.add(token.id);
  }
  const vocabSize = Math.max(-1, ...contents.keys()) + 1;
  const idOf = (content: string): number | undefined => added.get(content)?.id ?? vocabulary.get(content);
  const unknownId = model.unk_token === undefined ? undefined : idOf(model.unk_token);

  const steps = decodeSteps(file.decoder, file.pre_tokenizer);
  const pieceBytes = steps.byteLevel ? bytesOfByteLevel : pieceDecoder(steps);
  const bytesOf: BytesOf = remembered((id) => {
    const content = contents.get(id);
    if (content === undefined || specialIds.has(id)) return new Uint8Array();
    // Added tokens are plain text; an entry outside the byte alphabet is too.
    return (addedIds.has(id) ? undefined : pieceBytes(content)) ?? new TextEncoder().encode(content);
  });

  const encodeText = (text: string, sectionIndex: number): number[] => {
    const normal = normalizer === null ? text : normalizer.normalize(text);
    if (normal === '') return [];
    const words = preTokenizer === null ? [normal] : preTokenizer.pre_tokenize(normal, { section_index: sectionIndex });
    const ids: number[] = [];
    for (const piece of model._call(words)) {
      const id = model.tokens_to_ids.get(piece) ?? unknownId;
      if (id !== undefined) ids.push(id);
    }
    return ids;
  };
  const encodeSections = (sections: readonly Section[]): number[] =>
    sections.flatMap((section, index) => (section.kind === 'token' ? [section.id] : encodeText(section.text, index)));
  const eos = config?.eos_token;

  return {
    kind: 'huggingface',
    vocabSize,
    bosIds: bosIds(library, config, idOf),
    eosId: eos == null ? undefined : idOf(eos),
    addsDummyPrefix: steps.addsDummyPrefix,
    controlLiterals: added.controlLiterals,
    tokenId: idOf,
    literal: (id) => contents.get(id),
    encode: (text: string, { specialTokens }: EncodeOptions) =>
      encodeSections(specialTokens ? added.sections(text) : added.plainSections(text)),
    sections: (text) => added.sections(text),
    encodeSections,
    decoder: () => utf8Decoder(bytesOf),
  };
}

function idsOf(file: TokenizerFile): Map<string, number> {
  const { vocab } = file.model;
  return new Map(Array.isArray(vocab) ? vocab.map(([piece], id) => [piece, id]) : Object.entries(vocab));
}

/**
 * The file as the library gets it: no added tokens, and control tokens unreachable in the model's vocabulary too, since
 * a Unigram model, or BPE with `ignore_merges`, would otherwise find them as ordinary pieces. Ids stay as they are.
 */
function withoutControlTokens(file: TokenizerFile): TokenizerFile {
  const control = new Set(file.added_tokens.filter(isControl).map((token) => token.content));
  const { unk_token: unknown } = file.model;
  if (unknown != null) control.delete(unknown);
  const { vocab, merges } = file.model;
  return {
    ...file,
    added_tokens: [],
    model: {
      ...file.model,
      vocab: Array.isArray(vocab)
        ? // A lone surrogate never occurs in well-formed text; the entry keeps its place, which is its id.
          vocab.map(([piece, score], id) => [control.has(piece) ? `\udc00${id}` : piece, score])
        : Object.fromEntries(Object.entries(vocab).filter(([piece]) => !control.has(piece))),
      ...(merges === undefined
        ? {}
        : {
            merges: merges.filter(
              (merge) => !control.has(Array.isArray(merge) ? merge.join('') : merge.replace(' ', '')),
            ),
          }),
    },
  };
}

/** What the post-processor puts before a text; without one, what `add_bos_token` asks for. */
function bosIds(
  library: Library,
  config: TokenizerConfig | undefined,
  idOf: (content: string) => number | undefined,
): number[] {
  const text = '\ue000';
  const processed = library.post_processor?.post_process([text], null, true).tokens ?? [text];
  const before = processed.slice(0, Math.max(0, processed.indexOf(text)));
  if (before.length > 0) return before.map(idOf).filter((id) => id !== undefined);
  const bos = config?.add_bos_token === true && config.bos_token != null ? idOf(config.bos_token) : undefined;
  return bos === undefined ? [] : [bos];
}
