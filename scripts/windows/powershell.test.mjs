/** PowerShell's own analyser is not available everywhere, so this uses a parser and the most important rules. */
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { Language, Parser } from 'web-tree-sitter';
import { at } from '../lib/places.mjs';

const folder = at('scripts', 'windows');
const scripts = readdirSync(folder).filter((name) => name.endsWith('.ps1'));

/** @type {Parser} */
let parser;
beforeAll(async () => {
  await Parser.init();
  parser = new Parser();
  const grammar = createRequire(import.meta.url).resolve('tree-sitter-powershell/tree-sitter-powershell.wasm');
  parser.setLanguage(await Language.load(grammar));
});

/** @param {string} text */
function parse(text) {
  const tree = parser.parse(text);
  if (tree === null) throw new Error('The parser gave up.');
  return tree.rootNode;
}

/** @param {import('web-tree-sitter').Node} root @returns {string[]} Where the parser lost its way. */
const errors = (root) =>
  root
    .descendantsOfType(['ERROR'])
    .filter((node) => node !== null)
    .map((node) => `line ${node.startPosition.row + 1}: ${node.text.slice(0, 60)}`);

describe.each(scripts)('%s', (name) => {
  const text = readFileSync(join(folder, name), 'utf8');

  test('parses', () => {
    const root = parse(text);
    expect(errors(root)).toEqual([]);
    expect(root.hasError).toBe(false);
  });

  test('stops at the first failure and at names that do not exist', () => {
    expect(text).toContain("$ErrorActionPreference = 'Stop'");
    expect(text).toContain('Set-StrictMode -Version Latest');
  });

  test('has a usage text', () => expect(text).toMatch(new RegExp(`^# .*\\n#\\n# {3}pwsh scripts/windows/${name} `)));

  test('spells commands out, without aliases', () => {
    const commands = parse(text)
      .descendantsOfType(['command_name'])
      .map((node) => node?.text ?? '');
    expect(commands).not.toEqual([]);
    expect(commands.filter((one) => !/^(?:[A-Z][a-z]+-[A-Z][A-Za-z]+|\$\w+)$/.test(one))).toEqual([]);
  });
});

test('a script with an error does not parse', () => {
  expect(parse('if ($x { Get-Item a }\n').hasError).toBe(true);
  // An argument that PowerShell would pass literally.
  expect(parse('& cmake -DPATH=$path\n').hasError).toBe(true);
});
