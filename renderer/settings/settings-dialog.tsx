import type { ReactNode } from 'react';
import type { Settings } from '../../preload/contract.ts';
import { idleUnloads, systemPlaces, themes } from '../../preload/contract/values.ts';
import { DataSection } from '../data/data-section.tsx';
import { ExchangeSection } from '../exchange/exchange-section.tsx';
import { ServerSection } from '../server/server-section.tsx';
import { strings } from '../strings/index.ts';
import { Modal } from '../ui/modal.tsx';
import { About } from './about.tsx';
import { Choice } from './choice.tsx';
import { DiagnosticsSection } from './diagnostics-section.tsx';
import { NpuSection } from './npu-section.tsx';
import { NumberField } from './number-field.tsx';
import { NumberInput } from './number-input.tsx';
import { Sectioned } from './sectioned.tsx';
import { StopStringsField } from './stop-strings-field.tsx';
import { AppearanceChoices } from './appearance-choices.tsx';
import { changeSettings, showSettings, useSettings } from './store.ts';
import { SystemPromptField } from './system-prompt-field.tsx';

/** Every change is stored immediately, so there is nothing to save. */
export function SettingsDialog(): ReactNode {
  const { dialogOpen, settings, section } = useSettings();
  if (!dialogOpen || !settings) return null;
  return (
    <Modal title={strings.settings.title} width="w-[48rem]" onClose={() => showSettings(false)}>
      <Sectioned start={section}>
        <Section title={strings.settings.appearance}>
          <ThemeChoice theme={settings.theme} />
          <AppearanceChoices settings={settings} />
        </Section>
        <Section title={strings.settings.answers}>
          <Answers settings={settings} />
        </Section>
        <Section title={strings.settings.engine}>
          <div className="grid grid-cols-2 gap-x-6">
            <NumberField name="threads" settings={settings} />
            <Choice
              label={strings.settings.idleUnload}
              value={settings.idleUnload}
              choices={idleUnloads}
              nameOf={(choice) => strings.settings.idleUnloads[choice]}
              hint={strings.settings.idleUnloadHint}
              onChoose={(idleUnload) => void changeSettings({ idleUnload })}
            />
          </div>
        </Section>
        <Section title={strings.settings.npu}>
          <NpuSection settings={settings} />
        </Section>
        <Section title={strings.server.title}>
          <ServerSection settings={settings} />
        </Section>
        <Section title={strings.data.title}>
          <DataSection />
        </Section>
        <Section title={strings.diagnostics.title}>
          <DiagnosticsSection />
        </Section>
        <Section title={strings.exchange.title}>
          <ExchangeSection />
        </Section>
        <Section title={strings.settings.about}>
          <About />
        </Section>
      </Sectioned>
    </Modal>
  );
}

/** How the model answers, in chats without settings of their own. */
function Answers({ settings }: { readonly settings: Settings }): ReactNode {
  return (
    <>
      <SystemPromptField value={settings.systemPrompt} />
      <div className="mt-4">
        <Choice
          label={strings.settings.systemPlace}
          value={settings.systemPlace}
          choices={systemPlaces}
          nameOf={(choice) => strings.settings.systemPlaces[choice]}
          onChoose={(systemPlace) => void changeSettings({ systemPlace })}
        />
      </div>
      <label className="mt-4 flex items-center gap-2.5 text-sm">
        <input
          type="checkbox"
          checked={settings.automaticTitles}
          className="size-4 accent-accent"
          onChange={(event) => void changeSettings({ automaticTitles: event.target.checked })}
        />
        {strings.settings.automaticTitles}
      </label>
      <label className="mt-2.5 flex items-center gap-2.5 text-sm">
        <input
          type="checkbox"
          checked={settings.openThoughts}
          className="size-4 accent-accent"
          onChange={(event) => void changeSettings({ openThoughts: event.target.checked })}
        />
        {strings.settings.openThoughts}
      </label>
      <p className="mt-5 text-xs text-faint">{strings.settings.answersHint}</p>
      <div className="mt-3 grid grid-cols-2 gap-x-6 gap-y-4">
        <NumberField name="temperature" settings={settings} />
        <NumberField name="maxTokens" settings={settings} />
        <NumberField name="maxThoughtTokens" settings={settings} />
        <NumberField name="topP" settings={settings} />
        <NumberField name="topK" settings={settings} />
        <NumberField name="minP" settings={settings} />
        <NumberField name="repetitionPenalty" settings={settings} />
        <NumberInput
          name="seed"
          value={settings.seed ?? undefined}
          placeholder={strings.settings.anySeed}
          onKeep={(seed) => void changeSettings({ seed: seed ?? null })}
        />
      </div>
      <div className="mt-4">
        <StopStringsField
          value={settings.stopStrings}
          placeholder={[]}
          onKeep={(stopStrings) => void changeSettings({ stopStrings })}
        />
      </div>
    </>
  );
}

function Section({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactNode {
  return (
    <section aria-label={title}>
      <h3 tabIndex={-1} className="mb-3 outline-none border-b border-line pb-2 text-sm font-semibold">
        {title}
      </h3>
      {children}
    </section>
  );
}

function ThemeChoice({ theme }: { readonly theme: Settings['theme'] }): ReactNode {
  return (
    <fieldset className="flex items-center justify-between gap-6">
      <legend className="sr-only">{strings.settings.theme}</legend>
      <span aria-hidden="true" className="text-sm">
        {strings.settings.theme}
      </span>
      <div className="flex rounded-lg bg-selected p-0.5">
        {themes.map((choice) => (
          <label
            key={choice}
            className="cursor-pointer rounded-md px-3.5 py-1 text-sm text-muted transition-colors has-checked:bg-thumb has-checked:text-ink has-checked:shadow-low has-focus-visible:outline-2 has-focus-visible:outline-accent"
          >
            <input
              type="radio"
              name="theme"
              value={choice}
              checked={choice === theme}
              className="sr-only"
              onChange={() => void changeSettings({ theme: choice })}
            />
            {strings.settings.themes[choice]}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
