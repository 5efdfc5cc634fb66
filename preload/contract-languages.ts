/** The languages that the window and what the system shows for it speak. */

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
