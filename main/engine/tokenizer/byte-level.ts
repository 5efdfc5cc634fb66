/**
 * The byte-level alphabet of GPT-2's BPE writes every byte as one printable character. Printable Latin-1 characters stand for
 * themselves. The characters from U+0100 on stand for the other 68 bytes, in order.
 */
const byteOfCharacter = new Map<string, number>();
const characterOfByte: string[] = [];
{
  const printable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  let next = 0x100;
  for (let byte = 0; byte < 256; byte++) {
    const character = String.fromCharCode(printable(byte) ? byte : next++);
    byteOfCharacter.set(character, byte);
    characterOfByte.push(character);
  }
}

/** Returns the bytes of a byte-level token; undefined if it has a character outside the alphabet. */
export function bytesOfByteLevel(token: string): Uint8Array | undefined {
  const bytes = new Uint8Array(token.length);
  for (let i = 0; i < token.length; i++) {
    const byte = byteOfCharacter.get(token.charAt(i));
    if (byte === undefined) return undefined;
    bytes[i] = byte;
  }
  return bytes;
}

const utf8 = new TextEncoder();

/** Writes text in the alphabet. */
export function writeByteLevel(text: string): string {
  let written = '';
  for (const byte of utf8.encode(text)) written += characterOfByte[byte] ?? '';
  return written;
}
