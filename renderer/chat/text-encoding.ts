/**
 * Decodes text files as editors on Windows and macOS write them: UTF-8 and UTF-16 by their byte order mark, UTF-8
 * without one, and else the encoding that a detector finds most likely.
 */

export interface DecodedText {
  readonly text: string;
  /** Name of the encoding, if it was guessed. */
  readonly guessed?: string;
}

/** The detector needs no more than this to decide. */
const sampleBytes = 65_536;
/** Less confidence (of 100) than this is chance. Windows in western languages is then the most likely source. */
const leastConfidence = 30;
/** The detector cannot reliably separate these: they share the alphabet, and differ in a few letters. */
const latin = new Set([
  'ISO-8859-1',
  'ISO-8859-2',
  'ISO-8859-9',
  'windows-1250',
  'windows-1252',
  'windows-1254',
  'windows-1257',
]);
const latinMargin = 15;
const western = 'windows-1252';

// eslint-disable-next-line no-control-regex -- text files do not contain them, other files do
const controls = /[\u0000-\u0008\u000e-\u001a\u001c-\u001f\u007f-\u009f]/;

/** @returns undefined if the bytes are not text */
export async function decodeText(bytes: Uint8Array): Promise<DecodedText | undefined> {
  const certain = decode(bytes, markOf(bytes) ?? 'utf-8');
  if (certain !== undefined) return certain.includes('\0') ? undefined : { text: certain };
  if (markOf(bytes) !== undefined || bytes.includes(0)) return undefined;
  const guessed = await guess(bytes);
  const text = decode(bytes, guessed);
  return text === undefined || controls.test(text) ? undefined : { text, guessed };
}

/** The encoding that a byte order mark names. `TextDecoder` removes the mark. */
function markOf(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 'utf-8' : undefined;
}

/** Loads the detector only when a file needs it. */
async function guess(bytes: Uint8Array): Promise<string> {
  const { analyse } = await import('chardet');
  const matches = analyse(bytes.subarray(0, sampleBytes));
  const [best] = matches;
  if (!best || best.confidence < leastConfidence) return western;
  if (!latin.has(best.name)) return best.name;
  const known = matches.find(({ name }) => name === western || name === 'ISO-8859-1');
  const isClose = known !== undefined && known.confidence >= best.confidence - latinMargin;
  return isClose || decode(bytes, best.name) === decode(bytes, western) ? western : best.name;
}

/** @returns undefined if the bytes are invalid, or the encoding is unknown */
function decode(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    // Models are trained on plain line feeds.
    return new TextDecoder(encoding, { fatal: true }).decode(bytes).replaceAll(/\r\n?/g, '\n');
  } catch {
    return undefined;
  }
}
