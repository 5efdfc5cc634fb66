/** Text files as Windows programs write them: UTF-8 with or without a byte order mark, and UTF-16. */
import { TextDecoder } from 'node:util';

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/** The first character of the text is ASCII, as in JSON: without a mark, a zero byte beside it means UTF-16. */
function encodingOf([first, second]: Uint8Array): Encoding {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first && second === 0) return 'utf-16le';
  return first === 0 && second ? 'utf-16be' : 'utf-8';
}

/** @throws Error with a sentence if the bytes are no text in one of these encodings */
export function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
  } catch {
    throw new Error('it is not text in UTF-8 or UTF-16.');
  }
}

/** The same text in UTF-8; chunks that are UTF-8 already pass unchanged. */
export async function* asUtf8(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let start: Uint8Array = new Uint8Array();
  let decoder: TextDecoder | undefined;
  let isKnown = false;
  for await (const chunk of chunks) {
    let bytes = chunk;
    if (!isKnown) {
      bytes = start = start.length === 0 ? chunk : Buffer.concat([start, chunk]);
      if (start.length < 2) continue;
      isKnown = true;
      const encoding = encodingOf(start);
      if (encoding !== 'utf-8') decoder = new TextDecoder(encoding);
    }
    yield decoder ? Buffer.from(decoder.decode(bytes, { stream: true })) : bytes;
  }
  if (!isKnown) yield start;
  const end = decoder?.decode();
  if (end) yield Buffer.from(end);
}
