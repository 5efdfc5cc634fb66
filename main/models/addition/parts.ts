/** The parts of a model bundle, and the file names of each part. */
import { basename, dirname } from 'node:path';
import type { ModelPart } from '../../../preload/contract.ts';
import type { BundlePaths } from '../../engine/protocol.ts';

/** A file that may be a part of the bundle. */
export interface FoundFile {
  /** Absolute. */
  readonly path: string;
  readonly name: string;
  readonly folder: string;
  readonly part: ModelPart | undefined;
  /** True if the person named this file; false if it lies beside a named file or in a named folder. */
  readonly chosen: boolean;
}

export function foundFile(path: string, chosen: boolean): FoundFile {
  const name = basename(path);
  return { path, name, folder: dirname(path), part: partOf(name), chosen };
}

const fixedNames: ReadonlyMap<string, ModelPart> = new Map([
  ['wyvern.json', 'manifest'],
  ['tokenizer_config.json', 'tokenizerConfig'],
  ['generation_config.json', 'generationConfig'],
  ['chat_template.jinja', 'chatTemplate'],
]);

/** The usual part of a file with this name; undefined if it belongs to no model. A manifest may override it. */
export function partOf(fileName: string): ModelPart | undefined {
  const name = fileName.toLowerCase();
  // macOS puts such a file beside each file on other disks and in archives.
  if (name.startsWith('._')) return undefined;
  const fixed = fixedNames.get(name);
  if (fixed !== undefined) return fixed;
  if (name.endsWith('.pte')) return 'program';
  if (name.endsWith('.ptd')) return 'data';
  if (name.endsWith('.model') || name.endsWith('.tiktoken') || /tokenizer\.json$/.test(name)) return 'tokenizer';
  if (name.endsWith('.jinja')) return 'chatTemplate';
  return undefined;
}

/** Files that describe the use of a model. They are taken from beside a tokenizer or program that the person names. */
export const companions: ReadonlySet<ModelPart | undefined> = new Set([
  'tokenizerConfig',
  'chatTemplate',
  'generationConfig',
  'manifest',
]);

/** Every file of a bundle with its part, the program first. */
export function filesOf({ program, data, ...others }: BundlePaths): readonly (readonly [ModelPart, string])[] {
  return [
    ['program', program],
    ...data.map((path) => ['data', path] as const),
    ...(Object.entries(others) as [ModelPart, string][]),
  ];
}

/** Names of the parts in a sentence. */
export const partWords: Readonly<Record<ModelPart, string>> = {
  program: 'program',
  data: 'set of weights',
  tokenizer: 'tokenizer',
  tokenizerConfig: 'tokenizer_config.json',
  chatTemplate: 'chat template',
  generationConfig: 'generation_config.json',
  manifest: 'wyvern.json',
};
