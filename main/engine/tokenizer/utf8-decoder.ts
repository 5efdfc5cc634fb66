import type { TokenDecoder } from './tokenizer.ts';

/** Returns the bytes of the token with this id in running text; empty for a control token. */
export type BytesOf = (id: number) => Uint8Array;

/** Caches the bytes of tokens. The vocabulary bounds its size. */
export function remembered(bytesOf: BytesOf): BytesOf {
  const known: Uint8Array[] = [];
  return (id) => (known[id] ??= bytesOf(id));
}

/** Joins bytes of tokens into text. An invalid sequence becomes U+FFFD as soon as it is known to be invalid. */
export function utf8Decoder(bytesOf: BytesOf): TokenDecoder {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return {
    push: (id) => decoder.decode(bytesOf(id), { stream: true }),
    flush: () => decoder.decode(),
  };
}
