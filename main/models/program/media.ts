/** Says what a multimodal program loses when it runs as a text model. */
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
