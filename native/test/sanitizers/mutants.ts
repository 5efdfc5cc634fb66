/** Damaged and invented model files: a seed and an `index` give the same bytes on every machine. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Dice, diceOf } from '../random.ts';

const fixtures = join(import.meta.dirname, '../fixtures');
const bundles = join(import.meta.dirname, '../../../e2e/fixtures');

/** The kinds of damage, in equal shares. */
export const kinds = ['program', 'weights', 'sentencepiece', 'tiktoken', 'tokenizer.json'] as const;
type Kind = (typeof kinds)[number];

/** A bundle with one damaged file. */
export interface Mutant {
  readonly kind: Kind;
  /** Its fixture. */
  readonly from: string;
  /** File names and contents. */
  readonly files: Readonly<Record<string, Buffer>>;
}

interface Original {
  readonly from: string;
  /** The damaged file's name in the bundle. */
  readonly name: string;
  readonly bytes: Buffer;
  /** Length of the header; the whole file if it is all header. */
  readonly description: number;
  readonly others: Readonly<Record<string, Buffer>>;
}

const tokenizer = readFileSync(join(bundles, 'tiny-llama/tokenizer.model'));
const plainProgram = readFileSync(join(fixtures, 'dynamic.pte'));

/** Where the FlatBuffer of a `.pte` ends, by its header. */
const programEnd = (bytes: Buffer): number => Number(bytes.readBigUInt64LE(16));
/** The same for a `.ptd`. */
const weightsEnd = (bytes: Buffer): number => Number(bytes.readBigUInt64LE(16) + bytes.readBigUInt64LE(24));

function original(
  folder: string,
  file: string,
  name: string,
  others: Original['others'],
  end: (bytes: Buffer) => number = (bytes) => bytes.length,
): Original {
  const bytes = readFileSync(join(folder, file));
  return { from: file, name, bytes, description: end(bytes), others };
}

function tokenizers(name: string, folders: readonly string[]): Original[] {
  return folders.map((folder) =>
    original(join(bundles, 'tokenizers'), `${folder}/${name}`, name, { 'model.pte': plainProgram }),
  );
}

const originals: Readonly<Record<Kind, readonly Original[]>> = {
  program: [
    ...readdirSync(fixtures)
      .filter((name) => name.endsWith('.pte') && name !== 'external-weights.pte')
      .sort()
      .map((name) => original(fixtures, name, 'model.pte', { 'tokenizer.model': tokenizer }, programEnd)),
    original(bundles, 'tiny-llama/model.pte', 'model.pte', { 'tokenizer.model': tokenizer }, programEnd),
  ],
  weights: [
    original(
      fixtures,
      'external-weights.ptd',
      'model.ptd',
      { 'model.pte': readFileSync(join(fixtures, 'external-weights.pte')), 'tokenizer.model': tokenizer },
      weightsEnd,
    ),
  ],
  sentencepiece: [
    ...['bpe.model', 'bpe-bare.model', 'unigram.model', 'unigram-unknown.model'].map((name) =>
      original(fixtures, name, 'tokenizer.model', { 'model.pte': plainProgram }),
    ),
    ...tokenizers('tokenizer.model', ['sentencepiece-bpe', 'sentencepiece-unigram']),
  ],
  tiktoken: tokenizers('tokenizer.model', ['tiktoken-llama-3']),
  'tokenizer.json': tokenizers('tokenizer.json', ['llama-2', 'llama-3', 'metaspace', 'qwen-2', 'unigram']),
};

const edges = [
  0, 1, 2, 4, 0x7f, 0x80, 0xff, 0xffff, 0x10000, 0x10000000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
];
const words = [
  '0',
  '-1',
  '0.5',
  '1e999',
  '2147483648',
  '9007199254740993',
  'null',
  '[]',
  '{}',
  '""',
  '"\\ud800"',
  'true',
];

type Change = (bytes: Buffer, end: number, dice: Dice) => Buffer;

/** Changes without knowledge of the format, all below `end`. */
const byteChanges: readonly Change[] = [
  function flip(bytes, end, { below }) {
    const at = below(end);
    bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << below(8)), at);
    return bytes;
  },
  function replaceByte(bytes, end, { below }) {
    bytes.writeUInt8(below(256), below(end));
    return bytes;
  },
  function replaceWord(bytes, end, { below, pick }) {
    bytes.writeUInt32LE(pick(edges), 4 * below(Math.floor(end / 4)));
    return bytes;
  },
  function nudgeWord(bytes, end, { below }) {
    const at = 4 * below(Math.floor(end / 4));
    bytes.writeUInt32LE((bytes.readUInt32LE(at) + below(33) - 16) >>> 0, at);
    return bytes;
  },
  function copyWithin(bytes, end, { below }) {
    const length = 1 + below(Math.min(64, end));
    const from = below(end - length);
    bytes.copyWithin(below(end - length), from, from + length);
    return bytes;
  },
];

/** Changes of length. They are rarer, because most of a binary file behind them is lost. */
const lengthChanges: readonly Change[] = [
  function cut(bytes, _end, { below }) {
    return bytes.subarray(0, below(bytes.length));
  },
  function remove(bytes, end, { below }) {
    const at = below(end);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + below(16))]);
  },
  function repeat(bytes, end, { below }) {
    const at = below(end);
    return Buffer.concat([bytes.subarray(0, at + 1 + below(64)), bytes.subarray(at)]);
  },
];

/** Replaces a number, a string or a bracket of a text. */
const replaceWordOfText: Change = (bytes, _end, { below, pick }) => {
  const text = bytes.toString('latin1');
  const found = [...text.slice(below(text.length)).matchAll(/-?\d+|"[^"\\]*"|[[\]{}]/g)].slice(0, 40);
  if (found.length === 0) return bytes;
  const [word] = pick(found);
  return Buffer.from(text.replace(word, pick(words)), 'latin1');
};

function changed({ bytes, description, name }: Original, kind: Kind, dice: Dice): Buffer {
  const text = kind === 'tiktoken' || kind === 'tokenizer.json';
  let result: Buffer = Buffer.from(bytes);
  for (let count = 1 + dice.below(4); count > 0 && result.length >= 64; count -= 1) {
    // One in sixteen goes anywhere, into the weights too.
    const end = Math.min(result.length, dice.below(16) === 0 ? result.length : description);
    const way = dice.below(8);
    const change = way === 0 ? dice.pick(lengthChanges) : text && way < 5 ? replaceWordOfText : dice.pick(byteChanges);
    result = change(result, end, dice);
  }
  if (result.equals(bytes)) return Buffer.concat([result, Buffer.from(name)]);
  return result;
}

/** @param index of the input, from 0 up */
export function mutant(seed: number, index: number): Mutant {
  const dice = diceOf(seed, index);
  const kind = kinds[index % kinds.length] as Kind;
  const chosen = dice.pick(originals[kind]);
  return { kind, from: chosen.from, files: { ...chosen.others, [chosen.name]: changed(chosen, kind, dice) } };
}
