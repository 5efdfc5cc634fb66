/** What the system shows for Wyvern, in the language of the window. The window's own words are in `renderer/strings/`. */
import { type Language, languageOf } from '../../preload/contract/values.ts';
import { de } from './de.ts';
import { en } from './en.ts';
import { zh } from './zh.ts';

type Words<T> = { readonly [Key in keyof T]: T[Key] extends string ? string : Words<T[Key]> };
export type Strings = Words<typeof en>;

export const catalogues: Readonly<Record<Language, Strings>> = { en, de, zh };

/** As `languageOf` chooses. */
export function stringsOf(...choice: Parameters<typeof languageOf>): Strings {
  return catalogues[languageOf(...choice)];
}
