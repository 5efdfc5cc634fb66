/**
 * Every sentence the window says. A catalogue is a typed object, one a language: its sentences are functions of what they
 * speak of, so a missing one, or one that is given something else, does not compile; an i18n library would add keys that
 * are text, which nothing checks.
 */
import { en } from './en.ts';

/** The same keys in every language, each a text or a function of the same things. */
type Words<T> = T extends (...things: infer Things) => infer Said
  ? (...things: Things) => Said extends string ? string : Said
  : T extends string
    ? string
    : { readonly [Key in keyof T]: Words<T[Key]> };
export type Strings = Words<typeof en>;

/** Read it where it is said, not while a module is loaded: it is another one after the language was changed. */
export const strings: Strings = en;
