/** Zips of people and attackers. A refused archive writes nothing, in its folder or outside. */
import fc from 'fast-check';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { toAppError } from '../../app-error.ts';
import { zip, type ZipEntry } from '../../testing/zip.ts';
import { unpack } from './archive.ts';

let outside: string;
let folder: string;
beforeEach(() => {
  outside = mkdtempSync(join(tmpdir(), 'wyvern zip ü-'));
  folder = join(outside, 'in', 'here');
  mkdirSync(folder, { recursive: true });
});
afterEach(() => rmSync(outside, { recursive: true, force: true }));

const path = (): string => join(outside, 'a.zip');
const signal = new AbortController().signal;
async function unpacked(archive: Uint8Array): Promise<string> {
  writeFileSync(path(), archive);
  return await unpack(path(), folder, { signal, onProgress: () => undefined }).then(
    () => 'unpacked',
    (cause: unknown) => toAppError(cause).code,
  );
}
/** Every file below the test's folder but the archive. */
const written = (): readonly string[] =>
  readdirSync(outside, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'a.zip')
    .map(({ parentPath, name }) =>
      join(parentPath, name)
        .slice(outside.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort();

const model: readonly ZipEntry[] = [
  { name: 'model.pte', data: 'program' },
  { name: 'tokenizer.json', data: '{}' },
];
const evil = (entry: ZipEntry): Buffer => zip([...model, entry]);
const bomb = Buffer.alloc(9 * 2 ** 20);

describe('unpacking', () => {
  test('parts of a model, with their folders; nothing else', async () => {
    const archive = zip(
      [
        { name: 'tiny/' },
        { name: 'tiny/model.pte', data: 'program' },
        { name: 'tiny\\weights.ptd', data: 'weights', method: 0 },
        { name: 'tiny/ümläut.model', data: 'pieces' },
        { name: 'tiny/special.json', data: '{}', zip64: true },
        { name: 'tiny/README.md', data: 'Read me' },
        { name: '__MACOSX/._model.pte', data: 'x' },
        { name: 'tiny/__MACOSX/._model.pte', data: 'x' },
        { name: 'tiny/._model.pte', data: 'x' },
      ],
      { comment: 'PK\x05\x06 in a comment' },
    );
    expect(await unpacked(archive)).toBe('unpacked');
    const names = ['model.pte', 'special.json', 'weights.ptd', 'ümläut.model'];
    expect(written()).toEqual(names.map((name) => `in/here/tiny/${name}`));
    expect(readFileSync(join(folder, 'tiny/weights.ptd'), 'utf8')).toBe('weights');
  });

  test('names that begin with “./”, as tar.exe on Windows writes them', async () => {
    const names = ['./', './tiny/', './tiny/model.pte', './tiny/./tokenizer.model', 'tiny/README.md'];
    expect(await unpacked(zip(names.map((name) => ({ name, data: name.endsWith('/') ? '' : 'data' }))))).toBe(
      'unpacked',
    );
    expect(written()).toEqual(['in/here/tiny/model.pte', 'in/here/tiny/tokenizer.model']);
  });

  test('not two names for one file, one of them with “./”', async () => {
    const archive = zip([...model, { name: './model.pte', data: 'other' }]);
    expect(await unpacked(archive)).toBe('archive-unsafe');
    expect(written()).toEqual([]);
  });

  test('any bytes without change, with progress to the end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300_000 }),
        fc.constantFrom(0, 8),
        fc.boolean(),
        async (data, method, zip64) => {
          rmSync(folder, { recursive: true, force: true });
          mkdirSync(folder);
          writeFileSync(path(), zip([{ name: 'model.pte', data, method, zip64 }]));
          let last = { bytesDone: 0, bytesTotal: data.length };
          await unpack(path(), folder, { signal, onProgress: (progress) => (last = progress) });
          expect(last).toMatchObject({ bytesDone: data.length, bytesTotal: data.length });
          expect(readFileSync(join(folder, 'model.pte')).equals(data)).toBe(true);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('small weights that are mostly zeros', async () => {
    expect(await unpacked(evil({ name: 'w.ptd', data: Buffer.alloc(2 ** 20) }))).toBe('unpacked');
  });

  test('until it is cancelled', async () => {
    const stop = new AbortController();
    writeFileSync(
      path(),
      zip([
        { name: 'a.pte', data: Buffer.alloc(200_000, 7) },
        { name: 'b.ptd', data: 'b' },
      ]),
    );
    const unpacking = unpack(path(), folder, { signal: stop.signal, onProgress: () => stop.abort() });
    await expect(unpacking).rejects.toMatchObject({ name: 'AbortError' });
    expect(written()).not.toContain('in/here/b.ptd');
  });
});

test('cancelled or damaged at any moment, it rejects once', async () => {
  const data = Buffer.from(Array.from({ length: 400_000 }, (_, index) => (index * 2654435761) >>> 24));
  const whole = zip([
    { name: 'a.pte', data },
    { name: 'b.ptd', data },
  ]);
  const broken = Buffer.from(whole).fill(0xff, 5000, 5100);
  for (const archive of [whole, broken]) {
    for (let turns = 0; turns < 40; turns++) {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder);
      writeFileSync(path(), archive);
      const stop = new AbortController();
      const unpacking = unpack(path(), folder, { signal: stop.signal, onProgress: () => undefined }).then(
        () => 'unpacked',
        (cause: unknown) =>
          cause instanceof Error && cause.name === 'AbortError' ? 'stopped' : toAppError(cause).code,
      );
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      stop.abort();
      expect(['unpacked', 'stopped', 'archive-invalid']).toContain(await unpacking);
    }
  }
});

const many = Array.from({ length: 10_001 }, (_, index): ZipEntry => ({ name: `${index}.txt` }));
const names = (list: readonly string[]): readonly (readonly [string, Buffer])[] =>
  list.map((name) => [JSON.stringify(name), evil({ name, data: 'x' })]);

const unsafe: Readonly<Record<string, readonly (readonly [string, Buffer])[]>> = {
  'names that lead out of the folder': names([
    '../evil.pte',
    '../../evil.pte',
    'a/../../evil.pte',
    'a/b/../../../evil.pte',
    '..',
    'a/..',
    '..\\evil.pte',
    'a\\..\\..\\evil.pte',
    'a/..\\../evil.pte',
    '../',
    './../evil.pte',
  ]),
  'absolute names': names(['/evil.pte', '//server/share/evil.pte', '\\evil.pte', '\\\\server\\share\\evil.pte', '/']),
  'names with a drive': names(['C:evil.pte', 'C:/evil.pte', 'c:\\evil.pte', 'z:/x/../evil.pte']),
  'names that no disk of Windows holds': names([
    'model.pte:stream',
    'a/b:c.pte',
    'con.pte',
    'a/NUL.json',
    'com1.model',
    'LPT9',
    'aux/model.pte',
    'model.pte.',
    'model.pte ',
    'a./model.pte',
    'a//model.pte',
    'model\u0000.pte',
    'model\n.pte',
    'what?.pte',
    'all*.pte',
    '<x>.pte',
    'a|b.pte',
    '"x".pte',
    `${'x'.repeat(300)}.pte`,
  ]),
  'folders without end': names([`${'a/'.repeat(50)}model.pte`]),
  'names that some disk takes for one': [
    ['the same', evil({ name: 'model.pte', data: 'y' })],
    ['in capitals', evil({ name: 'MODEL.PTE', data: 'y' })],
    [
      'folders in capitals',
      zip([
        { name: 'a/model.pte', data: 'x' },
        { name: 'A/model.pte', data: 'y' },
      ]),
    ],
    [
      'composed otherwise',
      zip([
        { name: 'ü.pte', data: 'x' },
        { name: 'u\u0308.pte', data: 'y' },
      ]),
    ],
    [
      'a compatible letter',
      zip([
        { name: 'file.pte', data: 'x' },
        { name: 'ﬁle.pte', data: 'y' },
      ]),
    ],
    [
      'slash and backslash',
      zip([
        { name: 'a/model.pte', data: 'x' },
        { name: 'a\\model.pte', data: 'y' },
      ]),
    ],
    [
      'a file that is a folder',
      zip([
        { name: 'a', data: 'x' },
        { name: 'a/model.pte', data: 'y' },
      ]),
    ],
    [
      'a folder that is a file',
      zip([
        { name: 'a.pte/', data: '' },
        { name: 'a.pte', data: 'y' },
      ]),
    ],
  ],
  'entries that are not files': [
    ['a link', evil({ name: 'link.pte', data: '/etc/passwd', mode: 0o120777 })],
    ['a link to a folder', evil({ name: 'a', data: '..', mode: 0o120777 })],
    ['a link that is a folder', evil({ name: 'a/', data: '..', mode: 0o120777 })],
    ['a device', evil({ name: 'dev.pte', mode: 0o020666 })],
    ['a pipe', evil({ name: 'pipe.pte', mode: 0o010666 })],
    ['a socket', evil({ name: 'socket.pte', mode: 0o140666 })],
    ['a folder called a file', evil({ name: 'dir.pte', mode: 0o040755 })],
  ],
  'archives within': names(['inner.zip', 'a/Inner.ZIP', 'inner.7z', 'inner.tar', 'inner.tar.gz', 'inner.rar']),
  bombs: [
    ['nine megabytes of zeros', evil({ name: 'w.ptd', data: bomb })],
    ['the same in a file that no model uses', evil({ name: 'readme.txt', data: bomb })],
    ['a claim of all sizes', evil({ name: 'w.ptd', data: 'x', claims: { size: 2 ** 52 }, zip64: true })],
    [
      'a claim of petabytes',
      evil({ name: 'w.ptd', data: 'x', claims: { size: 2 ** 48, compressedSize: 2 ** 47 }, zip64: true }),
    ],
    [
      'many entries with the same data',
      zip([
        { name: 'a.ptd', data: 'x'.repeat(1000) },
        ...Array.from({ length: 50 }, (_, index): ZipEntry => ({
          name: `${index}.ptd`,
          data: 'x'.repeat(1000),
          dataOf: 0,
        })),
      ]),
    ],
    ['more entries than any model', zip(many)],
  ],
};

describe.each(Object.entries(unsafe))('%s are refused before anything is written', (_group, cases) => {
  test.each(cases)('%s', async (_name, archive) => {
    expect(await unpacked(archive)).toBe('archive-unsafe');
    expect(written()).toEqual([]);
  });
});

const good = zip([
  { name: 'model.pte', data: 'program '.repeat(100) },
  { name: 'tokenizer.json', data: '{}' },
]);
const endAt = good.length - 22;
const edited = (change: (copy: Buffer) => void): Buffer => {
  const copy = Buffer.from(good);
  change(copy);
  return copy;
};

describe('damage is reported', () => {
  test.each([
    ['nothing', Buffer.alloc(0)],
    ['no zip', Buffer.from('This is a text. '.repeat(10))],
    ['half an archive', good.subarray(0, good.length / 2)],
    ['only its end', good.subarray(endAt)],
    ['a directory beyond its end', edited((copy) => copy.writeUInt32LE(0x7fffffff, endAt + 16))],
    ['a directory at another place', edited((copy) => copy.writeUInt32LE(3, endAt + 16))],
    ['more entries than there are', zip(model, { entryCount: 60_000 })],
    ['several disks', edited((copy) => copy.writeUInt16LE(3, endAt + 4))],
    ['another checksum', zip([{ name: 'model.pte', data: 'x', claims: { crc: 1 } }])],
    ['more bytes than announced', zip([{ name: 'model.pte', data: 'xxxx', claims: { size: 2 } }])],
    ['fewer bytes than announced', zip([{ name: 'model.pte', data: 'xxxx', claims: { size: 20 } }])],
    [
      'more packed bytes than there are',
      zip([{ name: 'model.pte', data: 'xxxx', claims: { compressedSize: 2 ** 20 } }]),
    ],
    ['stored bytes of two sizes', zip([{ name: 'model.pte', data: 'xxxx', method: 0, claims: { size: 2 } }])],
    ['no deflate', edited((copy) => copy.fill(0xff, 39, 45))],
  ])('%s', async (_name, archive) => {
    expect(await unpacked(archive)).toBe('archive-invalid');
  });

  test('any truncation or changed byte ends in an error code, or in files below the folder', async () => {
    const damage = fc.oneof(
      fc.nat(good.length - 1).map((length) => good.subarray(0, length)),
      fc
        .array(fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 6 })
        .map((flips) =>
          edited((copy) => {
            for (const [at, value] of flips) copy[at] = (copy[at] ?? 0) ^ value;
          }),
        ),
    );
    await fc.assert(
      fc.asyncProperty(damage, async (archive) => {
        rmSync(folder, { recursive: true, force: true });
        mkdirSync(folder);
        expect(['unpacked', 'archive-invalid', 'archive-unsafe', 'archive-unsupported']).toContain(
          await unpacked(archive),
        );
        expect(written().every((name) => name.startsWith('in/here/'))).toBe(true);
      }),
      { numRuns: 150 * Number(process.env['WYVERN_FUZZ_SCALE'] ?? 1), seed: 20_261_125 },
    );
  });
});

describe('unsupported archives', () => {
  test.each([
    ['encrypted', evil({ name: 'w.ptd', data: 'x', flags: 0x801 })],
    ['strongly encrypted', evil({ name: 'w.ptd', data: 'x', flags: 0x841 })],
    ['with its directory encrypted', evil({ name: 'w.ptd', data: 'x', flags: 0x2800 })],
    ['LZMA', evil({ name: 'w.ptd', data: 'x', method: 14 })],
    ['Zstandard', evil({ name: 'w.ptd', data: 'x', method: 93 })],
  ])('%s', async (_name, archive) => {
    expect(await unpacked(archive)).toBe('archive-unsupported');
    expect(written()).toEqual([]);
  });
});

test('a missing archive is reported', async () => {
  const gone = unpack(join(outside, 'gone.zip'), folder, { signal, onProgress: () => undefined });
  expect(await gone.catch(toAppError)).toMatchObject({ code: 'files-not-found' });
});
