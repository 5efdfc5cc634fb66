/**
 * All sentences of the window. A catalogue is a typed object per language. Sentences are functions of their arguments,
 * so the compiler finds a missing sentence or a wrong argument; an i18n library would look them up by unchecked string
 * keys.
 */
import { create } from 'zustand';
import type { Settings } from '../../preload/contract.ts';
import { type Language, languageOf } from '../../preload/contract/values.ts';
import { lasting } from '../ui/memory.ts';
import { de } from './de.ts';
import { en } from './en.ts';
import { zh } from './zh.ts';

/** The same keys in every language, each a text or a function of the same arguments. */
type Words<T> = T extends (...things: infer Things) => infer Said
  ? (...things: Things) => Said extends string ? string : Said
  : T extends string
    ? string
    : { readonly [Key in keyof T]: Words<T[Key]> };
export type Strings = Words<typeof en>;

export const catalogues: Readonly<Record<Language, Strings>> = { en, de, zh };
/** Each language by its own name. */
const languageNames: Readonly<Record<Language, string>> = { en: 'English', de: 'Deutsch', zh: '简体中文' };

/** The language of the window. Memoised components subscribe to it, so that a change redraws them. */
export const useLanguage = create<Language>(() => languageOf(lasting.read('language'), navigator.languages));

/** Read it while rendering, not at module load, because it changes with the language. */
export let strings = catalogues[useLanguage.getState()];

export function nameOfLanguage(choice: Settings['language']): string {
  return choice === 'system' ? strings.settings.systemLanguage : languageNames[choice];
}

export function setLanguage(choice: Settings['language']): void {
  const language = languageOf(choice, navigator.languages);
  strings = catalogues[language];
  useLanguage.setState(language, true);
}
