import { openToRead, readBytes } from '../../files/reading.ts';
import type { Addon } from '../addon.ts';
import { asFailure, EngineFailure, failure, unreadable } from '../errors.ts';
import { inTime } from '../in-time.ts';
import type { TokenizerConfig } from '../tokenizer-config.ts';
import { openHuggingFace } from './huggingface.ts';
import { maxTokenizerBytes } from './limits.ts';
import { sentencePieceTokenizer } from './sentencepiece.ts';
import { tiktokenTokenizer } from './tiktoken.ts';
import type { Tokenizer } from './tokenizer.ts';

type TokenizerFormat = 'huggingface' | 'sentencepiece' | 'tiktoken' | 'unknown';

/**
 * Opens a tokenizer. Its content decides the format: SentencePiece and tiktoken both use the name `tokenizer.model`.
 * @throws EngineFailure `tokenizer-invalid`
 */
export async function openTokenizer(
  addon: Addon,
  path: string,
  config: TokenizerConfig | undefined,
): Promise<Tokenizer> {
  try {
    const { format, size } = await identify(path);
    if (size > maxTokenizerBytes) {
      throw new Error(`it has ${size} bytes, more than the ${maxTokenizerBytes} allowed.`);
    }
    switch (format) {
      case 'huggingface':
        // The file brings its patterns, and matching one may never end.
        return withinTime(await openHuggingFace(path, config), path);
      case 'sentencepiece':
        return sentencePieceTokenizer(addon, await readBytes(path), config);
      case 'tiktoken':
        return tiktokenTokenizer(await readBytes(path), config);
      case 'unknown':
        throw new Error('it is neither a SentencePiece model, a tiktoken rank file nor a tokenizer.json.');
    }
  } catch (error) {
    if (error instanceof EngineFailure) throw error;
    const notRead = unreadable(path, error);
    if (notRead !== undefined) throw notRead;
    const known = asFailure(error, path);
    if (known.code !== 'internal') throw known;
    throw failure('tokenizer-invalid', { path, reason: error instanceof Error ? error.message : String(error) });
  }
}

/** Encoding a megabyte takes less than a second. A tokenizer that needs this long is assumed to run forever. */
const encodeTimeoutMs = 1000;
const charactersPerMs = 100;

/** Wraps a tokenizer. It fails with `tokenizer-invalid` if encoding does not end in time. */
function withinTime(tokenizer: Tokenizer, path: string): Tokenizer {
  const limited = (characters: number, encode: () => number[]): number[] => {
    const outcome = inTime(encode, encodeTimeoutMs + Math.ceil(characters / charactersPerMs));
    if (outcome.ended) return outcome.value;
    throw failure('tokenizer-invalid', {
      path,
      reason: outcome.late ? 'one of its patterns does not come to an end on this text.' : outcome.reason,
    });
  };
  return {
    ...tokenizer,
    within: (size) => withinTime(tokenizer.within(size), path),
    encode: (text, options) => limited(text.length, () => tokenizer.encode(text, options)),
    encodeSections: (sections) => {
      const characters = sections.reduce((sum, part) => sum + (part.kind === 'text' ? part.text.length : 0), 0);
      return limited(characters, () => tokenizer.encodeSections(sections));
    },
  };
}

async function identify(path: string): Promise<{ format: TokenizerFormat; size: number }> {
  const file = await openToRead(path);
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(256), 0, 256, 0);
    return { format: formatOf(buffer.subarray(0, bytesRead)), size };
  } finally {
    await file.close();
  }
}

/** Recognises the format by a file's first bytes. */
export function formatOf(head: Uint8Array): TokenizerFormat {
  const text = Buffer.from(head).toString('latin1');
  if (/^(\xef\xbb\xbf)?\s*\{/.test(text)) return 'huggingface';
  // tiktoken: lines of a base64 token and its rank.
  if (/^[A-Za-z0-9+/]+={0,2} \d+\r?\n/.test(text)) return 'tiktoken';
  // Protocol buffers: field 1 (pieces), length-delimited.
  if (head[0] === 0x0a) return 'sentencepiece';
  return 'unknown';
}
