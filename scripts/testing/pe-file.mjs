/**
 * Makes a Windows library of headers and import tables, for tests of their readers.
 * @param {'arm64' | 'x64'} machine
 * @param {{ imports?: readonly string[], delayedImports?: readonly string[] }} [libraries]
 */
export function peFile(machine, { imports = [], delayedImports = [] } = {}) {
  const sectionAddress = 0x1000;
  const headerBytes = 0x400;
  const head = Buffer.alloc(headerBytes);
  head.write('MZ', 0, 'latin1');
  head.writeUInt32LE(0x80, 0x3c);
  head.write('PE\0\0', 0x80, 'latin1');
  head.writeUInt16LE(machine === 'arm64' ? 0xaa64 : 0x8664, 0x84);
  head.writeUInt16LE(1, 0x86);
  head.writeUInt16LE(112 + 16 * 8, 0x94);
  // PE32+, with its sixteen data directories.
  head.writeUInt16LE(0x20b, 0x98);
  const directories = 0x98 + 112;
  head.writeUInt32LE(16, directories - 4);

  /** @type {Buffer[]} */
  const parts = [];
  let length = 0;
  /** @param {Buffer} part @returns {number} Its address. */
  const add = (part) => {
    parts.push(part);
    length += part.length;
    return sectionAddress + length - part.length;
  };
  /** @param {readonly string[]} names @param {number} entryBytes @param {number} nameAt @param {number} index */
  const table = (names, entryBytes, nameAt, index) => {
    if (names.length === 0) return;
    const addresses = names.map((name) => add(Buffer.from(`${name}\0`, 'latin1')));
    const entries = Buffer.alloc((names.length + 1) * entryBytes);
    for (const [i, address] of addresses.entries()) entries.writeUInt32LE(address, i * entryBytes + nameAt);
    head.writeUInt32LE(add(entries), directories + index * 8);
    head.writeUInt32LE(entries.length, directories + index * 8 + 4);
  };
  table(imports, 20, 12, 1);
  table(delayedImports, 32, 4, 13);
  const section = directories + 16 * 8;
  head.writeUInt32LE(sectionAddress, section + 12);
  head.writeUInt32LE(length, section + 16);
  head.writeUInt32LE(headerBytes, section + 20);
  return Buffer.concat([head, ...parts]);
}
