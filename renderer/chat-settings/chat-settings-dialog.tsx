import type { ReactNode } from 'react';
import { hasTemplate, systemPlaces } from '../../preload/contract/values.ts';
import { useModelWithoutSystemPlace } from '../chat/system-choice.tsx';
import { useConversations } from '../conversations/store.ts';
import { useModels } from '../models/store.ts';
import { Choice } from '../settings/choice.tsx';
import { StopStringsField } from '../settings/stop-strings-field.tsx';
import { useSettings } from '../settings/store.ts';
import { strings } from '../strings/index.ts';
import { Modal } from '../ui/modal.tsx';
import { OwnNumber, OwnText } from './own-field.tsx';
import { Presets } from './presets.tsx';
import { setOwn, showChatSettings, useChatSettings, useOwnSettings } from './store.ts';

/** Settings of the open chat that override the person's settings. Every change is stored immediately. */
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
  const isHomeless = useModelWithoutSystemPlace() !== undefined;
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
      {isHomeless && usual && (
        <Choice
          label={strings.settings.systemPlace}
          value={own.systemPlace ?? usual.systemPlace}
          choices={systemPlaces}
          nameOf={(choice) => strings.settings.systemPlaces[choice]}
          onChoose={(place) => void setOwn(conversationId, 'systemPlace', place)}
        />
      )}
      <div className="grid grid-cols-2 gap-x-6 gap-y-4">
        {(
          ['temperature', 'maxTokens', 'maxThoughtTokens', 'topP', 'topK', 'minP', 'repetitionPenalty', 'seed'] as const
        ).map((name) => (
          <OwnNumber key={name} conversationId={conversationId} name={name} own={own} />
        ))}
      </div>
      <StopStringsField
        value={own.stopStrings ?? []}
        placeholder={usual?.stopStrings ?? []}
        onKeep={(lines) => void setOwn(conversationId, 'stopStrings', lines.length === 0 ? undefined : lines)}
      />
    </>
  );
}
