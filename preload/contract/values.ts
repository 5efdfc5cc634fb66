/**
 * Values of the contract without schemas. The window imports them from here, so its bundle contains no schema library.
 */
import type { TemplateInfo } from './templates.ts';

export { splitThought, thoughtMarks } from './thought.ts';
export type { SplitAnswer } from './thought.ts';

/** Languages of the window, by tag. `system` takes the first supported language of the system, else English. */
export const languages = ['system', 'en', 'de', 'zh'] as const;
export type LanguageChoice = (typeof languages)[number];
export type Language = Exclude<LanguageChoice, 'system'>;

/**
 * The chosen language, else the first supported language of the system, else English.
 * @param preferred Language tags of the system, most preferred first
 */
export function languageOf(choice: string | undefined, preferred: readonly string[]): Language {
  const spoken = (tag: string | undefined): Language | undefined =>
    languages.find((language) => language !== 'system' && language === tag) as Language | undefined;
  const ofSystem = preferred.map((tag) => spoken(tag.split('-', 1)[0])).find((language) => language);
  return spoken(choice) ?? ofSystem ?? 'en';
}

export const themes = ['system', 'light', 'dark'] as const;
/** Percent of the normal size. */
export const textSizes = ['85', '100', '115', '130', '150'] as const;
/** `system` follows the system's setting. */
export const motions = ['system', 'reduced'] as const;

/** Clock and power modes of the NPU, fastest first. `default` keeps the mode that the program was compiled with. */
export const performanceModes = [
  'default',
  'burst',
  'sustained-high',
  'high',
  'balanced',
  'low-balanced',
  'high-power-saver',
  'power-saver',
  'low-power-saver',
] as const;

/** Measurements of the NPU per token: none, times, or operator cycles too. */
export const profileLevels = ['off', 'basic', 'detailed'] as const;

/** Longest message, in characters. It exceeds every context, so that the model's context is the limit that people meet. */
export const maxMessageCharacters = 2_000_000;

export const mostPrompts = 500;
/** Characters of one prompt. */
export const longestPrompt = 20_000;
export const longestPromptName = 100;

export const mostStopStrings = 16;
export const longestStopString = 200;

/** Idle minutes before a model is unloaded. */
export const idleUnloads = ['never', '5', '15', '30', '60'] as const;

/** What happens when the conversation no longer fits the context. */
export const contextPolicies = ['stop', 'drop-oldest'] as const;

/** What happens to the system prompt if a model's template has no place for one. */
export const systemPlaces = ['ask', 'first-message', 'left-out'] as const;

/** Families of built-in chat templates. */
export const templateFamilies = [
  'llama-2',
  'llama-3',
  'chatml',
  'qwen',
  'gemma',
  'phi-3',
  'phi-4',
  'phi-4-mini',
  'mistral-1',
  'mistral-3',
  'mistral-7',
] as const;

/** Whether the model has a chat template. Without one it continues the last message. */
export function hasTemplate({ source }: TemplateInfo): boolean {
  return source !== 'none' && source !== 'completion';
}

/** Kinds of documents whose text can be attached, by the ending of their names. */
export const documentKinds = ['pdf', 'docx', 'pptx', 'xlsx', 'odt', 'odp', 'ods', 'rtf', 'epub', 'html'] as const;
export type DocumentKind = (typeof documentKinds)[number];

/** Largest document, in bytes. */
export const maxDocumentBytes = 64_000_000;

/** How well a published model suits this machine, best first. */
export const fitGroups = ['fits', 'tight', 'unknown', 'not-here'] as const;
export type FitGroup = (typeof fitGroups)[number];

/** The port of the local server, unless the person chooses another. */
export const defaultServerPort = 8424;
