import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { peFile } from '../testing/pe-file.mjs';
import { verifyNative } from './verify-native.mjs';

/** @type {string} */
let folder;
/** @param {string} name @param {Buffer} contents */
const put = (name, contents) => writeFileSync(join(folder, name), contents);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wyvern-native-'));
  put(
    'wyvern.node',
    peFile('arm64', { imports: ['KERNEL32.dll', 'MSVCP140.dll', 'VERSION.dll'], delayedImports: ['NODE.EXE'] }),
  );
  put('qnn_executorch_backend.dll', peFile('arm64', { imports: ['KERNEL32.dll', 'api-ms-win-crt-heap-l1-1-0.dll'] }));
  put('msvcp140.dll', peFile('arm64', { imports: ['KERNEL32.dll'] }));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the native folder of a package', () => {
  test('passes with all libraries', () => expect(verifyNative(folder)).toEqual([]));

  test('refuses an addon that only node.exe can load', () => {
    put('wyvern.node', peFile('arm64', { imports: ['NODE.EXE'] }));
    expect(verifyNative(folder)).toEqual([
      'wyvern.node imports node.exe, so that only a program of that name could load it.',
      'wyvern.node does not take Node’s functions from the program that loads it.',
    ]);
  });

  test('names a library that the package lacks', () => {
    rmSync(join(folder, 'msvcp140.dll'));
    expect(verifyNative(folder)).toEqual(['wyvern.node needs msvcp140.dll, which is not beside it.']);
  });

  test('names a library for another processor', () => {
    put('msvcp140.dll', peFile('x64'));
    expect(verifyNative(folder)).toEqual(['msvcp140.dll is for x64, not for arm64.']);
  });

  test('requires the QNN backend and no other file', () => {
    rmSync(join(folder, 'qnn_executorch_backend.dll'));
    put('kernel_test.node', peFile('arm64'));
    expect(verifyNative(folder)).toEqual([
      'qnn_executorch_backend.dll is missing.',
      'kernel_test.node does not belong there.',
    ]);
  });

  test('distinguishes a damaged library from a good one', () => {
    put('msvcp140.dll', peFile('arm64', { imports: ['A.dll'] }).subarray(0, 200));
    expect(verifyNative(folder)).toEqual(['msvcp140.dll is no Windows library.']);
  });
});
