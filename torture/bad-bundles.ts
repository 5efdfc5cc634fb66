/** Damaged and hostile bundles: good bundles with replaced files, and archives that no honest program writes. */
import { readdirSync, readFileSync } from 'node:fs';
import { readProgram } from '../main/models/program/program.ts';
import { zip, type ZipEntry } from '../main/testing/zip.ts';
import { damagedFile } from '../native/test/context-damages.ts';
import type { Dice } from '../native/test/random.ts';
import { fixture } from './windowless-app.ts';

export interface BadBundle {
  readonly what: string;
  /** Runs on the NPU. */
  readonly npu?: boolean;
  readonly files: Readonly<Record<string, Uint8Array | string>>;
}

type Files = BadBundle['files'];

const read = (...path: string[]): Buffer => readFileSync(fixture(...path));
const llama = { 'model.pte': read('tiny-llama/model.pte'), 'tokenizer.model': read('tiny-llama/tokenizer.model') };
const sentencePiece = { 'tokenizer.model': llama['tokenizer.model'] };
const apart = {
  'model.pte': read('contract-a/separate-data.pte'),
  'model.ptd': read('contract-a/separate-data.ptd'),
  ...sentencePiece,
};
const tiktoken = {
  'model.pte': llama['model.pte'],
  'tokenizer.model': read('tokenizers/tiktoken-llama-3/tokenizer.model'),
};
const npu = { 'model.pte': read('tiny-llama-qnn-kv/model.pte'), ...sentencePiece };
const archived = zip(Object.entries(llama).map(([name, data]) => ({ name, data, method: 0 })));

/** End of the header of a program or of weights. */
const programEnd = (bytes: Buffer): number => Number(bytes.readBigUInt64LE(16));
const dataEnd = (bytes: Buffer): number => Number(bytes.readBigUInt64LE(16) + bytes.readBigUInt64LE(24));
const describedFrom = 64;

function changed(bytes: Buffer, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes);
  change(copy);
  return copy;
}

const cut = (bytes: Buffer, random: Dice): Buffer => bytes.subarray(0, random.below(bytes.length));

function flipped(bytes: Buffer, random: Dice, from = 0, to = bytes.length): Buffer {
  return changed(bytes, (copy) => {
    for (let flips = 1 + random.below(8); flips > 0; flips--) {
      const at = from + random.below(to - from);
      copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
    }
  });
}

/** Replaces a word with a count or an offset beyond all bounds. */
function huge(bytes: Buffer, random: Dice, end: number): Buffer {
  const word = random.below(Math.floor((end - describedFrom) / 4));
  const value = random.pick([0xffffffff, 0x7fffffff, 0x80000000, 0x10000000, 0xffff]);
  return changed(bytes, (copy) => copy.writeUInt32LE(value, describedFrom + 4 * word));
}

type Mutation = (random: Dice) => Omit<BadBundle, 'what'>;

const with_ =
  <F extends Files>(base: F, file: keyof F & string, change: (bytes: Buffer, random: Dice) => Buffer): Mutation =>
  (random) => ({ files: { ...base, [file]: change(base[file] as Buffer, random) } });

/** Weighted by the code that they reach. */
const mutations: readonly (readonly [string, Mutation])[] = [
  ['a program that ends early', with_(llama, 'model.pte', cut)],
  [
    'a program with other bits in its description',
    with_(llama, 'model.pte', (bytes, random) => flipped(bytes, random, 0, programEnd(bytes))),
  ],
  [
    'a program with other bits at the head of its description',
    with_(llama, 'model.pte', (bytes, random) => flipped(bytes, random, 0, 512)),
  ],
  [
    'a program with other bits in its weights',
    with_(llama, 'model.pte', (bytes, random) => flipped(bytes, random, programEnd(bytes))),
  ],
  [
    'a program with a count beyond all bounds',
    with_(llama, 'model.pte', (bytes, random) => huge(bytes, random, programEnd(bytes))),
  ],
  ['weights that end early', with_(apart, 'model.ptd', cut)],
  ['weights with other bits', with_(apart, 'model.ptd', (bytes, random) => flipped(bytes, random, 0, dataEnd(bytes)))],
  [
    'weights with a count beyond all bounds',
    with_(apart, 'model.ptd', (bytes, random) => huge(bytes, random, dataEnd(bytes))),
  ],
  ['a SentencePiece model that ends early', with_(llama, 'tokenizer.model', cut)],
  ['a SentencePiece model with other bits', with_(llama, 'tokenizer.model', flipped)],
  ['tiktoken ranks with other bits', with_(tiktoken, 'tokenizer.model', flipped)],
  ['an archive that ends early', (random) => ({ files: { 'model.zip': cut(archived, random) } })],
  ['an archive with other bits', (random) => ({ files: { 'model.zip': flipped(archived, random) } })],
  [
    'an archive with other bits in its directory',
    (random) => ({ files: { 'model.zip': flipped(archived, random, archived.length - 200) } }),
  ],
];
const npuMutations: readonly (readonly [string, Mutation])[] = [
  ['a program of the NPU that ends early', with_(npu, 'model.pte', cut)],
  [
    'a program of the NPU with other bits in its description',
    with_(npu, 'model.pte', (bytes, random) => flipped(bytes, random, 0, programEnd(bytes))),
  ],
  [
    'a program of the NPU with other bits in its context binary',
    with_(npu, 'model.pte', (bytes, random) => flipped(bytes, random, programEnd(bytes))),
  ],
];
/** The small model of Qualcomm's AI Hub, and others whose parts have the same names. */
const contexts = {
  good: 'tiny-llama-genie-heads',
  others: ['tiny-llama-genie', 'tiny-llama-genie-fp16', 'tiny-llama-genie-device'],
} as const;
const contextFiles = readdirSync(fixture(contexts.good)).filter((name) => name !== 'expected.json');
const hub = (random: Dice): BadBundle => {
  const { what, name, content } = damagedFile(contexts, random, random.below(1000));
  const files = Object.fromEntries(contextFiles.map((file) => [file, read(contexts.good, file)]));
  return { what: `a model of the AI Hub whose ${name} ${what}`, npu: true, files: { ...files, [name]: content } };
};
/** Of so many bundles one is a program of the NPU, and one a model of the AI Hub. */
const npuEvery = 20;

/** Returns the same bundle for the same index and seed. @param withNpu Whether to include programs for the NPU */
export function mutated(random: Dice, index: number, withNpu: boolean): BadBundle {
  if (withNpu && index % npuEvery === 0) return hub(random);
  const isNpu = withNpu && index % npuEvery === npuEvery - 1;
  const [what, mutate] = random.pick(isNpu ? npuMutations : mutations);
  return { what, ...(isNpu ? { npu: true } : {}), ...mutate(random) };
}

function versions(what: string, base: Files, file: string, contents: readonly (Uint8Array | string)[]): BadBundle[] {
  return contents.map((content, index) => ({ what: `${what}, version ${index}`, files: { ...base, [file]: content } }));
}

const headers = [12, 16, 24, 32].flatMap((at) =>
  [0n, 1n, 2n ** 32n - 1n, 2n ** 63n, 2n ** 64n - 1n].map((value) =>
    changed(llama['model.pte'], (copy) => copy.writeBigUInt64LE(value, at)),
  ),
);
const magics = ['ET11', 'ET13', 'FT01', 'GGUF', '\0\0\0\0'].map((magic) =>
  changed(llama['model.pte'], (copy) => copy.write(magic, 4, 'latin1')),
);

/** Programs with overlapping or missing segments. */
function misplaced(bytes: Buffer): readonly Buffer[] {
  const end = programEnd(bytes);
  const { segments } = readProgram(bytes.subarray(0, end));
  const wanted = segments.filter(({ offset, size }) => offset > 0n && size > 0n).slice(0, 3);
  return wanted.flatMap(({ offset, size }) => {
    const needle = Buffer.alloc(16);
    needle.writeBigUInt64LE(offset, 0);
    needle.writeBigUInt64LE(size, 8);
    return [0n, offset - 1n, 2n ** 63n].map((to) =>
      changed(bytes, (copy) => {
        // Offset and size are in one table, in the writer's order.
        const [plain = -1, swapped = -1] = [needle, Buffer.concat([needle.subarray(8), needle.subarray(0, 8)])].map(
          (order) => copy.subarray(0, end).indexOf(order),
        );
        if (plain < 0 && swapped < 0) throw new Error('The segment is not where it was looked for');
        copy.writeBigUInt64LE(to, plain >= 0 ? plain : swapped + 8);
      }),
    );
  });
}

const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
const vocabulary = Object.fromEntries(Array.from({ length: 512 }, (_, id) => [`t${id}`, id]));
const tokenizer = (model: object, more: object = {}): string =>
  JSON.stringify({ model: { type: 'BPE', vocab: vocabulary, merges: [], ...model }, ...more });
const split = (pattern: string): string =>
  tokenizer({}, { pre_tokenizer: { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated' } });
const tokenizers: readonly string[] = [
  deep,
  `{"model":${deep}}`,
  '{"a":'.repeat(100_000),
  '',
  '{}',
  'null',
  '[]',
  '{"model":',
  '\u0000'.repeat(4096),
  tokenizer({ vocab: { ...vocabulary, far: 2 ** 31 } }),
  tokenizer({ vocab: { ...vocabulary, far: 2 ** 53 } }),
  tokenizer({ vocab: { ...vocabulary, far: -1 } }),
  tokenizer({ vocab: { ...vocabulary, far: 0.5 } }),
  tokenizer({ vocab: { ...vocabulary, far: '1' } }),
  tokenizer({ vocab: { ['a'.repeat(20_000)]: 0 } }),
  tokenizer({ merges: [['a']] }),
  tokenizer({ merges: 'a b' }),
  tokenizer({ type: 'Mystery' }),
  tokenizer({}, { added_tokens: [{ id: 2 ** 31, content: '<x>' }] }),
  tokenizer({}, { added_tokens: [{ id: 3, content: '' }] }),
  tokenizer({}, { normalizer: { type: 'Mystery' } }),
  tokenizer({}, { pre_tokenizer: { type: 'Sequence', pretokenizers: [] } }),
  split('('),
  split('(a+)+$'),
  split('(a|aa)+$'),
  split('(?<=(a+)+)b'),
  split('[\\s\\S]*[\\s\\S]*[\\s\\S]*c'),
];
const manifests: readonly string[] = [
  deep,
  `{"name":${deep}}`,
  '{',
  'null',
  '{"name":1}',
  '{"name":"x","program":"../../etc/passwd"}',
  '{"name":"x","program":"/etc/passwd"}',
  '{"name":"x","tokenizer":"..\\\\..\\\\x"}',
  '{"name":"x","data":["../x.ptd"]}',
  `{"name":"${'x'.repeat(1_000_000)}"}`,
  '{"name":"x","chatTemplate":"{% for i in range(1000000000) %}x{% endfor %}"}',
  '{"name":"x","chatTemplate":"{{ "}',
  '{"__proto__":{"name":"x"}}',
];
const templates: readonly string[] = [
  '{% for i in range(1000000000) %}x{% endfor %}',
  '{% for m in messages %}{{ raise_exception("no") }}{% endfor %}',
  '{{ messages[0].content * 1000000000 }}',
  '{% if '.repeat(10_000),
  `{{ ${'('.repeat(20_000)} }}`,
  '{{ namespace.constructor.constructor("return process")().exit(1) }}',
];
/** Lines of base64 and rank: bad base64, no rank, huge, negative or repeated ranks. */
const ranks: readonly string[] = [
  'IQ== 0\n*** 1\n',
  'IQ==\nIg== 1\n',
  'IQ== 0\nIg== 2147483648\n',
  'IQ== 0\nIg== -1\n',
  'IQ== 0\nIg== 0\n',
  `${'QUFB'.repeat(10_000)} 0\n`,
];
/** A piece longer than the file, and lengths of ten bytes. */
const pieces: readonly Uint8Array[] = [
  Uint8Array.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x0a, 1, 0x61),
  Uint8Array.of(0x0a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01),
  Buffer.alloc(100_000, Uint8Array.of(0x0a, 0)),
];

const evil = (...entries: readonly ZipEntry[]): Buffer =>
  zip([{ name: 'model.pte', data: 'program' }, { name: 'tokenizer.json', data: '{}' }, ...entries]);
const archives: readonly Buffer[] = [
  ...['../evil.pte', 'a/../../evil.pte', '..\\evil.pte', '/evil.pte', '//server/share/evil.pte', 'C:\\evil.pte'].map(
    (name) => evil({ name, data: 'x' }),
  ),
  ...['con.pte', 'model.pte:stream', 'a//b.pte', `${'a/'.repeat(500)}b.pte`, 'inner.zip', 'MODEL.PTE'].map((name) =>
    evil({ name, data: 'x' }),
  ),
  evil({ name: 'link.pte', data: '/etc/passwd', mode: 0o120777 }),
  evil({ name: 'a', data: '..', mode: 0o120777 }),
  evil({ name: 'pipe.pte', mode: 0o010666 }),
  evil({ name: 'w.ptd', data: Buffer.alloc(64 * 2 ** 20) }),
  evil({ name: 'w.ptd', data: 'x', claims: { size: 2 ** 52 }, zip64: true }),
  evil({ name: 'w.ptd', data: 'x', claims: { size: 2 ** 31 } }),
  evil({ name: 'w.ptd', data: 'x'.repeat(1000), claims: { size: 2 } }),
  evil({ name: 'w.ptd', data: 'x', claims: { crc: 1 } }),
  evil({ name: 'w.ptd', data: 'x', flags: 0x801 }),
  evil({ name: 'w.ptd', data: 'x', method: 93 }),
  evil(...Array.from({ length: 50 }, (_, index): ZipEntry => ({ name: `${index}.ptd`, data: 'x', dataOf: 0 }))),
  evil(...Array.from({ length: 10_001 }, (_, index): ZipEntry => ({ name: `${index}.txt` }))),
  zip([], { entryCount: 60_000 }),
  Buffer.alloc(0),
];

/** Cases that random damage would not find. */
export const written: readonly BadBundle[] = [
  ...versions('a program with another header', llama, 'model.pte', headers),
  ...versions('a program of another kind', llama, 'model.pte', magics),
  ...versions('a program whose parts lie over each other', llama, 'model.pte', misplaced(llama['model.pte'])),
  ...versions('a wrong tokenizer.json', { 'model.pte': llama['model.pte'] }, 'tokenizer.json', tokenizers),
  ...versions('wrong tiktoken ranks', llama, 'tokenizer.model', ranks),
  ...versions('a wrong SentencePiece model', llama, 'tokenizer.model', pieces),
  ...versions('a wrong manifest', llama, 'wyvern.json', manifests),
  ...versions('a wrong chat template', llama, 'chat_template.jinja', templates),
  ...versions('a wrong tokenizer_config.json', llama, 'tokenizer_config.json', [deep, '{"chat_template":1}', 'null']),
  ...versions('a wrong archive', {}, 'model.zip', archives),
];
