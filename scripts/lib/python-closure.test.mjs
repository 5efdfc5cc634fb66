import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { pythonClosure } from './python-closure.mjs';

/** @type {string} */
let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wyvern-python-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('follows relative imports in all their spellings, through circles, and leaves out the rest', () => {
  const files = {
    'main.py':
      'from . import a, b as other\nfrom .c import (\n    one,\n    two,\n)\nimport numpy\nfrom gguf import d\n',
    'a.py': 'from __future__ import annotations\n\n\ndef late():\n    from .e import x\n',
    'b.py': 'from .main import something\n',
    'c.py': '',
    'd.py': '',
    'e.py': '',
    'one.py': '',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  expect(pythonClosure(join(folder, 'main.py')).map((path) => basename(path))).toEqual([
    'a.py',
    'b.py',
    'c.py',
    'e.py',
    'main.py',
  ]);
});
