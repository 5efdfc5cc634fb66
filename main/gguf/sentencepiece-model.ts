/**
 * Writes a SentencePiece model from the vocabulary of a GGUF, for the SentencePiece library. Format: `ModelProto` of
 * sentencepiece_model.proto (google/sentencepiece 0.2.3), in the encoding of Protocol Buffers.
 */
import { tokenTypes } from './vocabulary.ts';

export interface SentencePieceSource {
  readonly tokens: readonly string[];
  readonly types: readonly number[];
  readonly scores: readonly number[];
  readonly bosId: number;
  readonly eosId: number;
  readonly unknownId: number;
  /** Whether the first word gets a space before it. */
  readonly addsDummyPrefix: boolean;
}

const model = { pieces: 1, trainer: 2, normalizer: 3 } as const;
const piece = { text: 1, score: 2, type: 3 } as const;
const trainer = { modelType: 3, vocabularySize: 4, byteFallback: 35, unknownId: 40, bosId: 41, eosId: 42, padId: 43 };
const bpe = 2;
const normalizer = { name: 1, addDummyPrefix: 3, removeExtraWhitespaces: 4, escapeWhitespaces: 5 } as const;

export function sentencePieceModel(source: SentencePieceSource): Uint8Array {
  const { tokens, types, scores } = source;
  const out: Buffer[] = [];
  const seen = new Set<string>();
  tokens.forEach((token, id) => {
    // The library takes no text twice and no empty one. Published files have both among tokens that nothing uses.
    const isUsable = token !== '' && !seen.has(token);
    const type = id === source.unknownId ? tokenTypes.unknown : withoutSecondUnknown(types[id] ?? tokenTypes.normal);
    const text = isUsable ? token : `<unused ${id}>`;
    seen.add(text);
    out.push(
      message(model.pieces, [
        bytes(piece.text, Buffer.from(text)),
        float(piece.score, scores[id] ?? 0),
        integer(piece.type, isUsable ? type : tokenTypes.unused),
      ]),
    );
  });
  out.push(
    message(model.trainer, [
      integer(trainer.modelType, bpe),
      integer(trainer.vocabularySize, tokens.length),
      integer(trainer.byteFallback, hasAllBytes(seen) ? 1 : 0),
      integer(trainer.unknownId, source.unknownId),
      integer(trainer.bosId, source.bosId),
      integer(trainer.eosId, source.eosId),
      integer(trainer.padId, -1),
    ]),
    message(model.normalizer, [
      bytes(normalizer.name, Buffer.from('identity')),
      integer(normalizer.addDummyPrefix, source.addsDummyPrefix ? 1 : 0),
      integer(normalizer.removeExtraWhitespaces, 0),
      integer(normalizer.escapeWhitespaces, 1),
    ]),
  );
  return Buffer.concat(out);
}

/** The library takes one unknown piece, and it knows its id. */
function withoutSecondUnknown(type: number): number {
  return type === tokenTypes.unknown ? tokenTypes.unused : type;
}

function hasAllBytes(tokens: ReadonlySet<string>): boolean {
  const all = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
  return all.every((token) => tokens.has(token));
}

const wire = { varint: 0, length: 2, word: 5 } as const;

/** Negative numbers take ten bytes, as int32 does in this encoding. */
function varint(value: number): Buffer {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) out.push(Number(rest & 127n) | 128);
  return Buffer.from([...out, Number(rest)]);
}

function key(field: number, type: number): Buffer {
  return varint(field * 8 + type);
}

function integer(field: number, value: number): Buffer {
  return Buffer.concat([key(field, wire.varint), varint(value)]);
}

function float(field: number, value: number): Buffer {
  const word = Buffer.alloc(4);
  word.writeFloatLE(value);
  return Buffer.concat([key(field, wire.word), word]);
}

function bytes(field: number, content: Buffer): Buffer {
  return Buffer.concat([key(field, wire.length), varint(content.length), content]);
}

function message(field: number, parts: readonly Buffer[]): Buffer {
  return bytes(field, Buffer.concat(parts));
}
