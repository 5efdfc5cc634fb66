/** The switch "Thinking" of a chat. Only some chat templates have one. */
import type { GenerationOverrides, ModelState } from '../../preload/contract.ts';
import { useConversations } from '../conversations/store.ts';
import { useModels } from '../models/store.ts';
import { setOwn, useOwnSettings, ownSettings } from './store.ts';

/** Whether the model of a chat thinks first; undefined if its template has no switch. */
export function useThinking(conversationId: string | undefined): boolean | undefined {
  const own = useOwnSettings(conversationId);
  return useModels(({ state }) => position(state, own));
}

/** The same for the open chat, outside of a component. */
export function thinkingOfOpenChat(): boolean | undefined {
  return position(useModels.getState().state, ownSettings(useConversations.getState().activeId));
}

export async function switchThinking(conversationId: string | undefined, on: boolean): Promise<void> {
  await setOwn(conversationId, 'thinking', on);
}

export async function switchThinkingOfOpenChat(): Promise<void> {
  const on = thinkingOfOpenChat();
  if (on !== undefined) await switchThinking(useConversations.getState().activeId, !on);
}

function position(model: ModelState, { thinking }: GenerationOverrides): boolean | undefined {
  const usual = model.status === 'ready' ? model.chatTemplate.thinking : undefined;
  return usual && (thinking ?? usual === 'on');
}
