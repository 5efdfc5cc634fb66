import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addon, codeOf, fixturePath, readJson } from './addon.ts';
import { piece, readFields, sentencePieceMutant, writeFields } from './sentencepiece-mutants.ts';

/** Upstream's own results; see `make_sentencepiece_fixtures.py`. */
interface Expected {
  readonly texts: string[];
  readonly models: Readonly<
    Record<
      string,
      {
        vocabSize: number;
        bosId: number;
        eosId: number;
        unkId: number;
        padId: number;
        ids: number[][];
        decoded: string[];
      }
    >
  >;
}

const expected = readJson(fixturePath('sentencepiece.json')) as Expected;
const bytesOf = (name: string) => readFileSync(fixturePath(`${name}.model`));
const open = (name: string) => new addon.SentencePiece(bytesOf(name));
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');
/** Models with byte fallback lose nothing. */
const lossless = open('bpe');

describe.each(Object.entries(expected.models))('the model %s', (name, upstream) => {
  const tokenizer = open(name);

  test('has upstream’s special ids', () => {
    const special = ({ vocabSize, bosId, eosId, unkId, padId }: typeof tokenizer | typeof upstream) => ({
      ...{ vocabSize, bosId, eosId, unkId, padId },
    });
    expect(special(tokenizer)).toEqual(special(upstream));
  });

  test('encodes like upstream', () => {
    expect(expected.texts.map((input) => [...tokenizer.encode(input)])).toEqual(upstream.ids);
  });

  test('decodes like upstream, except spaces at the ends, which upstream drops', () => {
    const decoded = upstream.ids.map((ids) => text(tokenizer.decode(Int32Array.from(ids))).trim());
    expect(decoded).toEqual(upstream.decoded.map((line) => line.trim()));
  });

  test('never finds a control piece in text', () => {
    const controls = Array.from({ length: tokenizer.vocabSize }, (_, id) => id).filter(
      (id) => tokenizer.kind(id) === 'control',
    );
    expect(controls.length).toBeGreaterThan(0);
    for (const id of controls) {
      const piece = tokenizer.piece(id);
      for (const input of [piece, ` ${piece} `, `a${piece}b`, piece.repeat(3)]) {
        expect(controls.filter((control) => tokenizer.encode(input).includes(control))).toEqual([]);
      }
    }
  });

  test('finds the id of every piece', () => {
    for (let id = 0; id < tokenizer.vocabSize; id += 1) expect(tokenizer.id(tokenizer.piece(id))).toBe(id);
    expect(tokenizer.id('no such piece')).toBeUndefined();
  });
});

test('any text with byte fallback survives the round trip', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (input) => {
      // The space symbol itself is indistinguishable from a space.
      const plain = input.replaceAll('▁', ' ');
      expect(text(lossless.decode(lossless.encode(plain)))).toBe(plain === '' ? '' : ` ${plain}`);
    }),
    { numRuns: 2000 },
  );
});

test('decoding part by part gives the same bytes', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(lossless.vocabSize - 1), { maxLength: 40 }), (ids) => {
      const parts = ids.map((id) => lossless.decode(Int32Array.of(id)));
      expect(Buffer.concat(parts)).toEqual(Buffer.from(lossless.decode(Int32Array.from(ids))));
    }),
  );
});

test('knows the kinds of pieces', () => {
  expect(
    ['<s>', '<unk>', '<0x41>', '<mask>', 'a', '<|system|>'].map((piece) => lossless.kind(lossless.id(piece)!)),
  ).toEqual(['control', 'unknown', 'byte', 'user-defined', 'normal', 'control']);
  expect(text(lossless.decode(Int32Array.of(lossless.id('<0x41>')!, lossless.eosId)))).toBe('A');
});

describe('a hostile model file', () => {
  const refusedOrUsable = (bytes: Uint8Array): void => {
    try {
      const tokenizer = new addon.SentencePiece(bytes);
      for (const input of expected.texts) tokenizer.decode(tokenizer.encode(input));
    } catch (error) {
      expect(error).toMatchObject({ code: 'tokenizer-invalid' });
    }
  };

  test.each(Object.keys(expected.models))('made of %s by changing bytes is refused or usable', (name) => {
    const original = bytesOf(name);
    const edit = fc.tuple(fc.nat(original.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 8 }), (edits) => {
        const bytes = Uint8Array.from(original);
        for (const [at, value] of edits) bytes[at] = value;
        refusedOrUsable(bytes);
      }),
      { numRuns: 400 },
    );
  });

  test('cut at any byte is refused or usable', () => {
    const original = bytesOf('unigram');
    for (let length = 0; length < original.length; length += 13) refusedOrUsable(original.subarray(0, length));
  });

  test('of random bytes is refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => new addon.SentencePiece(bytes)).toThrow();
      }),
    );
  });

  /** The model `unigram` with other fields. */
  const changed = (change: (fields: ReturnType<typeof readFields>) => ReturnType<typeof readFields>): Buffer =>
    writeFields(change(readFields(bytesOf('unigram'))));
  /** With other normalization rules. */
  const withRules = (change: (rules: Buffer) => Buffer): Buffer =>
    changed((fields) =>
      fields.map((field) => {
        if (field.number !== 3) return field;
        const parts = readFields(field.content).map((part) =>
          part.number === 2 ? { ...part, content: change(part.content) } : part,
        );
        return { ...field, content: writeFields(parts) };
      }),
    );

  /** Rules that all write the end of one text, `length` bytes of `A`. */
  const withReplacement = (rules: Buffer, length: number): Buffer =>
    Buffer.concat([rules.subarray(0, 4 + rules.readUInt32LE(0)), Buffer.alloc(length, 'A'), Buffer.alloc(1)]);
  const onePiece = writeFields([piece('a')]);

  test.each([
    [
      'a piece that overflows the stack (upstream issue 1263)',
      () => changed((fields) => [...fields, piece('a'.repeat(200_000))]),
    ],
    [
      'a trie that leads outside of itself (upstream issue 1269)',
      () =>
        withRules((rules) => Buffer.concat([rules.subarray(0, 4), Buffer.from([0, 0, 0, 0x80]), rules.subarray(8)])),
    ],
    ['a rule that writes 65 bytes', () => withRules((rules) => withReplacement(rules, 65))],
    ['a score that is no number', () => changed((fields) => [...fields, piece('score', NaN)])],
    ['an empty piece', () => changed((fields) => [...fields, piece('')])],
    ['a piece that is there twice', () => changed((fields) => [...fields, piece('twice'), piece('twice')])],
    ['a million and one pieces', () => Buffer.alloc(1_000_001 * onePiece.length, onePiece)],
    [
      'half a million empty samples',
      () =>
        changed((fields) => [
          ...fields,
          { number: 4, wireType: 2, content: Buffer.alloc(1_000_000, Buffer.from([0x0a, 0])) },
        ]),
    ],
    [
      'a model of words',
      () => changed((fields) => [...fields, { number: 2, wireType: 2, content: Buffer.from([0x18, 3]) }]),
    ],
  ])('with %s is refused', (_, make) => {
    expect(() => new addon.SentencePiece(make())).toThrow(expect.objectContaining({ code: 'tokenizer-invalid' }));
  });

  test('crafted in every known way is refused or usable', () => {
    for (let index = 0; index < 500; index += 1) refusedOrUsable(sentencePieceMutant(20261129, index).bytes);
  });

  test('whose rules write long texts refuses a text that would fill the memory', () => {
    const model = new addon.SentencePiece(withRules((rules) => withReplacement(rules, 64)));
    expect(model.encode('①'.repeat(100)).length).toBeGreaterThan(0);
    expect(() => model.encode('①'.repeat(1_000_000))).toThrow(expect.objectContaining({ code: 'tokenizer-invalid' }));
  });

  test('larger than the limit is refused unread', async () => {
    expect(await codeOf(() => new addon.SentencePiece(new Uint8Array(64 * 2 ** 20 + 1)))).toBe('tokenizer-invalid');
  });
});

test('misuse is refused', async () => {
  const call = (name: 'encode' | 'decode' | 'piece' | 'kind' | 'id', argument: unknown) =>
    codeOf(() => Reflect.apply(Reflect.get(lossless, name), lossless, [argument]) as unknown);
  for (const argument of [undefined, 'x', [1], new ArrayBuffer(8)]) {
    expect(await codeOf(() => Reflect.construct(addon.SentencePiece, [argument]))).toBe('invalid-argument');
  }
  expect(await call('encode', 7)).toBe('invalid-argument');
  expect(await call('decode', [1])).toBe('invalid-argument');
  expect(await call('decode', Int32Array.of(lossless.vocabSize))).toBe('invalid-argument');
  expect(await call('decode', Int32Array.of(-1))).toBe('invalid-argument');
  expect(await call('piece', -1)).toBe('invalid-argument');
  expect(await call('piece', lossless.vocabSize)).toBe('invalid-argument');
  expect(await call('kind', 0.5)).toBe('invalid-argument');
  expect(await call('id', 7)).toBe('invalid-argument');
});
