/** The tokenizer of a GGUF as the files of a bundle: `tokenizer.json` or a SentencePiece model, and `tokenizer_config.json`. */
import { GgufFault } from './cursor.ts';
import { required, type Metadata } from './metadata.ts';
import { preTokenizer } from './pre-tokenizers.ts';
import { sentencePieceModel } from './sentencepiece-model.ts';
import { tokenTypes, type Vocabulary } from './vocabulary.ts';

export interface TokenizerFile {
  readonly name: 'tokenizer.json' | 'tokenizer.model';
  readonly content: Uint8Array;
  /** Whether a raw text begins with BOS, if the file does not say. */
  readonly addsBos: boolean;
}

/** @throws GgufFault for a tokenizer that Wyvern does not know */
export function tokenizerFile(metadata: Metadata, vocabulary: Vocabulary): TokenizerFile {
  const model = required('tokenizer.ggml.model', metadata.text('tokenizer.ggml.model'));
  switch (model) {
    case 'gpt2':
      return bytePairs(metadata, vocabulary);
    case 'llama':
      return sentencePiece(metadata, vocabulary);
    default:
      throw new GgufFault(`its tokenizer is “${model}”, not “gpt2” or “llama”.`, 'unsupported');
  }
}

/** Fields that `docs/compatibility.md` lists. */
export function tokenizerConfig(metadata: Metadata, vocabulary: Vocabulary, { addsBos }: TokenizerFile): object {
  const template = metadata.text('tokenizer.chat_template');
  const roles = {
    bos_token: vocabulary.bos,
    eos_token: vocabulary.eos,
    unk_token: vocabulary.unknown,
    pad_token: vocabulary.padding,
  };
  return {
    ...strippingTokens(metadata, vocabulary),
    add_bos_token: metadata.flag('tokenizer.ggml.add_bos_token') ?? addsBos,
    add_eos_token: metadata.flag('tokenizer.ggml.add_eos_token') ?? false,
    ...Object.fromEntries(Object.entries(roles).filter(([, token]) => token !== undefined)),
    ...(template === undefined || template === '' ? {} : { chat_template: template }),
  };
}

/**
 * Phi 3's control tokens swallow the white space after them. A GGUF has no place for that, so llama.cpp goes by the model's name,
 * as this function does.
 */
function strippingTokens(metadata: Metadata, { tokens, types }: Vocabulary): object {
  if (!/phi-?3/i.test(metadata.text('general.name') ?? '')) return {};
  const plain = new Set(['<unk>', '<s>', '<|endoftext|>']);
  const control = tokens.flatMap((content, id) => {
    const isSpecial = types[id] === tokenTypes.control || content === '</s>';
    return isSpecial && content !== '' && !plain.has(content) ? [[id, { content, special: true, rstrip: true }]] : [];
  });
  return { added_tokens_decoder: Object.fromEntries(control) as object };
}

/** GPT-2's byte-pair encoding: merges of texts in which a letter stands for each byte. */
function bytePairs(metadata: Metadata, { tokens, types }: Vocabulary): TokenizerFile {
  const name = metadata.text('tokenizer.ggml.pre') ?? 'default';
  const pre = preTokenizer(name);
  if (pre === undefined)
    throw new GgufFault(`its pre-tokenizer is “${name}”, which Wyvern does not know.`, 'unsupported');
  const merges = required('tokenizer.ggml.merges', metadata.texts('tokenizer.ggml.merges'));
  const added = tokens.flatMap((content, id) => {
    const type = types[id];
    const special = type === tokenTypes.control || type === tokenTypes.unknown;
    if (content === '' || (!special && type !== tokenTypes.userDefined)) return [];
    return [{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special }];
  });
  const split = (pattern: string): object => ({
    type: 'Split',
    pattern: { Regex: pattern },
    behavior: 'Isolated',
    invert: false,
  });
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false };
  const file = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer: null,
    pre_tokenizer: { type: 'Sequence', pretokenizers: [...pre.patterns.map(split), byteLevel] },
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: pre.ignoresMerges ?? false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: merges.map(pairOf),
    },
  };
  return { name: 'tokenizer.json', content: Buffer.from(JSON.stringify(file)), addsBos: pre.addsBos ?? false };
}

/** The first text of a pair may begin with a space, so the space between the two comes later. */
function pairOf(merge: string): readonly [string, string] {
  const space = merge.indexOf(' ', 1);
  if (space < 0) throw new GgufFault('one of its “tokenizer.ggml.merges” is not a pair.');
  return [merge.slice(0, space), merge.slice(space + 1)];
}

/** SentencePiece's byte-pair encoding by scores. */
function sentencePiece(metadata: Metadata, { tokens, types }: Vocabulary): TokenizerFile {
  const scores = required('tokenizer.ggml.scores', metadata.numbers('tokenizer.ggml.scores'));
  if (scores.length !== tokens.length) throw new GgufFault('its “tokenizer.ggml.scores” do not fit its tokens.');
  const id = (name: string, usual: number): number =>
    metadata.integer(`tokenizer.ggml.${name}_token_id`, 0, tokens.length - 1) ?? usual;
  const content = sentencePieceModel({
    tokens,
    types,
    scores,
    bosId: id('bos', 1),
    eosId: id('eos', 2),
    unknownId: id('unknown', Math.max(0, types.indexOf(tokenTypes.unknown))),
    addsDummyPrefix: metadata.flag('tokenizer.ggml.add_space_prefix') ?? true,
  });
  return { name: 'tokenizer.model', content, addsBos: true };
}
