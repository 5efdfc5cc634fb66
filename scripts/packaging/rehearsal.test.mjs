/**
 * Packages the real app with the real configuration, with a program of a few lines instead of Electron and libraries that are
 * headers only; then damages the result in every way that the check must refuse.
 */
import { createPackage, extractAll } from '@electron/asar';
import { FuseV1Options, FuseVersion, flipFuses } from '@electron/fuses';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { at } from '../lib/places.mjs';
import { peFile } from '../testing/pe-file.mjs';
import { checkPackage } from './check-package.mjs';
import { pack } from './pack.mjs';

/** @type {string} */
let folder;
/** @type {string} */
let packaged;
/** @type {string} */
let said = '';

beforeAll(async () => {
  mkdirSync(at('build'), { recursive: true });
  folder = mkdtempSync(join(at('build'), 'rehearsal-'));
  const electron = join(folder, 'electron');
  mkdirSync(join(electron, 'locales'), { recursive: true });
  cpSync(join(import.meta.dirname, 'stand-in', 'electron.exe'), join(electron, 'electron.exe'));
  for (const name of ['en-US', 'de', 'fr', 'zh-CN']) writeFileSync(join(electron, 'locales', `${name}.pak`), name);
  writeFileSync(join(electron, 'LICENSE'), 'Electron’s licence');
  writeFileSync(join(electron, 'LICENSES.chromium.html'), 'Chromium’s licences');
  writeFileSync(join(electron, 'ffmpeg.dll'), peFile('arm64'));

  const native = join(folder, 'native');
  mkdirSync(native);
  writeFileSync(
    join(native, 'wyvern.node'),
    peFile('arm64', { imports: ['KERNEL32.dll', 'MSVCP140.dll'], delayedImports: ['NODE.EXE'] }),
  );
  writeFileSync(join(native, 'qnn_executorch_backend.dll'), peFile('arm64', { imports: ['MSVCP140.dll'] }));
  writeFileSync(join(native, 'msvcp140.dll'), peFile('arm64'));
  packaged = await pack({
    native,
    electron,
    output: join(folder, 'dist'),
    unpacked: true,
    log: (text) => (said += text),
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the package', () => {
  test('passes the check', async () => expect(await checkPackage(packaged)).toEqual([]));

  test('was made without a download', () => expect(said).not.toMatch(/\bdownload(ing|ed)\b/i));

  test('has exactly the languages of the window', () => {
    expect(() => readFileSync(join(packaged, 'locales', 'de.pak'))).not.toThrow();
    expect(() => readFileSync(join(packaged, 'locales', 'fr.pak'))).toThrow('ENOENT');
  });

  test('names the program, its release and its icon in Wyvern.exe', () => {
    const program = readFileSync(join(packaged, 'Wyvern.exe')).toString('utf16le');
    expect(program).toContain('Wyvern');
    expect(program).toContain('0.1.0');
  });
});

/**
 * Changes a copy of the package; returns the check's problems.
 * @param {(copy: string) => unknown} change
 */
async function changed(change) {
  const copy = mkdtempSync(join(folder, 'changed-'));
  // Leave out the weights, which take most of the time; no change needs them.
  cpSync(packaged, copy, { recursive: true, filter: (path) => !path.endsWith('model.ptd') });
  writeFileSync(join(copy, 'resources', 'models', 'smollm2-135m-instruct', 'model.ptd'), 'weights');
  await change(copy);
  const problems = await checkPackage(copy);
  rmSync(copy, { recursive: true });
  return problems;
}

/** Packs the archive again with one more file. @param {string} copy @param {string} name */
async function addToArchive(copy, name) {
  const archive = join(copy, 'resources', 'app.asar');
  const contents = join(copy, '..', 'contents');
  extractAll(archive, contents);
  mkdirSync(join(contents, name, '..'), { recursive: true });
  writeFileSync(join(contents, name), 'x');
  await createPackage(contents, archive);
  rmSync(contents, { recursive: true });
}

describe('a package fails the check', () => {
  test('with a wrong fuse', async () => {
    const problems = await changed((copy) =>
      flipFuses(join(copy, 'Wyvern.exe'), { version: FuseVersion.V1, [FuseV1Options.RunAsNode]: true }),
    );
    expect(problems).toEqual(['The fuse RunAsNode is not off.']);
  });

  test.each([
    'out/main/chat.test.js',
    'main/index.ts',
    'out/renderer/assets/index.js.map',
    'node_modules/zod/index.js',
  ])('with %s in its archive', async (name) => {
    expect(await changed((copy) => addToArchive(copy, name))).toEqual([
      `app.asar holds ${name}, which is no part of the program.`,
      'Wyvern.exe does not carry the hash of app.asar: it would refuse to start.',
    ]);
  });

  test.each([
    'LICENSE.electron.txt',
    'LICENSES.chromium.html',
    'resources/licenses/THIRD-PARTY-NOTICES.txt',
    'resources/qnn/Qualcomm_LICENSE.pdf',
  ])('without %s', async (name) => {
    expect(await changed((copy) => rmSync(join(copy, name)))).toEqual([`${name} is missing.`]);
  });

  test('with incomplete notices', async () => {
    const name = 'resources/licenses/THIRD-PARTY-NOTICES.txt';
    const problems = await changed((copy) => {
      const text = readFileSync(join(copy, name), 'utf8');
      writeFileSync(join(copy, name), text.replaceAll('XNNPACK ', 'something '));
    });
    expect(problems).toEqual(['THIRD-PARTY-NOTICES.txt does not name XNNPACK.']);
  });

  test('with a library for another processor', async () => {
    expect(await changed((copy) => writeFileSync(join(copy, 'ffmpeg.dll'), peFile('x64')))).toEqual([
      'ffmpeg.dll is x64, not arm64.',
    ]);
    expect(
      await changed((copy) => writeFileSync(join(copy, 'resources', 'native', 'msvcp140.dll'), peFile('x64'))),
    ).toContain('resources/native: msvcp140.dll is for x64, not for arm64.');
  });

  test('with a changed or missing library of Qualcomm’s', async () => {
    const skel = ['resources', 'qnn', 'libQnnHtpV73Skel.so'];
    expect(await changed((copy) => appendFileSync(join(copy, ...skel), 'x'))).toEqual([
      'resources/qnn: libQnnHtpV73Skel.so has 11859193 bytes, not 11859192.',
    ]);
    expect(await changed((copy) => rmSync(join(copy, 'resources', 'qnn', 'libqnnhtpv73.cat')))).toEqual([
      'resources/qnn: libqnnhtpv73.cat is missing.',
    ]);
  });

  test('with an unexpected file', async () => {
    expect(await changed((copy) => writeFileSync(join(copy, 'resources', 'elevate.exe'), peFile('arm64')))).toEqual([
      'resources/elevate.exe does not belong there.',
    ]);
  });

  test('when it is far too large', async () => {
    const problems = await changed((copy) => {
      writeFileSync(join(copy, 'LICENSES.chromium.html'), '');
      truncateSync(join(copy, 'LICENSES.chromium.html'), 500_000_000);
    });
    expect(problems).toEqual([expect.stringMatching(/^The package takes \d+ bytes/)]);
  });
});
