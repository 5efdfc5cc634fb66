import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { defaultFolder } from '../../engine/testing/bundles.ts';
import { FlatBufferError } from './flat-buffer.ts';
import { readProgram } from './program.ts';
import { readQnnOptions } from './qnn-options.ts';
import { qnnTarget } from './target.ts';
import { build } from './testing/build.ts';
import { methodOf, operator } from './testing/programs.ts';

const fixtures = join(import.meta.dirname, '../../../e2e/fixtures');

/** Returns the FlatBuffer of a program without its segments. */
function flatBufferOf(path: string): Uint8Array {
  const file = readFileSync(path);
  return file.subarray(0, Number(file.readBigUInt64LE(16)));
}
const factsOf = (path: string) => readProgram(flatBufferOf(path));
const fixture = (name: string) => join(fixtures, name, 'model.pte');

describe('a program of the CPU', () => {
  test('names its backend, its operators and its arguments', () => {
    const { methods, externalData } = factsOf(fixture('tiny-llama'));
    const forward = methods.find(({ name }) => name === 'forward');
    expect(forward?.inputs).toEqual([
      { dtype: 'int64', sizes: [1, 511], dynamic: true, planned: false },
      { dtype: 'int64', sizes: [1], dynamic: false, planned: false },
    ]);
    expect(forward?.outputs).toEqual([{ dtype: 'float32', sizes: [1, 512], dynamic: false, planned: true }]);
    expect(new Set(forward?.delegates.map(({ backend }) => backend))).toEqual(new Set(['XnnpackBackend']));
    expect(forward?.operators).toContain('llama::custom_sdpa.out');
    expect(methods.map(({ name }) => name)).toContain('get_max_context_len');
    expect(externalData).toEqual([]);
  });

  test('names the weights in other files', () => {
    const { externalData } = factsOf(join(defaultFolder, 'model.pte'));
    expect(externalData).toContain('token_embd.weight');
  });

  test('has no target chip', () => {
    expect(qnnTarget(factsOf(fixture('tiny-llama')))).toBeUndefined();
  });
});

describe('a program of the NPU', () => {
  test.each([
    ['tiny-llama-qnn-hybrid', { soc: 60, htpArch: 73, runsOn: 'emulator', graphs: ['kv_forward', 'prefill_forward'] }],
    ['tiny-llama-qnn-kv', { soc: 60, htpArch: 73, runsOn: 'emulator', graphs: ['kv_forward'] }],
    ['tiny-llama-qnn-v79', { soc: 69, htpArch: 79, runsOn: 'emulator', label: 'Snapdragon 8 Elite (V79)' }],
    ['tiny-llama-qnn-device', { soc: 60, htpArch: 73, runsOn: 'device', label: 'Snapdragon X Elite or X Plus (V73)' }],
  ] as const)('%s states its target', (name, expected) => {
    expect(qnnTarget(factsOf(fixture(name)))).toMatchObject({ backend: 'htp', shards: 1, ...expected });
  });

  test('around a binary of Qualcomm’s own tools states this, but not whether it is for a device', () => {
    expect(qnnTarget(factsOf(fixture('tiny-llama-qnn-context')))).toMatchObject({
      fromContextBinary: true,
      runsOn: 'unknown',
      graphs: ['kv_forward'],
      label: 'Snapdragon X Elite or X Plus (V73)',
    });
  });

  test('in shards has a context for each: with two shards, upstream cuts five layers after every second one', () => {
    expect(qnnTarget(factsOf(fixture('tiny-llama-qnn-sharded')))).toMatchObject({ shards: 3, runsOn: 'emulator' });
  });

  test('counts the bytes of its context binaries, shared ones once', () => {
    const separate = factsOf(fixture('tiny-llama-qnn-hybrid'));
    expect(qnnTarget(separate)?.contextBytes).toBe(
      separate.methods.flatMap(({ delegates }) => delegates).reduce((sum, { bytes }) => sum + bytes, 0),
    );
    const shared = factsOf(fixture('tiny-llama-qnn-device'));
    expect(qnnTarget(shared)?.contextBytes).toBe(shared.methods[0]?.delegates[0]?.bytes);
  });
});

test('reads any changed program to facts or to a typed error', () => {
  const originals = ['tiny-llama', 'tiny-llama-qnn-hybrid'].map((name) => flatBufferOf(fixture(name)));
  const edits = fc.array(fc.tuple(fc.nat(), fc.oneof(fc.constantFrom(0, 1, 127, 128, 255), fc.nat(255))), {
    minLength: 1,
    maxLength: 12,
  });
  fc.assert(
    fc.property(fc.constantFrom(...originals), edits, fc.nat(), (original, changes, cut) => {
      const bytes = Uint8Array.from(cut % 3 === 0 ? original.subarray(0, cut % original.length) : original);
      for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
      expectTyped(() => readProgram(bytes));
    }),
    { numRuns: 10_000 * Number(process.env['WYVERN_FUZZ_SCALE'] ?? 1) },
  );
});

/**
 * A small file with so many references to one long name that reading all takes minutes: `plans` equal methods, each with
 * `operators` equal operators, whose name has `characters`.
 */
function endless(plans: number, operators: number, characters: number): Uint8Array {
  const one = operator('a'.repeat(characters), '');
  const method = methodOf({ operators: Array.from({ length: operators }, () => one) });
  return build({ table: { 1: { tables: Array.from({ length: plans }, () => method) } } }, 'ET12');
}

test('gives up early on a small file that describes enormous lists', () => {
  expect(readProgram(endless(1, 3, 5)).methods).toMatchObject([{ operators: ['aaaaa', 'aaaaa', 'aaaaa'] }]);
  expect(() => readProgram(endless(256, 10_000, 60_000))).toThrow('its parts are too many to read.');
});

test('reads any compile spec to options or to a typed error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => expectTyped(() => readQnnOptions(bytes))),
    { numRuns: 5000 },
  );
});

function expectTyped(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(FlatBufferError);
  }
}
