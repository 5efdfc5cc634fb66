/** The fixture model: trained until its greedy continuations are unambiguous, so tests compare exact answers. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const tinyLlama = resolve(import.meta.dirname, 'fixtures/tiny-llama');

interface Continuation {
  /** The model's prompt, with the chat format. */
  readonly prompt: string;
  /** Absent for plain text. */
  readonly messages?: readonly { readonly role: 'system' | 'user' | 'assistant'; readonly content: string }[];
  readonly continuation: string;
  readonly reason: 'stop' | 'length';
}

function continuations(): readonly Continuation[] {
  return JSON.parse(readFileSync(join(tinyLlama, 'expected.json'), 'utf8')) as readonly Continuation[];
}

/** Questions for a new chat, with their answers. */
export function firstAnswers(): readonly { readonly question: string; readonly answer: string }[] {
  return continuations().flatMap(({ messages = [], continuation, reason }) => {
    const [message] = messages;
    const alone = messages.length === 1 && message?.role === 'user' && reason === 'stop';
    return alone ? [{ question: message.content, answer: continuation }] : [];
  });
}
