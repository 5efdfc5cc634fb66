/** Reads the PE headers of a Windows program or library that the checks of a package need. */
import { readFileSync } from 'node:fs';

/** Names of `IMAGE_FILE_HEADER.Machine`. @type {ReadonlyMap<number, string>} */
const machines = new Map([
  [0x014c, 'x86'],
  [0x8664, 'x64'],
  [0xaa64, 'arm64'],
]);

const importDirectory = { index: 1, entryBytes: 20, nameAt: 12 };
const delayImportDirectory = { index: 13, entryBytes: 32, nameAt: 4 };
const certificateDirectory = 4;
const mostLibraries = 1000;

/**
 * @typedef {object} PeFacts
 * @property {string} machine `arm64`, `x64`, `x86`, or the number as `0x…`.
 * @property {boolean} signed Whether it has a certificate, valid or not.
 * @property {readonly string[]} imports Libraries that it needs to load, in lower case.
 * @property {readonly string[]} delayedImports Libraries that it loads at the first call of their functions.
 */

/**
 * @param {string} path
 * @returns {PeFacts | undefined} Undefined for a damaged file or one that is not a PE file.
 */
export function readPe(path) {
  const file = readFileSync(path);
  try {
    return parse(file);
  } catch (error) {
    // A damaged file's offset points outside of the file.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** @param {Buffer} file @returns {PeFacts | undefined} */
function parse(file) {
  if (file.toString('latin1', 0, 2) !== 'MZ') return undefined;
  const start = file.readUInt32LE(0x3c);
  if (file.toString('latin1', start, start + 4) !== 'PE\0\0') return undefined;
  const machine = file.readUInt16LE(start + 4);
  const optional = start + 24;
  const directories = optional + (file.readUInt16LE(optional) === 0x20b ? 112 : 96);
  const directoryCount = file.readUInt32LE(directories - 4);
  /** @param {number} index */
  const directory = (index) =>
    index < directoryCount
      ? { address: file.readUInt32LE(directories + index * 8), bytes: file.readUInt32LE(directories + index * 8 + 4) }
      : { address: 0, bytes: 0 };

  const sections = Array.from({ length: file.readUInt16LE(start + 6) }, (_, index) => {
    const at = optional + file.readUInt16LE(start + 20) + index * 40;
    return {
      address: file.readUInt32LE(at + 12),
      bytes: file.readUInt32LE(at + 16),
      offset: file.readUInt32LE(at + 20),
    };
  });
  /** @param {number} address As loaded. */
  const offsetOf = (address) => {
    const section = sections.find((one) => address >= one.address && address < one.address + one.bytes);
    if (section === undefined) throw new RangeError('outside of the file');
    return address - section.address + section.offset;
  };
  /** @param {typeof importDirectory} kind */
  const libraries = ({ index, entryBytes, nameAt }) => {
    const { address } = directory(index);
    /** @type {string[]} */
    const names = [];
    if (address === 0) return names;
    for (let at = offsetOf(address); names.length < mostLibraries; at += entryBytes) {
      const name = file.readUInt32LE(at + nameAt);
      if (name === 0) break;
      const begin = offsetOf(name);
      names.push(file.toString('latin1', begin, file.indexOf(0, begin)).toLowerCase());
    }
    return names;
  };
  return {
    machine: machines.get(machine) ?? `0x${machine.toString(16)}`,
    signed: directory(certificateDirectory).bytes > 0,
    imports: libraries(importDirectory),
    delayedImports: libraries(delayImportDirectory),
  };
}
