import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readPe } from '../lib/pe.mjs';
import { qnnFiles } from './qnn-libraries.mjs';

/**
 * Compares a folder of Qualcomm's libraries with the list; returns no problem if it has exactly these files, unchanged.
 * @param {string} folder
 * @param {readonly import('./qnn-libraries.mjs').QnnFile[]} [files]
 * @returns {string[]} One sentence per problem.
 */
export function verifyQnn(folder, files = qnnFiles) {
  if (!existsSync(folder)) return [`There is no folder ${folder}.`];
  const known = new Set(files.map(({ name }) => name));
  const strangers = readdirSync(folder).filter((name) => !known.has(name));
  return [
    ...files.flatMap((file) => verifyFile(folder, file)),
    ...(strangers.length === 0 ? [] : [`${listed(strangers)} may not be shipped.`]),
  ];
}

/** @param {readonly string[]} names */
const listed = (names) =>
  names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');

/** @param {string} folder @param {import('./qnn-libraries.mjs').QnnFile} file @returns {string[]} */
function verifyFile(folder, { name, bytes, sha256 }) {
  const path = join(folder, name);
  if (!existsSync(path)) return [`${name} is missing.`];
  // Compare it before the hash, because the message is clearer.
  const machine = name.endsWith('.dll') ? readPe(path)?.machine : 'arm64';
  if (machine === undefined) return [`${name} is no Windows library.`];
  if (machine !== 'arm64') return [`${name} is for ${machine}, not for arm64.`];
  const contents = readFileSync(path);
  if (contents.length !== bytes) return [`${name} has ${contents.length} bytes, not ${bytes}.`];
  const found = createHash('sha256').update(contents).digest('hex');
  return found === sha256 ? [] : [`${name} has the SHA-256 ${found}, not ${sha256}: it was changed.`];
}
