/**
 * Text → ids by the parts of a `tokenizer.json` that know nothing of added tokens: normalizer, pre-tokenizer and model.
 * The library gives the first two and the rarer models; BPE is our own (see `bpe.ts`).
 */
import * as tokenizers from '@huggingface/tokenizers';
import type { TokenizerConfig } from '../manifest.ts';
import { bpe } from './bpe.ts';
import { isScored, type TokenizerJson } from './tokenizer-json.ts';

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

export interface Words {
  /** `sectionIndex` counts the stretches of a prompt between added tokens; some tokenizers treat the first apart. */
  encode(text: string, sectionIndex: number): number[];
  /** What the post-processor puts before a text. */
  readonly before: readonly string[];
}

/**
 * @param plain the model's vocabulary without the control tokens, so that no text can reach one
 * @throws whatever the library says of a part that it does not know
 */
export function wordsOf(
  file: TokenizerJson,
  config: TokenizerConfig | undefined,
  plain: ReadonlyMap<string, number>,
  unknownId: number | undefined,
): Words {
  const own = isPlainBpe(file.model);
  const model = own ? { type: 'BPE', vocab: {}, merges: [] } : reachable(file.model, plain);
  const library = new Library({ ...file, added_tokens: [], model }, config ?? {});
  const { normalizer, pre_tokenizer: preTokenizer } = library;
  const encodeWords = own ? ownBpe(file, plain, unknownId) : libraryModel(library);
  const text = '\ue000';
  const processed = library.post_processor?.post_process([text], null, true).tokens ?? [text];
  return {
    encode: (raw, sectionIndex) => {
      const normal = normalizer === null ? raw : normalizer.normalize(raw);
      if (normal === '') return [];
      return encodeWords(
        preTokenizer === null ? [normal] : preTokenizer.pre_tokenize(normal, { section_index: sectionIndex }),
      );
    },
    before: processed.slice(0, Math.max(0, processed.indexOf(text))),
  };
}

function isPlainBpe(model: TokenizerJson['model']): boolean {
  const { type, vocab, merges, continuing_subword_prefix: prefix, end_of_word_suffix: suffix } = model;
  return (type === 'BPE' || type == null) && merges !== undefined && !isScored(vocab) && !prefix && !suffix;
}

function ownBpe(
  { model }: TokenizerJson,
  vocabulary: ReadonlyMap<string, number>,
  unknownId: number | undefined,
): (words: readonly string[]) => number[] {
  const encodeWord = bpe({
    vocabulary,
    merges: model.merges ?? [],
    unknownId,
    fuseUnknown: model.fuse_unk ?? false,
    byteFallback: model.byte_fallback ?? false,
    ignoreMerges: model.ignore_merges ?? false,
  });
  return (words) => words.flatMap(encodeWord);
}

function libraryModel({ model }: Library): (words: string[]) => number[] {
  if (model === null) throw new Error('it has no model.');
  const unknownId = model.unk_token === undefined ? undefined : model.tokens_to_ids.get(model.unk_token);
  return (words) =>
    model
      ._call(words)
      .map((piece) => model.tokens_to_ids.get(piece) ?? unknownId)
      .filter((id) => id !== undefined);
}

/** The model with its control tokens out of reach: a Unigram model would find them in any text. Ids stay as they are. */
function reachable(model: TokenizerJson['model'], plain: ReadonlyMap<string, number>): object {
  const { vocab, unk_token: unknown } = model;
  return {
    ...model,
    vocab: isScored(vocab)
      ? // A lone surrogate never occurs in well-formed text; the entry keeps its place, which is its id.
        vocab.map(([token, score], id) => [plain.has(token) ? token : `\udc00${id}`, score])
      : Object.fromEntries(Object.entries(vocab).filter(([token]) => plain.has(token) || token === unknown)),
  };
}
