/** Says what a multimodal program loses when it runs as a text model, and recognises programs without a text model. */
import type { ProgramFacts } from './program.ts';

export type Medium = 'images' | 'sound';

/** Upstream's names of the text part's methods (`extension/llm/runner/constants.h`). */
const textMethods = ['token_embedding', 'text_decoder'];
const encoders: readonly (readonly [Medium, RegExp])[] = [
  ['images', /vision|image/],
  ['sound', /audio|speech/],
];

/** The inputs of a program that Wyvern does not use; empty for a text model. */
export function unusedMedia({ methods }: Pick<ProgramFacts, 'methods'>): readonly Medium[] {
  const names = methods.map(({ name }) => name);
  if (names.includes('forward') || !textMethods.every((name) => names.includes(name))) return [];
  return encoders.filter(([, pattern]) => names.some((name) => pattern.test(name))).map(([medium]) => medium);
}

/** Methods with which a program generates text. */
const chats = ['forward', 'kv_forward', 'prefill_forward'];

/** The methods of a program with an encoder and no text model of its own, such as Whisper; else empty. */
export function encodersOf({ methods }: Pick<ProgramFacts, 'methods'>): readonly string[] {
  const names = methods.filter(({ inputs }) => inputs.length > 0).map(({ name }) => name);
  const canChat = names.some((name) => chats.includes(name)) || textMethods.every((name) => names.includes(name));
  return !canChat && names.some((name) => name.includes('encoder')) ? names : [];
}
