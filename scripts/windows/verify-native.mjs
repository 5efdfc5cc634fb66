import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readPe } from '../lib/pe.mjs';

const own = ['wyvern.node', 'qnn_executorch_backend.dll'];

/** Libraries of Microsoft's C++ runtime, which a fresh Windows lacks. @param {string} name */
export const isRuntime = (name) => /^(vcruntime|msvcp|concrt|vccorlib|vcomp|vcamp)\d+.*\.dll$/.test(name);

/** Libraries of every Windows 11 that ours use. @param {string} name */
const isOfWindows = (name) =>
  name.startsWith('api-ms-win-') ||
  /^(kernel32|advapi32|user32|shell32|shlwapi|ole32|oleaut32|version|ntdll|bcrypt|dbghelp|ws2_32|ucrtbase)\.dll$/.test(
    name,
  );

/**
 * Finds reasons why a package's native folder would not load on a fresh Windows.
 * @param {string} folder
 * @returns {string[]} One sentence per problem.
 */
export function verifyNative(folder) {
  if (!existsSync(folder)) return [`There is no folder ${folder}.`];
  const names = readdirSync(folder);
  const missing = own.filter((name) => !names.includes(name)).map((name) => `${name} is missing.`);
  return [...missing, ...names.flatMap((name) => verifyLibrary(folder, name, names))];
}

/** @param {string} folder @param {string} name @param {readonly string[]} names @returns {string[]} */
function verifyLibrary(folder, name, names) {
  const isOwn = own.includes(name);
  if (!isOwn && !isRuntime(name)) return [`${name} does not belong there.`];
  const pe = readPe(join(folder, name));
  if (pe === undefined) return [`${name} is no Windows library.`];
  if (pe.machine !== 'arm64') return [`${name} is for ${pe.machine}, not for arm64.`];
  const present = names.map((one) => one.toLowerCase());
  const lacking = pe.imports
    .filter((one) => !isOfWindows(one) && !present.includes(one))
    .map((one) =>
      one === 'node.exe'
        ? `${name} imports node.exe, so that only a program of that name could load it.`
        : `${name} needs ${one}, which is not beside it.`,
    );
  const delayed = name !== 'wyvern.node' || pe.delayedImports.includes('node.exe');
  return [...lacking, ...(delayed ? [] : [`${name} does not take Node’s functions from the program that loads it.`])];
}
