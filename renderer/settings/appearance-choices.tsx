import type { ReactNode } from 'react';
import type { Settings } from '../../preload/contract.ts';
import { languages, motions, textSizes } from '../../preload/contract/values.ts';
import { nameOfLanguage, strings } from '../strings/index.ts';
import { fraction } from '../ui/format.ts';
import { Choice } from './choice.tsx';
import { changeSettings } from './store.ts';

/** Language, text size and motion. A choice takes effect immediately. */
export function AppearanceChoices({ settings }: { readonly settings: Settings }): ReactNode {
  const { language, textSize, motion } = settings;
  return (
    <div className="mt-4 grid grid-cols-[repeat(auto-fit,minmax(11rem,1fr))] gap-x-6 gap-y-4">
      <Choice
        label={strings.settings.language}
        value={language}
        choices={languages}
        nameOf={nameOfLanguage}
        onChoose={(chosen) => void changeSettings({ language: chosen })}
      />
      <Choice
        label={strings.settings.textSize}
        value={textSize}
        choices={textSizes}
        nameOf={(size) => fraction(Number(size) / 100)}
        onChoose={(chosen) => void changeSettings({ textSize: chosen })}
      />
      <Choice
        label={strings.settings.motion}
        value={motion}
        choices={motions}
        nameOf={(choice) => strings.settings.motions[choice]}
        onChoose={(chosen) => void changeSettings({ motion: chosen })}
      />
    </div>
  );
}
