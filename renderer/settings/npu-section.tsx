import { type ReactNode, useId, useState } from 'react';
import type { Settings } from '../../preload/contract.ts';
import { performanceModes, profileLevels } from '../../preload/contract/values.ts';
import { useModels } from '../models/store.ts';
import { strings } from '../strings/index.ts';
import { Choice, field } from './choice.tsx';
import { changeSettings } from './store.ts';

/** Settings of the NPU, and the Qualcomm libraries in use. */
export function NpuSection({ settings }: { readonly settings: Settings }): ReactNode {
  const { state, models } = useModels();
  const inUse = state.status === 'ready' ? state.npu : undefined;
  const target = state.status === 'ready' ? models.find(({ id }) => id === state.modelId)?.target : undefined;
  return (
    <>
      <div className="grid grid-cols-2 gap-x-6 gap-y-4">
        <Choice
          label={strings.settings.performanceMode}
          value={settings.performanceMode}
          choices={performanceModes}
          nameOf={(choice) => strings.settings.performanceModes[choice]}
          onChoose={(performanceMode) => void changeSettings({ performanceMode })}
        />
        <Choice
          label={strings.settings.profileLevel}
          value={settings.profileLevel}
          choices={profileLevels}
          nameOf={(choice) => strings.settings.profileLevels[choice]}
          onChoose={(profileLevel) => void changeSettings({ profileLevel })}
        />
      </div>
      <FolderField value={settings.qnnFolder} />
      <p className="mt-3 text-xs text-faint">{strings.settings.npuHint}</p>
      {inUse && (
        <p className="mt-1 text-xs wrap-anywhere text-muted" data-testid="npu-in-use">
          {strings.settings.npuInUse(inUse, target)}
        </p>
      )}
    </>
  );
}

function FolderField({ value }: { readonly value: string }): ReactNode {
  const id = useId();
  const [text, setText] = useState(value);
  return (
    <div className="mt-4">
      <label htmlFor={id} className="block text-sm">
        {strings.settings.qnnFolder}
      </label>
      <input
        id={id}
        type="text"
        value={text}
        maxLength={32_768}
        spellCheck={false}
        aria-describedby={`${id}-hint`}
        className={field}
        onChange={(event) => setText(event.target.value)}
        onBlur={() => {
          if (text.trim() !== value) void changeSettings({ qnnFolder: text.trim() });
        }}
      />
      <p id={`${id}-hint`} className="mt-1.5 text-xs text-faint">
        {strings.settings.qnnFolderHint}
      </p>
    </div>
  );
}
