import { Trash2 } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { type GenerationOverrides, hasTemplate } from '../../preload/contract.ts';
import { useConversations } from '../conversations/store.ts';
import { useModels } from '../models/store.ts';
import { useSettings } from '../settings/store.ts';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { Modal } from '../ui/modal.tsx';
import { OwnNumber, OwnText } from './own-field.tsx';
import {
  deletePreset,
  loadPresets,
  replaceOwn,
  savePreset,
  setOwn,
  showChatSettings,
  useChatSettings,
  useOwnSettings,
} from './store.ts';

/** What the open chat sets otherwise than the settings. Every change is stored at once. */
export function ChatSettingsDialog(): ReactNode {
  const open = useChatSettings((state) => state.open);
  const conversationId = useConversations(({ activeId }) => activeId);
  if (!open) return null;
  return (
    <Modal title={strings.chatSettings.title} width="w-[37rem]" onClose={() => showChatSettings(false)}>
      <div className="space-y-6 overflow-y-auto px-6 pt-1 pb-7">
        <Fields key={conversationId} conversationId={conversationId} />
      </div>
    </Modal>
  );
}

function Fields({ conversationId }: { readonly conversationId: string | undefined }): ReactNode {
  const own = useOwnSettings(conversationId);
  const model = useModels((models) => models.state);
  const usual = useSettings(({ settings }) => settings);
  const withoutTemplate = model.status === 'ready' && !hasTemplate(model.chatTemplate);
  return (
    <>
      <p className="text-xs text-faint">{strings.chatSettings.hint}</p>
      <Presets conversationId={conversationId} own={own} />
      <OwnText
        label={strings.settings.systemPrompt}
        hint={strings.chatSettings.systemPromptHint}
        value={own.systemPrompt ?? ''}
        placeholder={usual?.systemPrompt ?? ''}
        why={withoutTemplate ? strings.chatSettings.noTemplate(model.name) : undefined}
        onKeep={(text) => void setOwn(conversationId, 'systemPrompt', text === '' ? undefined : text)}
      />
      <div className="grid grid-cols-2 gap-x-6 gap-y-4">
        {(['temperature', 'maxTokens', 'topP', 'topK', 'minP', 'repetitionPenalty', 'seed'] as const).map((name) => (
          <OwnNumber key={name} conversationId={conversationId} name={name} own={own} />
        ))}
      </div>
      <OwnText
        label={strings.chatSettings.stopStrings}
        hint={strings.chatSettings.stopStringsHint}
        value={(own.stopStrings ?? []).join('\n')}
        placeholder=""
        onKeep={(text) => {
          const lines = text.split('\n').filter((line) => line !== '');
          void setOwn(conversationId, 'stopStrings', lines.length === 0 ? undefined : lines.slice(0, 16));
        }}
      />
    </>
  );
}

function Presets({
  conversationId,
  own,
}: {
  readonly conversationId: string | undefined;
  readonly own: GenerationOverrides;
}): ReactNode {
  const presets = useChatSettings((state) => state.presets);
  const [name, setName] = useState('');
  useEffect(() => void loadPresets(), []);
  const save = (): void => {
    if (name.trim() === '') return;
    setName('');
    void savePreset(name.trim(), own);
  };
  return (
    <section aria-label={strings.chatSettings.presets}>
      <h3 className="text-sm">{strings.chatSettings.presets}</h3>
      {presets.length > 0 && (
        <ul className="mt-1.5 flex flex-wrap gap-2" data-testid="presets">
          {presets.map((preset) => (
            <li key={preset.id} className="flex items-center rounded-lg border border-line pr-0.5">
              <Button
                look="quiet"
                aria-label={strings.chatSettings.usePreset(preset.name)}
                onClick={() => void replaceOwn(conversationId, preset.settings)}
              >
                {preset.name}
              </Button>
              <IconButton
                name={strings.chatSettings.deletePreset(preset.name)}
                size="small"
                onClick={() => void deletePreset(preset.id)}
              >
                <Trash2 />
              </IconButton>
            </li>
          ))}
        </ul>
      )}
      <div className="mt-2 flex gap-2">
        <input
          type="text"
          value={name}
          maxLength={200}
          aria-label={strings.chatSettings.presetName}
          placeholder={strings.chatSettings.presetName}
          className="h-8 min-w-0 flex-1 rounded-lg border border-line-strong bg-canvas px-3 text-sm outline-none placeholder:text-faint focus:border-accent"
          onChange={(event) => setName(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') save();
          }}
        />
        <Button disabled={name.trim() === ''} onClick={save}>
          {strings.chatSettings.savePreset}
        </Button>
      </div>
    </section>
  );
}
