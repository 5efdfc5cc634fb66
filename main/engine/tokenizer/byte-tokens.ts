/** Byte fallback: a character that the vocabulary lacks becomes the tokens `<0x00>` to `<0xFF>` of its UTF-8 bytes. */

/** @returns Ids of a text's bytes; undefined if the vocabulary lacks one of the bytes. */
export function byteTokens(vocabulary: ReadonlyMap<string, number>): (text: string) => number[] | undefined {
  const utf8 = new TextEncoder();
  const ids = Array.from({ length: 256 }, (_, byte) =>
    vocabulary.get(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`),
  );
  return (text) => {
    const bytes: number[] = [];
    for (const byte of utf8.encode(text)) {
      const id = ids[byte];
      if (id === undefined) return undefined;
      bytes.push(id);
    }
    return bytes;
  };
}
