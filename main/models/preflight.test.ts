import fc from 'fast-check';
import { closeSync, ftruncateSync, mkdtempSync, openSync, readSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EngineFailure } from '../engine/errors.ts';
import { dataHead, defaultFolder, fixtureFolder, programHead } from '../engine/testing/bundles.ts';
import { programFor } from '../testing/repositories.ts';
import { checkDataFile, checkDataHead, checkProgramFile, checkProgramHead, PreflightError } from './preflight.ts';

const folder = mkdtempSync(join(tmpdir(), 'wyvern-preflight-'));

function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

async function codeOf(check: Promise<unknown>): Promise<string | undefined> {
  try {
    await check;
    return undefined;
  } catch (error) {
    return error instanceof EngineFailure ? error.code : String(error);
  }
}

function changed(head: Uint8Array, change: (view: DataView) => void): Uint8Array {
  const copy = Uint8Array.from(head);
  change(new DataView(copy.buffer));
  return copy;
}

test('real programs and weights pass', async () => {
  await checkProgramFile(join(fixtureFolder, 'model.pte'));
  await checkProgramFile(join(defaultFolder, 'model.pte'));
  await checkDataFile(join(defaultFolder, 'model.ptd'));
});

describe('a package for ExecuTorch’s native runtime is named', () => {
  const archive = Buffer.alloc(4096);
  archive.write('PK\x03\x04', 0, 'latin1');
  archive.write('program.ptg', 30, 'latin1');
  const graph = Buffer.alloc(4096);
  graph.write('NPTG', 4, 'latin1');
  test.each([
    ['by its name', 'model.PTN', Buffer.alloc(4096)],
    ['by its content', 'package.pte', archive],
    ['as the graph alone', 'graph.pte', graph],
  ])('%s', async (_how, name, bytes) => {
    await expect(checkProgramFile(file(name, bytes))).rejects.toMatchObject({
      code: 'model-unsupported',
      message: expect.stringContaining('native runtime') as string,
    });
  });
});

const nativeFixtures = join(import.meta.dirname, '../../native/test/fixtures');

test.each([
  ['external-cache', 'and returns logits alone', 3],
  ['external-cache-returned', 'and returns it whole', 4],
  ['external-cache-new-slots', 'and returns its new slots', 4],
  ['external-cache-masked', 'with a mask, and returns it whole', 5],
])('%s, which takes its KV cache as inputs %s, is named', async (name, _form, inputs) => {
  await expect(checkProgramFile(join(nativeFixtures, `${name}.pte`))).rejects.toMatchObject({
    code: 'model-unsupported',
    message: expect.stringContaining(
      `it keeps no KV cache and takes it as inputs, of which it has ${inputs}.`,
    ) as string,
  });
});

test('older programs of QNN’s static flow, which take caches too, pass', async () => {
  const { methods } = await checkProgramFile(join(nativeFixtures, 'static-older.pte'));
  expect(methods.map(({ name }) => name)).toContain('forward');
});

test('a speech model is named with its methods', async () => {
  const whisper = join(fixtureFolder, '../optimum/whisper.pte');
  await expect(checkProgramFile(whisper)).rejects.toMatchObject({
    code: 'model-unsupported',
    message: expect.stringContaining('such as Whisper: its methods are encoder, sampler, text_decoder.') as string,
    hint: 'Choose the program of a language model.',
  });
});

test.each([
  ['foreign-ggml', 'GGML, the library of llama.cpp'],
  ['foreign-mediatek', 'MediaTek NPU'],
])('%s, which upstream’s exporter wrote, is refused by its backend’s name', async (program, name) => {
  await expect(checkProgramFile(join(nativeFixtures, `${program}.pte`))).rejects.toMatchObject({
    code: 'backend-missing',
    message: expect.stringContaining(`it was made for ${name}.`) as string,
  });
});

test.each([
  ['EnnBackend', 'Samsung NPU'],
  ['NativeBackend', 'ExecuTorch’s native runtime'],
  ['SomebodysBackend', 'SomebodysBackend'],
])('a program for %s is refused by the backend’s name', async (id, name) => {
  await expect(checkProgramFile(file(`${id}.pte`, programFor(id)))).rejects.toMatchObject({
    code: 'backend-missing',
    message: expect.stringContaining(`it was made for ${name}.`) as string,
  });
});

test.each([
  ['nothing', new Uint8Array(), 'model-invalid'],
  ['ten bytes', new Uint8Array(10), 'model-invalid'],
  ['zeros', new Uint8Array(4096), 'model-invalid'],
  ['a text', Buffer.from('<!doctype html>'.padEnd(4096)), 'model-invalid'],
  ['weights', dataHead(), 'model-invalid'],
  ['a program of a later format', changed(programHead(), (view) => view.setUint8(7, 0x33)), 'model-unsupported'],
  ['a header that is too short', changed(programHead(), (view) => view.setUint32(12, 8, true)), 'model-invalid'],
  [
    'a program larger than its file',
    changed(programHead(), (view) => view.setBigUint64(16, 2n ** 63n, true)),
    'model-invalid',
  ],
  [
    'segments beyond the file',
    changed(programHead(), (view) => view.setBigUint64(32, 2n ** 64n - 1n, true)),
    'model-invalid',
  ],
  ['segments inside the program', changed(programHead(), (view) => view.setBigUint64(24, 4n, true)), 'model-invalid'],
  ['a root outside the program', changed(programHead(), (view) => view.setUint32(0, 128, true)), 'model-invalid'],
])('a .pte that is %s is refused with a code', async (name, bytes, code) => {
  expect(await codeOf(checkProgramFile(file(`${name.replaceAll(' ', '-')}.pte`, bytes)))).toBe(code);
});

test.each([
  ['a program', programHead()],
  ['cut short', dataHead(4096).subarray(0, 200)],
  ['one whose weights lie over its description', changed(dataHead(), (view) => view.setBigUint64(32, 8n, true))],
  ['wrong in its offsets', changed(dataHead(), (view) => view.setBigUint64(24, 2n ** 63n, true))],
])('a .ptd that is %s is refused with a code', async (name, bytes) => {
  expect(await codeOf(checkDataFile(file(`${name.replaceAll(' ', '-')}.ptd`, bytes)))).toBe('model-invalid');
});

test('reports an unreadable file', async () => {
  expect(await codeOf(checkProgramFile(join(folder, 'missing.pte')))).toBe('model-unreadable');
  expect(await codeOf(checkProgramFile(folder))).toMatch(/^model-(unreadable|invalid)$/);
});

describe('a program cut anywhere', () => {
  const path = join(fixtureFolder, 'model.pte');
  const { size } = statSync(path);
  const source = openSync(path, 'r');
  const whole = new Uint8Array(size);
  readSync(source, whole, 0, size, 0);
  closeSync(source);

  test('is refused', async () => {
    const target = file('cut.pte', whole);
    for (const length of [size - 1, size - 4096, Math.floor(size / 2), 65, 64, 63, 8, 1]) {
      const descriptor = openSync(target, 'r+');
      ftruncateSync(descriptor, length);
      closeSync(descriptor);
      expect({ length, code: await codeOf(checkProgramFile(target)) }).toEqual({ length, code: 'model-invalid' });
    }
  });
});

test('any head either passes or gives an error that names its fault', () => {
  const head = fc.oneof(
    fc.uint8Array({ minLength: 64, maxLength: 64 }),
    ...[programHead(64), dataHead(128).slice(0, 64)].map((valid) =>
      fc
        .array(fc.tuple(fc.nat(63), fc.nat(255)), { maxLength: 6 })
        .map((edits) => edits.reduce((bytes, [at, value]) => bytes.with(at, value), valid)),
    ),
  );
  fc.assert(
    fc.property(head, fc.bigInt(0n, 2n ** 63n), (bytes, size) => {
      for (const check of [checkProgramHead, checkDataHead]) {
        try {
          check(bytes, size);
        } catch (error) {
          expect(error).toBeInstanceOf(PreflightError);
        }
      }
    }),
    { numRuns: 20_000 },
  );
});
