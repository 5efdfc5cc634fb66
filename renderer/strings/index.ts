/**
 * Every sentence the window says. A catalogue is a typed object, one a language: its sentences are functions of what they
 * speak of, so a missing one, or one that is given something else, does not compile; an i18n library would add keys that
 * are text, which nothing checks.
 */
import { create } from 'zustand';
import type { Settings } from '../../preload/contract.ts';
import { type Language, languageOf } from '../../preload/contract-values.ts';
import { lasting } from '../ui/memory.ts';
import { de } from './de.ts';
import { en } from './en.ts';
import { zh } from './zh.ts';

/** The same keys in every language, each a text or a function of the same things. */
type Words<T> = T extends (...things: infer Things) => infer Said
  ? (...things: Things) => Said extends string ? string : Said
  : T extends string
    ? string
    : { readonly [Key in keyof T]: Words<T[Key]> };
export type Strings = Words<typeof en>;

export const catalogues: Readonly<Record<Language, Strings>> = { en, de, zh };
/** Each by its own name, which is the same in every language. */
const languageNames: Readonly<Record<Language, string>> = { en: 'English', de: 'Deutsch', zh: '简体中文' };

/** The one the window speaks. What is drawn only if its own data change asks for it, so that it is drawn again with it. */
export const useLanguage = create<Language>(() => languageOf(lasting.read('language'), navigator.languages));

/** Read it where it is said, not while a module is loaded: it is another one after the language was changed. */
export let strings = catalogues[useLanguage.getState()];

export function nameOfLanguage(choice: Settings['language']): string {
  return choice === 'system' ? strings.settings.systemLanguage : languageNames[choice];
}

export function setLanguage(choice: Settings['language']): void {
  const language = languageOf(choice, navigator.languages);
  strings = catalogues[language];
  useLanguage.setState(language, true);
}
