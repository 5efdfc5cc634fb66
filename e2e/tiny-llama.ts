/** The fixture model: trained until its greedy continuations are unambiguous, so that answers are asserted to the letter. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const tinyLlama = resolve(import.meta.dirname, 'fixtures/tiny-llama');

export interface Continuation {
  readonly prompt: string;
  readonly continuation: string;
}

export function continuations(): readonly Continuation[] {
  return JSON.parse(readFileSync(join(tinyLlama, 'expected.json'), 'utf8')) as readonly Continuation[];
}
