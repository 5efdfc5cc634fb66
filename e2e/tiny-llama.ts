/** The fixture model: trained until its greedy continuations are unambiguous, so that answers are asserted to the letter. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const tinyLlama = resolve(import.meta.dirname, 'fixtures/tiny-llama');

interface Continuation {
  /** As the model is given it, chat format and all. */
  readonly prompt: string;
  /** Absent for plain text. */
  readonly messages?: readonly { readonly role: 'system' | 'user' | 'assistant'; readonly content: string }[];
  readonly continuation: string;
  readonly reason: 'stop' | 'length';
}

function continuations(): readonly Continuation[] {
  return JSON.parse(readFileSync(join(tinyLlama, 'expected.json'), 'utf8')) as readonly Continuation[];
}

/** What a new chat may be asked, and what it answers. */
export function firstAnswers(): readonly { readonly question: string; readonly answer: string }[] {
  return continuations().flatMap(({ messages = [], continuation, reason }) => {
    const [message] = messages;
    const alone = messages.length === 1 && message?.role === 'user' && reason === 'stop';
    return alone ? [{ question: message.content, answer: continuation }] : [];
  });
}
