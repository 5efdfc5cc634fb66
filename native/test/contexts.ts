/** The tiny model in context binaries of Qualcomm's AI Hub; `python -m export genie-fixture` makes them. */
import { fileURLToPath } from 'node:url';
import type { ContextOptions, LoadOptions } from '../index.d.ts';
import { readJson } from './addon.ts';

export interface Answer {
  readonly promptTokens: readonly number[];
  readonly tokens: readonly number[];
}

export const qnnFolder = fileURLToPath(new URL('../../resources/qnn', import.meta.url));

export function contextFile(bundle: string, name: string): string {
  return fileURLToPath(new URL(`../../e2e/fixtures/${bundle}/${name}`, import.meta.url));
}

export function partOf(bundle: string, part: number): string {
  return contextFile(bundle, `tiny_llama_part_${part}_of_4.bin`);
}

export function contextsOf(bundle: string): ContextOptions {
  return {
    binaries: [1, 2, 3, 4].map((part) => partOf(bundle, part)),
    inverseFrequencies: [0, 1, 2, 3].map((pair) => 10_000 ** (-pair / 4)),
  };
}

export function contextLoad(bundle: string, contexts: Partial<ContextOptions> = {}): LoadOptions {
  return {
    programPath: contextFile(bundle, 'genie_config.json'),
    contexts: { ...contextsOf(bundle), ...contexts },
    warmUp: false,
  };
}

export function answersOf(bundle: string): readonly Answer[] {
  return readJson(contextFile(bundle, 'expected.json')) as readonly Answer[];
}
