/** The parts of a model bundle, and the file names of each part. */
import { basename, dirname } from 'node:path';
import type { ModelPart } from '../../../preload/contract.ts';
import type { BundlePaths } from '../../engine/protocol.ts';
import { nameKey } from '../../files/names.ts';

/** A file that may be a part of the bundle. */
export interface FoundFile {
  /** Absolute. */
  readonly path: string;
  readonly name: string;
  readonly folder: string;
  readonly part: ModelPart | undefined;
  /** True if the person named this file; false if it is beside a named file or in a named folder. */
  readonly chosen: boolean;
}

export function foundFile(path: string, chosen: boolean): FoundFile {
  const name = basename(path);
  const folder = dirname(path);
  const isAdditional = basename(folder).toLowerCase() === additionalFolder && name.toLowerCase().endsWith('.jinja');
  return { path, name, folder, part: isAdditional ? 'additionalTemplates' : partOf(name), chosen };
}

/** The files with a name, as the disks of Windows and macOS find them: exactly, else by other capitals. */
export function filesNamed(files: readonly FoundFile[], name: string | undefined): readonly FoundFile[] {
  const exact = files.filter((file) => file.name === name);
  if (exact.length > 0 || name === undefined) return exact;
  return files.filter((file) => nameKey(file.name) === nameKey(name));
}

/** Beside a tokenizer: templates by name. Chats use `default.jinja`. */
export const additionalFolder = 'additional_chat_templates';

const fixedNames: ReadonlyMap<string, ModelPart> = new Map([
  ['wyvern.json', 'manifest'],
  ['tokenizer_config.json', 'tokenizerConfig'],
  ['special_tokens_map.json', 'specialTokensMap'],
  ['added_tokens.json', 'addedTokens'],
  ['generation_config.json', 'generationConfig'],
  ['config.json', 'config'],
  ['genie_config.json', 'program'],
  ['htp_backend_ext_config.json', 'htpSettings'],
  ['chat_template.jinja', 'chatTemplate'],
  ['chat_template.json', 'processorTemplate'],
]);

/** The usual part of a file with this name; undefined if it belongs to no model. A manifest may override it. */
export function partOf(fileName: string): ModelPart | undefined {
  const name = fileName.toLowerCase();
  // macOS puts such a file beside each file on other disks and in archives.
  if (name.startsWith('._')) return undefined;
  const fixed = fixedNames.get(name);
  if (fixed !== undefined) return fixed;
  // Pre-flight refuses `.ptn` by name.
  if (name.endsWith('.pte') || name.endsWith('.ptn')) return 'program';
  if (name.endsWith('.ptd')) return 'data';
  if (name.endsWith('.model') || name.endsWith('.tiktoken') || /tokenizer\.json$/.test(name)) return 'tokenizer';
  if (name.endsWith('.jinja')) return 'chatTemplate';
  return undefined;
}

/** Files that describe the use of a model. They are taken from beside a tokenizer or program that the person names. */
export const companions: ReadonlySet<ModelPart | undefined> = new Set([
  'tokenizerConfig',
  'specialTokensMap',
  'addedTokens',
  'chatTemplate',
  'processorTemplate',
  'additionalTemplates',
  'generationConfig',
  'config',
  'htpSettings',
  'manifest',
]);

/** Every file of a bundle with its part, the program first. */
export function filesOf({ program, data, ...others }: BundlePaths): readonly (readonly [ModelPart, string])[] {
  const parts = Object.entries(others) as [ModelPart, string | readonly string[]][];
  return [
    ['program', program],
    ...data.map((path) => ['data', path] as const),
    ...parts.flatMap(([part, paths]) => [paths].flat().map((path) => [part, path] as const)),
  ];
}

/** Makes a bundle of files with parts; undefined without a program or a tokenizer. */
export function bundlePaths(files: readonly (readonly [ModelPart, string])[]): BundlePaths | undefined {
  const all = (part: ModelPart): readonly string[] => files.flatMap(([own, path]) => (own === part ? [path] : []));
  const [program] = all('program');
  const [tokenizer] = all('tokenizer');
  if (program === undefined || tokenizer === undefined) return undefined;
  const additionalTemplates = all('additionalTemplates');
  const single = files.filter(([part]) => !severalParts.has(part));
  return {
    ...Object.fromEntries(single),
    program,
    tokenizer,
    data: all('data'),
    ...(additionalTemplates.length === 0 ? {} : { additionalTemplates }),
  };
}

const severalParts: ReadonlySet<ModelPart> = new Set(['data', 'additionalTemplates']);

/** Names of the parts in a sentence. */
export const partWords: Readonly<Record<ModelPart, string>> = {
  program: 'program',
  data: 'set of weights',
  tokenizer: 'tokenizer',
  tokenizerConfig: 'tokenizer_config.json',
  specialTokensMap: 'special_tokens_map.json',
  addedTokens: 'added_tokens.json',
  chatTemplate: 'chat template',
  processorTemplate: 'chat_template.json',
  additionalTemplates: 'additional chat template',
  generationConfig: 'generation_config.json',
  config: 'config.json',
  htpSettings: 'htp_backend_ext_config.json',
  manifest: 'wyvern.json',
};
