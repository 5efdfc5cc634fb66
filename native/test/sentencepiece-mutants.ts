/**
 * Crafted SentencePiece models. The same seed and `index` give the same bytes on every machine. Format: protocol
 * buffers, `ModelProto` of sentencepiece_model.proto.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Dice, diceOf } from './random.ts';

const fixtures = join(import.meta.dirname, 'fixtures');
const tokenizers = join(import.meta.dirname, '../../e2e/fixtures/tokenizers');

const originals: readonly Buffer[] = [
  ...['bpe', 'bpe-bare', 'unigram', 'unigram-unknown'].map((name) => readFileSync(join(fixtures, `${name}.model`))),
  ...['sentencepiece-bpe', 'sentencepiece-unigram'].map((name) =>
    readFileSync(join(tokenizers, name, 'tokenizer.model')),
  ),
];

/** One field of a message: its tag, and its content without the length. */
interface Field {
  readonly number: number;
  readonly wireType: number;
  readonly content: Buffer;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) | 0x80);
  }
}

/** Returns the fields of a message; of a damaged one, those before the damage. */
export function readFields(message: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const number = (): number => {
    for (let value = 0, scale = 1; ; scale *= 128) {
      const byte = message[at++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const key = number();
    const wireType = key % 8;
    const start = at;
    if (wireType === 0) number();
    const length = wireType === 0 ? at - start : wireType === 1 ? 8 : wireType === 5 ? 4 : number();
    if (wireType !== 0) at += length;
    if (at > message.length || ![0, 1, 2, 5].includes(wireType)) break;
    fields.push({ number: Math.floor(key / 8), wireType, content: message.subarray(at - length, at) });
  }
  return fields;
}

/** @param lies Added to the written length, by place of the field. */
export function writeFields(fields: readonly Field[], lies: ReadonlyMap<number, number> = new Map()): Buffer {
  return Buffer.concat(
    fields.flatMap(({ number, wireType, content }, place) => [
      varint(number * 8 + wireType),
      ...(wireType === 2 ? [varint(Math.max(0, content.length + (lies.get(place) ?? 0)))] : []),
      content,
    ]),
  );
}

const text = (number: number, content: string | Buffer): Field => ({
  ...{ number, wireType: 2, content: Buffer.from(content as string) },
});
const value = (number: number, content: number): Field => ({ number, wireType: 0, content: varint(content) });
function score(content: number): Field {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(content);
  return { number: 2, wireType: 5, content: bytes };
}
const message = (number: number, fields: readonly Field[]): Field => text(number, writeFields(fields));

/** A piece as a field of the model. */
export const piece = (of: string | Buffer, scored = -1, type = 1): Field =>
  message(1, [text(1, of), score(scored), value(3, type)]);

const scores = [NaN, Infinity, -Infinity, 3.4e38, -3.4e38, 0, -0, 1e-45, 1e6, -1e6];
const contents: readonly (string | Buffer)[] = [
  ...['', '\0', 'a\0b', '▁', '▁▁▁▁', 'a', '<0x00>', '<0xZZ>', '<0xFFF>', '<s>', '<unk>', 'a'.repeat(1024)],
  ...['a'.repeat(1025), 'a'.repeat(8000), 'a'.repeat(200_000), '🙂'.repeat(64)],
  ...[Buffer.from([0xff]), Buffer.from([0xe2, 0x96]), Buffer.from([0xc0, 0x80])],
];
const edges = [0, 1, 2, 0x7f, 0x80, 0xff, 0x3ff, 0x400, 0xffff, 0x7fffffff, 0x80000000, 0x80000001, 0xffffffff];

/** Changes a model in place or returns another one. `other` is a second model. */
type Change = (model: Buffer, dice: Dice, other: Buffer) => Buffer;

/** A change of the fields of the whole model. */
const ofFields =
  (change: (fields: Field[], dice: Dice, other: readonly Field[]) => readonly Field[]): Change =>
  (model, dice, other) =>
    writeFields(change(readFields(model), dice, readFields(other)));

/** A change of one submessage with this number. */
const within = (number: number, change: (fields: Field[], dice: Dice) => readonly Field[]): Change =>
  ofFields((fields, dice) => {
    const places = fields.flatMap((field, place) => (field.number === number ? [place] : []));
    if (places.length === 0) return fields;
    const chosen = dice.pick(places);
    return fields.map((field, place) =>
      place === chosen && field.wireType === 2 ? message(number, change(readFields(field.content), dice)) : field,
    );
  });

function swapTwo<T>(list: T[], { below }: Dice): T[] {
  if (list.length < 2) return list;
  const [from, to] = [below(list.length), below(list.length)];
  [list[from], list[to]] = [list[to] as T, list[from] as T];
  return list;
}

/** A change of the normalization rules, given as bytes of their trie and replacements. */
const ofRules = (change: (rules: Buffer, dice: Dice) => Buffer): Change =>
  within(3, (fields, dice) =>
    fields.map((field) =>
      field.number === 2 && field.content.length > 8 ? text(2, change(Buffer.from(field.content), dice)) : field,
    ),
  );

function word(bytes: Buffer, at: number, content: number): Buffer {
  bytes.writeUInt32LE(content >>> 0, Math.min(at, bytes.length - 4));
  return bytes;
}

/** By their effect. */
const changes: Readonly<Record<string, Change>> = {
  'bits flip': (model, { below }) => {
    for (let flips = 1 + below(8); flips > 0; flips--) {
      const at = below(model.length);
      model.writeUInt8(model.readUInt8(at) ^ (1 << below(8)), at);
    }
    return model;
  },
  'the file is cut': (model, { below }) => model.subarray(0, below(model.length)),
  'fields swap': ofFields((fields, dice) => swapTwo(fields, dice)),
  'a length lies': (model, { below, pick }) => {
    const fields = readFields(model);
    const by = pick([-1, 1, 7, -7, 127, 2 ** 20, 2 ** 31, 2 ** 40]);
    return writeFields(fields, new Map([[below(fields.length), by]]));
  },
  'two models are spliced by fields': ofFields((fields, { below }, other) => [
    ...fields.slice(0, below(fields.length)),
    ...other.slice(below(other.length)),
  ]),
  'two models are spliced by bytes': (model, { below }, other) =>
    Buffer.concat([model.subarray(0, below(model.length)), other.subarray(below(other.length))]),
  'the settings are those of another model': ofFields((fields, { pick }, other) => {
    const number = pick([2, 3]);
    return [...fields.filter((field) => field.number !== number), ...other.filter((field) => field.number === number)];
  }),
  'a trie unit changes': ofRules((rules, { below, pick }) =>
    word(rules, 4 + 4 * below(1 + rules.readUInt32LE(0) / 8), pick([...edges, below(2 ** 32)])),
  ),
  'the trie’s root changes': ofRules((rules, { pick, below }) =>
    word(rules, 4, pick([0x80000000, 0x80200000, 0xfffffc00, 0x100, 0x400, below(2 ** 32)])),
  ),
  'the trie’s size changes': ofRules((rules, { pick, below }) =>
    word(rules, 0, pick([...edges, rules.readUInt32LE(0) + 1024, rules.readUInt32LE(0) - 1024, below(rules.length)])),
  ),
  'replacements change': ofRules((rules, { below }) => {
    const from = 4 + rules.readUInt32LE(0);
    for (let count = 1 + below(16); count > 0 && from < rules.length; count--) {
      rules.writeUInt8(below(4) === 0 ? 0 : below(256), from + below(rules.length - from));
    }
    return rules;
  }),
  'each replacement is long': ofRules((rules, { pick }) =>
    Buffer.concat([
      rules.subarray(0, 4 + rules.readUInt32LE(0)),
      Buffer.alloc(pick([10, 63, 64, 65, 100_000]), pick([0x20, 0x41])),
      Buffer.alloc(pick([0, 1])),
    ]),
  ),
  'a piece has another text': within(1, (fields, { pick }) => [...fields, text(1, pick(contents))]),
  'a piece has another score': within(1, (fields, { pick }) => [...fields, score(pick(scores))]),
  'a piece has another type': within(1, (fields, { below }) => [...fields, value(3, below(9))]),
  'pieces are there twice': ofFields((fields, { below }) => {
    const at = below(fields.length);
    return [...fields, ...fields.slice(at, at + 1 + below(20))];
  }),
  'pieces are gone': ofFields((fields, { below }) => {
    const at = below(fields.length);
    return fields.filter((_, place) => place < at || place > at + below(300));
  }),
  'a run of pieces grows to the longest': ofFields((fields, { below }) => [
    ...fields,
    ...Array.from({ length: 1 + below(64) }, (_, nth) => piece('a'.repeat(1024 - nth), -nth, below(8) === 0 ? 5 : 1)),
  ]),
  'all pieces get one type': ofFields((fields, { below }) => {
    const type = 1 + below(6);
    return fields.map((field) =>
      field.number === 1 ? message(1, [...readFields(field.content), value(3, type)]) : field,
    );
  }),
  'a setting of training changes': within(2, (fields, { pick, below }) => [
    ...fields,
    value(pick([3, 24, 26, 35, 40, 41]), pick([0, 1, 2, 3, 4, 2 ** 31])),
    text(pick([44, 45, 46, 47, 48]), below(2) === 0 ? 'a' : 'b'.repeat(below(2000))),
  ]),
  'a setting of normalization changes': within(3, (fields, { pick }) => [
    ...fields,
    value(pick([3, 4, 5]), pick([0, 1])),
  ]),
  'fields that nobody knows': ofFields((fields, { below, pick }) => [
    ...fields,
    ...Array.from({ length: 1 + below(50) }, () =>
      pick([text(1 + below(300), Buffer.alloc(below(40), 0x0a)), value(1 + below(300), below(2 ** 32))]),
    ),
  ]),
  'lists of nothing': ofFields((fields, { pick }) => [
    ...fields,
    text(pick([2, 4]), Buffer.alloc(2 * pick([1000, 262_144, 300_000]), Buffer.from([0x0a, 0]))),
  ]),
  'a denormalizer': ofFields((fields, _, other) => [
    ...fields,
    ...[...fields, ...other]
      .filter(({ number }) => number === 3)
      .slice(0, 1)
      .map((field) => ({ ...field, number: 5 })),
  ]),
};
const names = Object.keys(changes);

export interface Mutant {
  /** The names of the changes. */
  readonly what: string;
  readonly bytes: Buffer;
}

/** @param index From 0 up */
export function sentencePieceMutant(seed: number, index: number): Mutant {
  const dice = diceOf(seed, index);
  const other = dice.pick(originals);
  let bytes: Buffer = Buffer.from(dice.pick(originals));
  const done: string[] = [];
  // Each change gets the same share as the first one; a quarter of the models has more than one.
  const first = names[index % names.length] ?? '';
  const more = dice.below(4) === 0 ? 1 + dice.below(2) : 0;
  for (const name of [first, ...Array.from({ length: more }, () => dice.pick(names))]) {
    const change = changes[name];
    if (change === undefined || bytes.length < 64) continue;
    bytes = Buffer.from(change(bytes, dice, other));
    done.push(name);
  }
  return { what: done.join(', then '), bytes };
}
