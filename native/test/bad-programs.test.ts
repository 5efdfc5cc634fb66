import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { every, FlatBuffer } from '../../main/models/program/flat-buffer.ts';
import { addon, codeOf, fixturePath, load } from './addon.ts';

const folder = mkdtempSync(join(tmpdir(), 'wyvern-programs-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A copy of a fixture with every `from` replaced by `to`, a string of the same length. */
function patched(name: string, from: string, to: string): string {
  const bytes = readFileSync(fixturePath(name));
  let at = bytes.indexOf(from);
  if (at < 0 || from.length !== to.length) throw new Error(`${name} does not contain ${from}`);
  for (; at >= 0; at = bytes.indexOf(from, at + 1)) bytes.write(to, at, 'latin1');
  const path = join(folder, `${to.replaceAll(':', '')}.pte`);
  writeFileSync(path, bytes);
  return path;
}

/** Fields of `program.fbs`: a method's fields, and the kinds of values. */
const [name, values, valueType, int] = [0, 2, 0, 2];
const argumentsOf = { input: 3, output: 4 };

/** Copies a program and replaces the first argument or result of `forward` with a number. */
function withNumber(program: string, as: keyof typeof argumentsOf): string {
  const bytes = readFileSync(fixturePath(program));
  const methods = every(new FlatBuffer(bytes).root().tables(1), 100);
  const forward = methods.find((method) => method.string(name) === 'forward');
  if (forward === undefined) throw new Error(`${program} has no forward`);
  const number = every(forward.tables(values), 100_000).findIndex((value) => value.u8(valueType) === int);
  if (number < 0) throw new Error(`${program} has no number`);
  const { buffer, byteOffset } = forward.byteVector(argumentsOf[as]);
  new DataView(buffer, byteOffset).setInt32(0, number, true);
  const path = join(folder, `number-as-${as}.pte`);
  writeFileSync(path, bytes);
  return path;
}

async function failure(programPath: string, dataPaths: string[] = []): Promise<{ code: string; message: string }> {
  const error = await addon.Model.load({ programPath, dataPaths }).then(
    () => new Error('It loaded.'),
    (reason: unknown) => reason as Error & { code: string },
  );
  return { code: 'code' in error ? error.code : '', message: error.message };
}

test('the error names a missing file', async () => {
  const path = join(folder, 'nowhere.pte');
  const { code, message } = await failure(path);
  expect(code).toBe('file-not-found');
  expect(message).toContain(path);
});

test('the error names a file that it cannot read', async () => {
  writeFileSync(join(folder, 'empty.pte'), '');
  expect((await failure(folder)).code).toBe('file-unreadable');
  expect((await failure(join(folder, 'empty.pte'))).code).toBe('file-unreadable');
});

test('loads from paths with spaces and letters of any script', async () => {
  const path = join(folder, 'my modèle 竜.pte');
  writeFileSync(path, readFileSync(fixturePath('dynamic.pte')));
  const model = await addon.Model.load({ programPath: path });
  await model.close();
});

describe('refuses a damaged program', () => {
  test('that is another kind of file', async () => {
    expect((await failure(fixturePath('bpe.model'))).code).toBe('program-invalid');
    expect((await failure(fixturePath('external-weights.ptd'))).code).toBe('program-invalid');
  });

  test.each([0.999, 0.9, 0.5, 0.1, 0.01])('that is cut to %f of its length', async (part) => {
    const path = join(folder, `cut-${part}.pte`);
    const bytes = readFileSync(fixturePath('dynamic.pte'));
    writeFileSync(path, bytes);
    truncateSync(path, Math.floor(bytes.length * part));
    expect((await failure(path)).code).toBe('program-invalid');
  });

  /**
   * Minimal verification accepts this file: header and identifier are intact, only a table's offset points outside. If
   * the addon refuses it, full verification is enabled.
   */
  test('whose damage only full verification finds', async () => {
    const bytes = readFileSync(fixturePath('dynamic.pte'));
    const root = bytes.readUInt32LE(0);
    bytes.writeInt32LE(0x40000000, root);
    const path = join(folder, 'canary.pte');
    writeFileSync(path, bytes);
    const { code, message } = await failure(path);
    expect(code).toBe('program-invalid');
    expect(message).toMatch(/verif/i);
  });
});

describe('the error names missing', () => {
  test('operators', async () => {
    const { code, message } = await failure(patched('dynamic.pte', 'aten::bmm', 'wyvn::bmm'));
    expect(code).toBe('operator-missing');
    expect(message).toContain('wyvn::bmm.out');
  });

  test('backends', async () => {
    const { code, message } = await failure(patched('dynamic-xnnpack.pte', 'XnnpackBackend', 'XnnpackBackenD'));
    expect(code).toBe('backend-missing');
    expect(message).toContain('XnnpackBackenD');
  });

  test('weights', async () => {
    expect((await failure(fixturePath('external-weights.pte'))).code).toBe('data-missing');
  });

  test('weights if the file is for another program', async () => {
    const bytes = readFileSync(fixturePath('external-weights.ptd'));
    const path = join(folder, 'damaged.ptd');
    writeFileSync(path, bytes.subarray(0, 100));
    expect((await failure(fixturePath('external-weights.pte'), [path])).code).toBe('data-missing');
    expect((await failure(fixturePath('external-weights.pte'), [fixturePath('bpe.model')])).code).toBe('data-missing');
  });
});

test('NaN in the weights fails the step with a reason', async () => {
  const bytes = readFileSync(fixturePath('external-weights.ptd'));
  const segments = Number(bytes.readBigUInt64LE(32));
  const path = join(folder, 'nan.ptd');
  // All bits set is NaN in every floating point type.
  writeFileSync(path, bytes.fill(0xff, segments));
  const model = await load('external-weights', { dataPaths: [path] });
  await model.prefill(Int32Array.of(1, 2, 3));
  expect(await codeOf(() => model.next(new addon.Sampler()))).toBe('execution-failed');
  await model.close();
});

describe('refuses programs of another convention with the reason', () => {
  test.each([
    ['three-inputs', /input 2 of `forward` is not int64 of shape \[1\]/],
    ['external-cache', /takes it as inputs, of which it has 3/],
    ['external-cache-returned', /takes it as inputs, of which it has 4/],
    ['external-cache-new-slots', /takes it as inputs, of which it has 4/],
    ['external-cache-masked', /takes it as inputs, of which it has 5/],
    ['no-cache-static-last', /every position/],
  ])('%s', async (name, reason) => {
    expect(await codeOf(() => load(name))).toBe('program-unsupported');
    expect((await failure(fixturePath(`${name}.pte`))).message).toMatch(reason);
  });

  test.each([
    ['input', /input 0 of `forward` is neither an int64 nor a float32 tensor/],
    ['output', /`forward` gives no tensor/],
  ] as const)('a number as %s', async (as, reason) => {
    const { code, message } = await failure(withNumber('dynamic.pte', as));
    expect(code).toBe('program-unsupported');
    expect(message).toMatch(reason);
  });

  test('without forward', async () => {
    expect((await failure(patched('dynamic.pte', 'forward', 'frowned'))).code).toBe('program-unsupported');
  });
});
