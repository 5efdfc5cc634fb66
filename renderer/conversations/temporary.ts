/** The temporary chat: starting, keeping and leaving it. */
import { call, on } from '../bridge.ts';
import { ownSettings, takeOwnSettings } from '../chat-settings/store.ts';
import { strings } from '../strings/index.ts';
import { announce } from '../ui/announcer.tsx';
import { newId } from '../ui/id.ts';
import { passing } from '../ui/memory.ts';
import { showChat } from '../ui/screen.ts';
import { showError } from '../ui/toasts-store.ts';
import { answerLeaving, askToLeave, goTo, putConversation, useConversations } from './store.ts';

/** Opens an empty temporary chat with the settings of the next new chat. Does nothing if one is open and empty. */
export async function beginTemporary(hasMessages: boolean): Promise<boolean> {
  const { temporary } = useConversations.getState();
  if (temporary && !hasMessages) {
    showChat();
    return true;
  }
  if (!(await goTo(undefined))) return false;
  const id = newId();
  const settings = ownSettings(undefined);
  const result = await call('temporary.begin', { id, settings });
  if (!result.ok) {
    showError(result.error);
    return false;
  }
  takeOwnSettings(id, settings);
  useConversations.setState({ temporary: result.value, activeId: id });
  announce(strings.temporary.begun);
  return true;
}

/** Stores the temporary chat. It stays open, as one of the others. */
export async function keepTemporary(): Promise<boolean> {
  const { temporary } = useConversations.getState();
  if (!temporary) return true;
  const result = await call('temporary.keep', { id: temporary.id });
  if (!result.ok) {
    showError(result.error);
    return false;
  }
  useConversations.setState(({ list = [] }) => ({ temporary: undefined, list: [...list, result.value] }));
  putConversation(result.value);
  passing.write('open-chat', result.value.id);
  announce(strings.temporary.kept);
  return true;
}

/** The person answers the question whether to leave. */
export async function leave(choice: 'keep' | 'forget' | 'stay'): Promise<void> {
  answerLeaving(choice === 'forget' || (choice === 'keep' && (await keepTemporary())));
}

/** The window is about to close with a temporary chat. */
export function listenToClosing(): void {
  on('app.closing', () => {
    void askToLeave().then((leaves) => call('app.close', { close: leaves }));
  });
}
