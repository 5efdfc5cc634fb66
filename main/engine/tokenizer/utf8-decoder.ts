import type { TokenDecoder } from './tokenizer.ts';

/** Bytes of the token with this id as they stand in running text; empty for a control token. */
export type BytesOf = (id: number) => Uint8Array;

/** Remembers the bytes of every token that was asked for; the vocabulary is finite, so this is bounded. */
export function remembered(bytesOf: BytesOf): BytesOf {
  const known: Uint8Array[] = [];
  return (id) => (known[id] ??= bytesOf(id));
}

/** Joins bytes of tokens into text. Invalid sequences become U+FFFD, as soon as they are known to be invalid. */
export function utf8Decoder(bytesOf: BytesOf): TokenDecoder {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return {
    push: (id) => decoder.decode(bytesOf(id), { stream: true }),
    flush: () => decoder.decode(),
  };
}
