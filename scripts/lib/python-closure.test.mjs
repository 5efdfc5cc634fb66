import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { pythonClosure } from './python-closure.mjs';

/** @type {string} */
let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wyvern-python-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('follows relative imports in every spelling, also through cycles and other folders', () => {
  const files = {
    'room/main.py':
      'from . import a, b as other\nfrom .c import (\n    one,\n    two,\n)\nimport numpy\nfrom gguf import d\n',
    'room/a.py': 'from __future__ import annotations\n\n\ndef late():\n    from .e import x\n',
    'room/b.py': 'from .main import something\nfrom ..shared import f\n',
    'room/c.py': 'from ..other.g import h\nfrom ..other import i\n',
    'room/d.py': '',
    'room/e.py': '',
    'room/one.py': '',
    'shared.py': '',
    'other/g.py': '',
    'other/h.py': '',
    'other/i.py': '',
  };
  for (const name of ['room', 'other']) mkdirSync(join(folder, name));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const found = pythonClosure(join(folder, 'room', 'main.py')).map((path) =>
    relative(folder, path).replaceAll('\\', '/'),
  );
  expect(found.sort()).toEqual([
    'other/g.py',
    'other/i.py',
    'room/a.py',
    'room/b.py',
    'room/c.py',
    'room/e.py',
    'room/main.py',
    'shared.py',
  ]);
});
