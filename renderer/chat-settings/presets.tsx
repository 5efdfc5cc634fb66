import { Download, Pencil, Trash2 } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import type { GenerationOverrides, Preset } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { NameField } from '../ui/name-field.tsx';
import {
  deletePreset,
  exportPresets,
  importPresets,
  loadPresets,
  renamePreset,
  replaceOwn,
  savePreset,
  useChatSettings,
} from './store.ts';

/** Named sets of chat settings, which the person can apply, save, rename, import and export. */
export function Presets({
  conversationId,
  own,
}: {
  readonly conversationId: string | undefined;
  readonly own: GenerationOverrides;
}): ReactNode {
  const words = strings.chatSettings;
  const presets = useChatSettings((state) => state.presets);
  /** Result of the last action, such as an import. */
  const [told, setTold] = useState('');
  useEffect(() => void loadPresets(), []);
  const tell = async (outcome: Promise<string | undefined>): Promise<void> => setTold((await outcome) ?? '');
  return (
    <section aria-label={words.presets}>
      <h3 className="text-sm">{words.presets}</h3>
      {presets.length > 0 && (
        <ul
          className="mt-1.5 max-h-52 divide-y divide-line overflow-y-auto rounded-xl border border-line"
          data-testid="presets"
        >
          {presets.map((preset) => (
            <PresetRow
              key={preset.id}
              preset={preset}
              onUse={() => void replaceOwn(conversationId, preset.settings)}
              onRename={(to) => void tell(renamePreset(preset.id, to))}
              onExport={() => void tell(exportPresets(preset.id))}
            />
          ))}
        </ul>
      )}
      <NewPreset onSave={(name) => void savePreset(name, own)} />
      <div className="mt-1.5 -ml-1 flex flex-wrap gap-x-2">
        <Button look="link" onClick={() => void tell(importPresets())}>
          {words.importPresets}
        </Button>
        {presets.length > 0 && (
          <Button look="link" onClick={() => void tell(exportPresets(undefined))}>
            {words.exportPresets}
          </Button>
        )}
      </div>
      <p role="status" className="text-xs whitespace-pre-line text-muted wrap-anywhere">
        {told}
      </p>
    </section>
  );
}

/** Saves the settings of the chat under a new name. */
function NewPreset({ onSave }: { readonly onSave: (name: string) => void }): ReactNode {
  const words = strings.chatSettings;
  const [name, setName] = useState('');
  const save = (): void => {
    if (name.trim() === '') return;
    setName('');
    onSave(name.trim());
  };
  return (
    <div className="mt-2 flex gap-2">
      <input
        type="text"
        value={name}
        maxLength={200}
        aria-label={words.presetName}
        placeholder={words.presetName}
        className="h-8 min-w-0 flex-1 rounded-lg border border-line-strong bg-canvas px-3 text-sm outline-none placeholder:text-faint focus:border-accent"
        onChange={(event) => setName(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') save();
        }}
      />
      <Button disabled={name.trim() === ''} onClick={save}>
        {words.savePreset}
      </Button>
    </div>
  );
}

function PresetRow({
  preset,
  onUse,
  onRename,
  onExport,
}: {
  readonly preset: Preset;
  readonly onUse: () => void;
  readonly onRename: (name: string) => void;
  readonly onExport: () => void;
}): ReactNode {
  const words = strings.chatSettings;
  const [renaming, setRenaming] = useState(false);
  const { id, name } = preset;
  if (renaming) {
    return (
      <li className="p-1">
        <NameField
          name={name}
          label={words.renamedPreset(name)}
          className="h-7 bg-canvas px-2.5"
          onDone={(to) => {
            setRenaming(false);
            if (to !== undefined) onRename(to);
          }}
        />
      </li>
    );
  }
  return (
    <li className="flex items-center gap-0.5 p-1">
      <button
        type="button"
        aria-label={words.usePreset(name)}
        title={name}
        className="h-7 min-w-0 flex-1 truncate rounded-lg px-2.5 text-left text-sm transition-colors hover:bg-hover"
        onClick={onUse}
        onKeyDown={(event) => {
          if (event.key === 'F2') setRenaming(true);
        }}
      >
        {name}
      </button>
      <IconButton name={words.renamePreset(name)} size="small" onClick={() => setRenaming(true)}>
        <Pencil />
      </IconButton>
      <IconButton name={words.exportPreset(name)} size="small" onClick={onExport}>
        <Download />
      </IconButton>
      <IconButton name={words.deletePreset(name)} size="small" onClick={() => void deletePreset(id)}>
        <Trash2 />
      </IconButton>
    </li>
  );
}
