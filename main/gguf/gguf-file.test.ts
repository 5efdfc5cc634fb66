import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isGguf, openGguf } from './gguf-file.ts';
import { ggufBytes, writeGguf, type TestGguf } from './testing/write-gguf.ts';

const folder = mkdtempSync(join(tmpdir(), 'gguf-'));
let files = 0;
function written(content: TestGguf | Uint8Array): string {
  const path = join(folder, `${files++}.gguf`);
  writeFileSync(path, content instanceof Uint8Array ? content : ggufBytes(content));
  return path;
}

const f32 = 0;
const q4_0 = 2;
const numbers = { name: 'numbers', type: f32, dimensions: [2], data: new Uint8Array(8) };
const blocks = { name: 'blocks', type: q4_0, dimensions: [64, 3], data: new Uint8Array(3 * 2 * 18) };

describe('a GGUF file', () => {
  it.each([2, 3])('of version %d gives its metadata and the places of its tensors', async (version) => {
    const path = written({
      version,
      metadata: {
        'general.name': 'Näme',
        count: 7,
        big: 2n ** 40n,
        yes: true,
        list: ['a', ''],
        floats: { f32s: [0.5, 1] },
      },
      tensors: [numbers, blocks],
    });
    const { metadata, tensors } = await openGguf(path);
    expect(metadata.text('general.name')).toBe('Näme');
    expect(metadata.integer('count', 0, 10)).toBe(7);
    expect(metadata.number('big')).toBe(2 ** 40);
    expect(metadata.flag('yes')).toBe(true);
    expect(metadata.texts('list')).toEqual(['a', '']);
    expect(metadata.numbers('floats')).toEqual([0.5, 1]);
    const { place, ...facts } = tensors.get('blocks')!;
    expect(facts).toMatchObject({ width: 64, rows: 3, rowBytes: 36, type: { name: 'Q4_0' } });
    expect(place.offset - tensors.get('numbers')!.place.offset).toBe(32);
  });

  it('may place its tensors at any alignment', async () => {
    const { tensors } = await openGguf(written({ alignment: 4096, tensors: [numbers, blocks] }));
    expect(tensors.get('blocks')!.place.offset % 4096).toBe(0);
  });

  it('is recognised by its first bytes, not by its name', async () => {
    const blob = join(folder, 'sha256-00ff');
    writeGguf(blob, {});
    expect(await isGguf(blob)).toBe(true);
    expect(await isGguf(written(Buffer.from('GGU')))).toBe(false);
    expect(await isGguf(folder)).toBe(false);
    expect(await isGguf(join(folder, 'absent'))).toBe(false);
  });

  it('that is still being downloaded says how much is missing', async () => {
    const whole = ggufBytes({ tensors: [numbers, blocks] });
    await expect(openGguf(written(whole.subarray(0, whole.length - 64)))).rejects.toMatchObject({
      code: 'gguf-incomplete',
      message: expect.stringMatching(/lacks the last \d+ bytes/) as unknown,
    });
    await expect(openGguf(written(whole.subarray(0, 60)))).rejects.toMatchObject({ code: 'gguf-incomplete' });
    await expect(openGguf(written(new Uint8Array()))).rejects.toMatchObject({ code: 'gguf-incomplete' });
  });

  it.each<readonly [string, TestGguf | Uint8Array, RegExp]>([
    ['another file', Buffer.alloc(64), /does not begin with “GGUF”/],
    ['two tensors of one name', { tensors: [numbers, numbers] }, /two tensors “numbers”/],
    ['a tensor without dimensions', { tensors: [{ ...numbers, dimensions: [] }] }, /0 dimensions/],
    ['a dimension of 0', { tensors: [{ ...numbers, dimensions: [0] }] }, /dimension of 0/],
    [
      'a dimension beyond 2^31',
      { tensors: [{ ...numbers, dimensions: [2n ** 63n] }] },
      /dimension of 9223372036854775808/,
    ],
    [
      'a tensor larger than any file',
      { tensors: [{ ...numbers, dimensions: [2n ** 30n, 2n ** 30n, 2n ** 30n] }] },
      /larger than any file/,
    ],
    ['half a block', { tensors: [{ ...blocks, dimensions: [48, 3] }] }, /no multiple of a block of 32/],
    ['an alignment that is none', { alignment: 7, tensors: [numbers] }, /multiple of 8/],
  ])('with %s is refused', async (_, content, reason) => {
    await expect(openGguf(written(content))).rejects.toMatchObject({
      code: 'model-invalid',
      message: expect.stringMatching(reason) as unknown,
    });
  });

  it.each<readonly [string, TestGguf, RegExp]>([
    ['of version 1', { version: 1 }, /version 1/],
    ['with big-endian numbers', { version: 3 * 2 ** 24 }, /big-endian/],
    ['with ternary weights', { tensors: [{ ...numbers, name: 'blk.0.attn_q.weight', type: 34 }] }, /TQ1_0/],
    ['with weights of an unknown type', { tensors: [{ ...numbers, type: 4000 }] }, /type 4000/],
  ])('%s is refused by name', async (_, content, reason) => {
    await expect(openGguf(written(content))).rejects.toMatchObject({
      code: 'gguf-unsupported',
      message: expect.stringMatching(reason) as unknown,
    });
  });

  it('claims no more than it has: counts are checked before anything is allocated', async () => {
    const bytes = ggufBytes({ metadata: { list: ['a'] } });
    // The list's count is 8 bytes before the length of its first text.
    bytes.writeBigUInt64LE(2n ** 21n, bytes.indexOf('list') + 4 + 4 + 4);
    await expect(openGguf(written(bytes))).rejects.toMatchObject({ code: 'gguf-incomplete' });
    const tensors = ggufBytes({});
    tensors.writeBigUInt64LE(2n ** 63n, 8);
    await expect(openGguf(written(tensors))).rejects.toMatchObject({ code: 'model-invalid' });
  });
});

describe('a split GGUF', () => {
  const part = (index: number, count: number): string => `big-0000${index + 1}-of-0000${count}.gguf`;
  function split(name: string, parts: readonly TestGguf[]): string[] {
    const inside = mkdtempSync(join(folder, `${name}-`));
    return parts.map((content, index) => {
      const path = join(inside, part(index, parts.length));
      writeGguf(path, content);
      return path;
    });
  }
  const marks = (index: number): Readonly<Record<string, number>> => ({
    'split.no': index,
    'split.count': 2,
    'split.tensors.count': 2,
  });
  const first = { metadata: { ...marks(0), 'general.name': 'big' }, tensors: [numbers] };
  const second = { metadata: marks(1), tensors: [blocks] };

  it('is one model, whichever part is named', async () => {
    const paths = split('whole', [first, second]);
    for (const path of paths) {
      const { metadata, tensors, path: opened } = await openGguf(path);
      expect(opened).toBe(paths[0]);
      expect(metadata.text('general.name')).toBe('big');
      expect([...tensors.values()].map(({ place }) => place.path)).toEqual(paths);
    }
  });

  it('without one of its parts names the missing file', async () => {
    const inside = mkdtempSync(join(folder, 'half-'));
    const path = join(inside, part(1, 2));
    writeGguf(path, second);
    await expect(openGguf(path)).rejects.toMatchObject({
      code: 'gguf-incomplete',
      message: expect.stringContaining('“big-00001-of-00002.gguf” of its 2 parts is missing') as unknown,
    });
  });

  it('whose parts have other names says how they must be named', async () => {
    await expect(openGguf(written(first))).rejects.toMatchObject({
      code: 'gguf-incomplete',
      hint: expect.stringContaining('names') as unknown,
    });
  });

  it('with parts of two models is refused', async () => {
    const paths = split('mixed', [first, { metadata: marks(0), tensors: [blocks] }]);
    await expect(openGguf(paths[0]!)).rejects.toMatchObject({ code: 'model-invalid' });
    const twice = split('twice', [first, { metadata: marks(1), tensors: [numbers] }]);
    await expect(openGguf(twice[0]!)).rejects.toMatchObject({ code: 'model-invalid' });
  });
});
