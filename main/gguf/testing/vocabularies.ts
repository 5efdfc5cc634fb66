/** Vocabularies of real tokenizers as the metadata of a GGUF, for comparisons of ids with llama.cpp. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestValue } from './write-gguf.ts';

const root = join(import.meta.dirname, '../../..');
const fixtures = join(root, 'e2e/fixtures/tokenizers');

/** Two thousand lines of twelve scripts, code and emoji (`export/fixtures/tokenizer_corpus.py`). */
export const corpus = JSON.parse(readFileSync(join(fixtures, 'corpus.json'), 'utf8')) as readonly string[];

export interface TestVocabulary {
  readonly size: number;
  readonly metadata: Readonly<Record<string, TestValue>>;
}

interface BytePairs {
  readonly added_tokens: readonly { readonly id: number; readonly special: boolean }[];
  readonly model: { readonly vocab: Readonly<Record<string, number>>; readonly merges: readonly string[][] };
}

/** The default model's vocabulary, with another pre-tokenizer. */
export function bytePairVocabulary(pre: string): TestVocabulary {
  const path = join(root, 'resources/models/smollm2-135m-instruct/tokenizer.json');
  const { added_tokens: added, model } = JSON.parse(readFileSync(path, 'utf8')) as BytePairs;
  const tokens: string[] = [];
  for (const [token, id] of Object.entries(model.vocab)) tokens[id] = token;
  const special = new Set(added.map(({ id }) => id));
  return {
    size: tokens.length,
    metadata: {
      'tokenizer.ggml.model': 'gpt2',
      'tokenizer.ggml.pre': pre,
      'tokenizer.ggml.tokens': tokens,
      'tokenizer.ggml.token_type': { i32s: tokens.map((_, id) => (special.has(id) ? 3 : 1)) },
      'tokenizer.ggml.merges': model.merges.map((pair) => pair.join(' ')),
      'tokenizer.ggml.bos_token_id': 1,
      'tokenizer.ggml.eos_token_id': 2,
    },
  };
}

/** The vocabulary of the tests' SentencePiece model. */
export function scoredVocabulary(addsPrefix: boolean): TestVocabulary {
  const pieces = piecesOf(readFileSync(join(fixtures, 'sentencepiece-bpe/tokenizer.model')));
  return {
    size: pieces.length,
    metadata: {
      'tokenizer.ggml.model': 'llama',
      'tokenizer.ggml.tokens': pieces.map(({ text }) => text),
      // A fraction keeps the list in float32.
      'tokenizer.ggml.scores': { f32s: pieces.map(({ score }) => score) },
      'tokenizer.ggml.token_type': { i32s: pieces.map(({ type }) => type) },
      'tokenizer.ggml.bos_token_id': pieces.findIndex(({ text }) => text === '<s>'),
      'tokenizer.ggml.eos_token_id': pieces.findIndex(({ text }) => text === '</s>'),
      'tokenizer.ggml.unknown_token_id': pieces.findIndex(({ type }) => type === 2),
      'tokenizer.ggml.add_space_prefix': addsPrefix,
    },
  };
}

interface Piece {
  readonly text: string;
  readonly score: number;
  readonly type: number;
}

/** Reads field 1 of `ModelProto`: text (1), score (2) and type (3) of each piece. */
function piecesOf(model: Buffer): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = model[at++] ?? 0;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  while (at < model.length) {
    const key = varint();
    const end = varint() + at;
    const piece = { text: '', score: 0, type: 1 };
    while (key >> 3 === 1 && at < end) {
      const field = varint() >> 3;
      if (field === 1) {
        const length = varint();
        piece.text = model.subarray(at, (at += length)).toString('utf8');
      } else if (field === 2) piece.score = model.readFloatLE((at += 4) - 4);
      else piece.type = varint();
    }
    if (key >> 3 === 1) pieces.push(piece);
    at = end;
  }
  return pieces;
}
