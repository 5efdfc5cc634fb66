/** Says that a model cannot take the system prompt in its own place, and offers another one. */
import type { ReactNode } from 'react';
import { setOwn, useOwnSettings } from '../chat-settings/store.ts';
import { useModels } from '../models/store.ts';
import { useSettings } from '../settings/store.ts';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import { Notice } from './notice.tsx';

/** The loaded model's name, if its chat template has no place for a system prompt. */
export function useModelWithoutSystemPlace(): string | undefined {
  return useModels(({ state }) =>
    state.status === 'ready' && state.chatTemplate.systemPrompt === 'first-message' ? state.name : undefined,
  );
}

/** Appears above the message box until the person has chosen, if the chat has a system prompt. */
export function SystemChoice({ conversationId }: { readonly conversationId: string | undefined }): ReactNode {
  const own = useOwnSettings(conversationId);
  const usual = useSettings(({ settings }) => settings);
  const model = useModelWithoutSystemPlace();
  const systemPrompt = own.systemPrompt ?? usual?.systemPrompt ?? '';
  const asks = (own.systemPlace ?? usual?.systemPlace) === 'ask';
  if (model === undefined || systemPrompt.trim() === '' || !asks) return null;
  return (
    <Notice
      className="mb-3"
      title={strings.composer.noSystemPlace(model)}
      actions={
        <>
          <Button look="quiet" onClick={() => void setOwn(conversationId, 'systemPlace', 'left-out')}>
            {strings.settings.systemPlaces['left-out']}
          </Button>
          <Button onClick={() => void setOwn(conversationId, 'systemPlace', 'first-message')}>
            {strings.settings.systemPlaces['first-message']}
          </Button>
        </>
      }
    />
  );
}
