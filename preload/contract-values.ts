/** What of the contract is no schema, but values: the window takes them from here, and carries no schema library. */
import type { TemplateInfo } from './contract-templates.ts';

/** Of the window, by their tags; `system`: the first of the system's own that is among them, else English. */
export const languages = ['system', 'en', 'de', 'zh'] as const;
export type LanguageChoice = (typeof languages)[number];
export type Language = Exclude<LanguageChoice, 'system'>;

/**
 * The language that was chosen; the system's, as far as it is spoken here; else English.
 * @param preferred Tags of the languages that the system's person reads, the dearest first
 */
export function languageOf(choice: string | undefined, preferred: readonly string[]): Language {
  const spoken = (tag: string | undefined): Language | undefined =>
    languages.find((language) => language !== 'system' && language === tag) as Language | undefined;
  const ofSystem = preferred.map((tag) => spoken(tag.split('-', 1)[0])).find((language) => language);
  return spoken(choice) ?? ofSystem ?? 'en';
}

export const themes = ['system', 'light', 'dark'] as const;
/** Percent of the usual size. */
export const textSizes = ['85', '100', '115', '130', '150'] as const;
/** `system`: as the system asks for. */
export const motions = ['system', 'reduced'] as const;

/** Clock and power asked of the NPU, most first; `default` is what the program was compiled with. */
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

/** What the NPU reports of each token: nothing, times, or cycles of single operators too. */
export const profileLevels = ['off', 'basic', 'detailed'] as const;

export const mostStopStrings = 16;
export const longestStopString = 200;

/** Minutes without use after which a model is unloaded. */
export const idleUnloads = ['never', '5', '15', '30', '60'] as const;

/** What to do when the conversation no longer fits the context. */
export const contextPolicies = ['stop', 'drop-oldest'] as const;

/** Chat templates that are known by name. */
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

/** Whether chats are put into a form at all; else the last message is continued. */
export function hasTemplate({ source }: TemplateInfo): boolean {
  return source !== 'none' && source !== 'completion';
}
