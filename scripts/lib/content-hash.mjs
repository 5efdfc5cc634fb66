import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

const skipped = new Set(['node_modules', '__pycache__', '.git', '.pytest_cache', '.ruff_cache']);

/**
 * Lists all files below the given files and folders, sorted, as absolute paths. Ignores missing paths.
 * @param {readonly string[]} paths Absolute.
 * @param {(path: string) => boolean} [keep] Gets the absolute path of each file.
 * @param {{ links?: boolean }} [options] `links`: take links to files, too.
 */
export function filesUnder(paths, keep = () => true, { links = false } = {}) {
  /** @type {string[]} */
  const found = [];
  /** @param {string} path */
  const visit = (path) => {
    if (statSync(path).isDirectory()) {
      for (const entry of readdirSync(path, { withFileTypes: true })) {
        const inner = join(path, entry.name);
        if (skipped.has(entry.name)) continue;
        if (entry.isDirectory()) visit(inner);
        else if (entry.isSymbolicLink() && !(links && statSync(inner, { throwIfNoEntry: false })?.isFile())) continue;
        else if (keep(inner)) found.push(inner);
      }
    } else if (keep(path)) found.push(path);
  };
  for (const path of paths) if (existsSync(path)) visit(path);
  return found.sort();
}

/**
 * Hashes names and contents of files with other facts. Equal inputs give equal keys on every machine.
 * @param {{ base: string, files?: readonly string[], facts?: readonly string[] }} inputs `files` absolute, below `base`.
 * @returns {string} 32 hex digits.
 */
export function contentHash({ base, files = [], facts = [] }) {
  const hash = createHash('sha256');
  for (const fact of facts) hash.update(`fact ${Buffer.byteLength(fact)} ${fact}\n`);
  for (const file of files) {
    const name = relative(base, file).split(sep).join('/');
    const content = readFileSync(file);
    hash.update(`file ${Buffer.byteLength(name)} ${name} ${content.length}\n`).update(content);
  }
  return hash.digest('hex').slice(0, 32);
}

/**
 * SHA-256 of one file.
 * @param {string} path
 * @returns {string} Lower-case hex.
 */
export function fileSha256(path) {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
