/** Theme, text size, motion and language. Also kept in local storage, because settings arrive after the first frame. */
import type { Settings } from '../../preload/contract.ts';
import { languages, motions, textSizes, themes } from '../../preload/contract/values.ts';
import { setLanguage, strings } from '../strings/index.ts';
import { lasting } from '../ui/memory.ts';

type Appearance = Pick<Settings, 'theme' | 'textSize' | 'motion' | 'language'>;

export function keepAppearance({ theme, textSize, motion, language }: Settings): void {
  for (const [key, value] of Object.entries({ theme, textSize, motion, language })) lasting.write(key, value);
}

/** Values from local storage, if they are still valid choices. */
export function lastAppearance(): Appearance {
  const last = <const Choices extends readonly string[]>(key: string, choices: Choices): Choices[number] | undefined =>
    choices.find((choice) => choice === lasting.read(key));
  return {
    theme: last('theme', themes) ?? 'system',
    textSize: last('textSize', textSizes) ?? '100',
    motion: last('motion', motions) ?? 'system',
    language: last('language', languages) ?? 'system',
  };
}

export function applyAppearance({ theme, textSize, motion, language }: Appearance): void {
  const { documentElement: root } = document;
  const { dataset, style } = root;
  if (theme === 'system') delete dataset['theme'];
  else dataset['theme'] = theme;
  if (motion === 'system') delete dataset['motion'];
  else dataset['motion'] = motion;
  // All layout lengths are in rem, so they grow with the text.
  style.fontSize = textSize === '100' ? '' : `${textSize}%`;
  setLanguage(language);
  root.lang = strings.tag;
}
