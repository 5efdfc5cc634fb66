/** llama.cpp's answers, which `bench/gguf-goldens.ts` writes. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';

export interface Goldens {
  /** Tokens after each prompt, by model. */
  readonly greedy: Readonly<Record<string, readonly (readonly number[])[]>>;
  /** Digests of the corpus' ids, by pre-tokenizer. */
  readonly tokenizers: Readonly<Record<string, readonly string[]>>;
}

export const goldensFile = join(import.meta.dirname, '../fixtures/llama-cpp.json');
/** Lines of the corpus that one digest covers. */
export const linesOfDigest = 20;

/** A short digest of the ids of each {@link linesOfDigest} lines. */
export function digests(ids: readonly (readonly number[])[]): readonly string[] {
  return Array.from({ length: Math.ceil(ids.length / linesOfDigest) }, (_, index) => {
    const lines = ids.slice(index * linesOfDigest, (index + 1) * linesOfDigest);
    return createHash('sha256').update(JSON.stringify(lines)).digest('hex').slice(0, 8);
  });
}
