import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The modules of one package that a module needs, itself included, found by its relative imports.
 * @param {string} module Absolute path of a `.py` file.
 * @returns {string[]} Absolute paths, sorted.
 */
export function pythonClosure(module) {
  const found = new Set([module]);
  // A set's iteration also visits what is added meanwhile.
  for (const path of found) {
    const text = readFileSync(path, 'utf8');
    for (const [, from = '', names = ''] of text.matchAll(/^\s*from \.(\w*) import (\([^)]*\)|.*)/gm)) {
      const modules = from === '' ? (names.match(/\w+/g) ?? []) : [from];
      for (const name of modules) {
        const candidate = join(dirname(path), `${name}.py`);
        if (existsSync(candidate)) found.add(candidate);
      }
    }
  }
  return [...found].sort();
}
