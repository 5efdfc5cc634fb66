import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { at } from '../lib/places.mjs';
import { collectNotices, noticesText, shippedPackages } from './collect.mjs';

describe('the notices of this checkout', () => {
  const notices = collectNotices();

  test('have a text for every package that is shipped', () => {
    for (const { name, version } of shippedPackages(at())) {
      expect(notices).toContainEqual(expect.objectContaining({ name, version, text: expect.stringMatching(/\S{3}/) }));
    }
  });

  test.each([
    'react',
    'zod',
    '@huggingface/jinja',
    'ExecuTorch',
    'XNNPACK',
    'Eigen',
    'SentencePiece',
    'Abseil',
    'tailwindcss',
  ])('name %s', (name) => {
    expect(notices.filter((one) => one.name === name)).toHaveLength(1);
  });

  test('name the release of SentencePiece that set-up builds', () => {
    const version = notices.find(({ name }) => name === 'SentencePiece')?.version ?? '';
    expect(readFileSync(at('scripts', 'setup', 'sentencepiece.txt'), 'utf8')).toContain(`sentencepiece==${version} `);
  });

  test('leave out the packages whose place an empty one takes', () => {
    expect(notices.filter(({ name }) => ['tesseract.js', '@napi-rs/canvas'].includes(name))).toEqual([]);
  });

  test('leave out what only builds and tests use', () => {
    expect(notices.filter(({ name }) => ['vitest', 'eslint', 'electron-builder', 'typescript'].includes(name))).toEqual(
      [],
    );
  });

  test('are one readable text', () => {
    const text = noticesText(notices);
    for (const { name } of notices) expect(text).toContain(`\n${name} `);
  });
});

/** @type {string | undefined} */
let folder;
afterEach(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

/** A checkout with one package. @param {{ license: string, files?: Record<string, string> }} options */
function checkout({ license, files = {} }) {
  folder = mkdtempSync(join(tmpdir(), 'wyvern-notices-'));
  const path = join(folder, 'node_modules', 'alien');
  mkdirSync(path, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  const lock = { packages: { '': {}, 'node_modules/alien': { version: '1.2.3', license } } };
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
  return folder;
}

describe('a package', () => {
  test('with a licence and its text is accepted', () => {
    expect(collectNotices(checkout({ license: 'MIT', files: { 'LICENSE.md': 'Text of it' } }))).toContainEqual({
      name: 'alien',
      version: '1.2.3',
      license: 'MIT',
      text: 'Text of it',
    });
  });

  test('without a text is refused by name', () => {
    expect(() => collectNotices(checkout({ license: 'MIT' }))).toThrow('alien carries no licence text.');
  });

  test('under an unknown licence is refused by name', () => {
    expect(() => collectNotices(checkout({ license: 'GPL-3.0', files: { LICENSE: 'Text' } }))).toThrow(
      'alien is under “GPL-3.0”',
    );
  });
});
