import { open, readFile } from 'node:fs/promises';
import type { Addon } from '../addon.ts';
import { asFailure, EngineFailure, failure } from '../errors.ts';
import type { TokenizerConfig } from '../manifest.ts';
import { openHuggingFace } from './huggingface.ts';
import { checkSentencePieceFile, maxSentencePieceBytes } from './sentencepiece-file.ts';
import { sentencePieceTokenizer } from './sentencepiece.ts';
import type { Tokenizer } from './tokenizer.ts';

type TokenizerFormat = 'huggingface' | 'sentencepiece' | 'tiktoken' | 'unknown';

/**
 * Opens a tokenizer, told apart by content: the name `tokenizer.model` is used by SentencePiece and tiktoken alike.
 * @throws EngineFailure `tokenizer-invalid`
 */
export async function openTokenizer(
  addon: Addon,
  path: string,
  config: TokenizerConfig | undefined,
): Promise<Tokenizer> {
  try {
    const { format, size } = await identify(path);
    switch (format) {
      case 'huggingface':
        return await openHuggingFace(path, config);
      case 'sentencepiece': {
        if (size > maxSentencePieceBytes) {
          throw new Error(`it has ${size} bytes, more than the ${maxSentencePieceBytes} allowed.`);
        }
        const model = await readFile(path);
        checkSentencePieceFile(model);
        return sentencePieceTokenizer(addon, model, config);
      }
      case 'tiktoken':
        throw failure('tokenizer-invalid', {
          path,
          reason: 'it is a tiktoken file, which this version does not read; use the model’s tokenizer.json.',
        });
      case 'unknown':
        throw new Error('it is neither a SentencePiece model nor a tokenizer.json.');
    }
  } catch (error) {
    if (error instanceof EngineFailure) throw error;
    const known = asFailure(error, path);
    if (known.code !== 'internal') throw known;
    throw failure('tokenizer-invalid', { path, reason: error instanceof Error ? error.message : String(error) });
  }
}

async function identify(path: string): Promise<{ format: TokenizerFormat; size: number }> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(256), 0, 256, 0);
    return { format: formatOf(buffer.subarray(0, bytesRead)), size };
  } finally {
    await file.close();
  }
}

/** Tells the format from the first bytes. */
export function formatOf(head: Uint8Array): TokenizerFormat {
  const text = Buffer.from(head).toString('latin1');
  if (/^(\xef\xbb\xbf)?\s*\{/.test(text)) return 'huggingface';
  // tiktoken: lines of a base64 token and its rank.
  if (/^[A-Za-z0-9+/]+={0,2} \d+\r?\n/.test(text)) return 'tiktoken';
  // Protocol buffers: field 1 (pieces), length-delimited.
  if (head[0] === 0x0a) return 'sentencepiece';
  return 'unknown';
}
