import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { at, root } from '../lib/places.mjs';
import { peFile } from '../testing/pe-file.mjs';
import { qnnFiles } from './qnn-libraries.mjs';
import { verifyQnn } from './verify-qnn.mjs';

/** @type {string} */
let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wyvern-qnn-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** @param {string} name @param {Buffer} contents */
function put(name, contents) {
  writeFileSync(join(folder, name), contents);
  return { name, bytes: contents.length, sha256: createHash('sha256').update(contents).digest('hex') };
}

describe('the folder of NPU libraries', () => {
  test('passes with exactly the listed files', () => {
    expect(verifyQnn(folder, [put('A.dll', peFile('arm64')), put('skel.so', Buffer.from('skel'))])).toEqual([]);
  });

  test('names a missing file', () => {
    const files = [put('A.dll', peFile('arm64')), put('skel.cat', Buffer.from('catalogue'))];
    unlinkSync(join(folder, 'skel.cat'));
    expect(verifyQnn(folder, files)).toEqual(['skel.cat is missing.']);
  });

  test('names a changed file, also with the same length', () => {
    const files = [put('skel.so', Buffer.from('original'))];
    put('skel.so', Buffer.from('Original'));
    expect(verifyQnn(folder, files)).toEqual([expect.stringMatching(/^skel\.so has the SHA-256 .* it was changed\.$/)]);
    put('skel.so', Buffer.from('longer than before'));
    expect(verifyQnn(folder, files)).toEqual(['skel.so has 18 bytes, not 8.']);
  });

  test('refuses a library for another processor, even with the right hash', () => {
    expect(verifyQnn(folder, [put('A.dll', peFile('x64'))])).toEqual(['A.dll is for x64, not for arm64.']);
    expect(verifyQnn(folder, [put('A.dll', Buffer.from('text'))])).toEqual(['A.dll is no Windows library.']);
  });

  test('refuses other files', () => {
    const files = [put('A.dll', peFile('arm64'))];
    put('QnnHtpPrepare.dll', peFile('arm64'));
    expect(verifyQnn(folder, files)).toEqual(['QnnHtpPrepare.dll may not be shipped.']);
  });

  test('names a missing folder', () => {
    expect(verifyQnn(join(folder, 'none'))).toEqual([`There is no folder ${join(folder, 'none')}.`]);
  });
});

// Their licence allows them only inside an application.
test.runIf(existsSync(at('.git')))('none of Qualcomm’s files is in the repository', () => {
  const names = new Set(qnnFiles.map(({ name }) => name).filter((name) => name !== 'LICENSE'));
  const tracked = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
  expect(tracked.length).toBeGreaterThan(100);
  expect(tracked.filter((path) => names.has(path.slice(path.lastIndexOf('/') + 1)))).toEqual([]);
});
