import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/**
 * Finds the modules that a Python module imports by relative imports, directly or through others.
 * @param {string} module Absolute path of a `.py` file.
 * @returns {string[]} Absolute paths, sorted; `module` is one of them.
 */
export function pythonClosure(module) {
  const found = new Set([module]);
  // Iterating over a set also visits the paths added on the way.
  for (const path of found) {
    const text = readFileSync(path, 'utf8');
    for (const [, dots = '.', from = '', names = ''] of text.matchAll(
      /^\s*from (\.+)([\w.]*) import (\([^)]*\)|.*)/gm,
    )) {
      // One dot is the module's own folder; each further dot is one folder up.
      const folder = resolve(dirname(path), ...Array.from(dots.slice(1), () => '..'), ...from.split('.'));
      const candidates = [`${folder}.py`, ...(names.match(/\w+/g) ?? []).map((name) => join(folder, `${name}.py`))];
      for (const candidate of candidates) if (existsSync(candidate)) found.add(candidate);
    }
  }
  return [...found].sort();
}
