import { describe, expect, test } from 'vitest';
import { makeSbom } from './sbom.mjs';
import { checkVersion, notesOf } from './version.mjs';

const changelog =
  '# Changelog\n\n## Unreleased\n\n- Later\n\n## 0.2.0\n\n- Speaks\n- Listens\n\n## 0.1.0 (2026-11-30)\n\n- Is\n\n## 0.0.9\n';

describe('the text of a release', () => {
  test('is its section of the changelog', () => {
    expect(notesOf(changelog, '0.2.0')).toBe('- Speaks\n- Listens');
    expect(notesOf(changelog, '0.1.0')).toBe('- Is');
  });

  test('is missing without a section, or with an empty one', () => {
    expect(notesOf(changelog, '0.3.0')).toBeUndefined();
    expect(notesOf(changelog, '0.0.9')).toBeUndefined();
  });
});

describe('a release', () => {
  const facts = { refType: 'tag', refName: 'v0.2.0', version: '0.2.0', changelog };

  test('passes if tag, package and changelog agree', () => expect(() => checkVersion(facts)).not.toThrow());

  test('fails with the version that differs', () => {
    expect(() => checkVersion({ ...facts, refName: 'v0.1.0' })).toThrow('The tag is v0.1.0, but package.json has');
    expect(() => checkVersion({ ...facts, refName: 'v0.3.0', version: '0.3.0' })).toThrow('has no section for 0.3.0');
    expect(() => checkVersion({ ...facts, version: '0.2.0-beta.1' })).toThrow('exactly three numbers');
  });

  test('on a branch is a rehearsal, which needs no notes', () => {
    expect(() => checkVersion({ ...facts, refType: 'branch', refName: 'main', version: '0.3.0' })).not.toThrow();
  });
});

test('the bill of materials names every part once, Qualcomm’s files by hash', () => {
  const { components } = makeSbom({
    version: '0.2.0',
    electron: '45.4.1',
    time: '2026-11-30T00:00:00Z',
    notices: [
      { name: '@scope/one', version: '1.0.0', license: 'MIT', text: 'text' },
      { name: 'ExecuTorch', license: 'BSD-3-Clause', source: 'https://example.org/et', text: 'text' },
      { name: 'Native', version: '2.0', license: 'MIT', source: 'https://example.org/native', text: 'text' },
      { name: 'Small (model)', license: 'Apache-2.0', text: 'text' },
    ],
  });
  expect(components).toContainEqual(
    expect.objectContaining({ name: '@scope/one', version: '1.0.0', purl: 'pkg:npm/%40scope/one@1.0.0' }),
  );
  expect(components).toContainEqual(expect.objectContaining({ name: 'ExecuTorch', version: '1.5.0' }));
  const native = components.find(({ name }) => name === 'Native');
  expect(native).toMatchObject({ version: '2.0' });
  expect(native).not.toHaveProperty('purl');
  expect(components).toContainEqual(expect.objectContaining({ name: 'Small', type: 'machine-learning-model' }));
  const skel = components.find(({ name }) => name === 'libQnnHtpV73Skel.so');
  expect(skel?.hashes).toEqual([{ alg: 'SHA-256', content: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
  const names = components.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
