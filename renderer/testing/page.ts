/** The window's own state, behind the door that a simulation uses. */
import { useDrafts } from '../chat/drafts.ts';
import {
  deleteMessage,
  edit,
  goOn,
  liveAnswer,
  openMore,
  openThread,
  regenerate,
  send,
  showVersion,
  stop,
  type Thread,
  useChat,
} from '../chat/store.ts';
import {
  deleteConversations,
  duplicateConversation,
  openConversation,
  pinConversations,
  renameConversation,
  useConversations,
} from '../conversations/store.ts';
import { loadModel, unloadModel, useModels } from '../models/store.ts';
import { startState } from '../state.ts';
import { dismissToast, useToasts } from '../ui/toasts-store.ts';
import type { PageState, ShownThread } from './page-state.ts';

function shownThread(thread: Thread): ShownThread {
  return thread.status === 'open' ? thread : { status: thread.status, messages: [], earlier: 0 };
}

function undo(): void {
  const toast = useToasts.getState().findLast(({ action }) => action !== undefined);
  if (toast === undefined) return;
  dismissToast(toast.id);
  toast.action?.run();
}

export const page = {
  start: startState,
  shown: () => {
    const { threads, running } = useChat.getState();
    const { list, activeId } = useConversations.getState();
    const shown = Object.entries(threads).map(([id, thread]) => [id, shownThread(thread)] as const);
    const { drafts } = useDrafts.getState();
    return { activeId, threads: Object.fromEntries(shown), running, list, drafts, model: useModels.getState().state };
  },
  liveText: (answerId) => {
    const blocks = liveAnswer(answerId)?.snapshot().blocks;
    return blocks?.map(({ text }) => text).join('');
  },
  openThread,
  openEarlier: openMore,
  openChat: openConversation,
  write: (text) => useDrafts.getState().write(useConversations.getState().activeId, { text, attachments: [] }),
  send,
  stop,
  edit,
  regenerate,
  goOn,
  showVersion,
  deleteMessage,
  deleteChat: (conversation) => deleteConversations([conversation]),
  rename: renameConversation,
  pin: (id, pinned) => pinConversations([id], pinned),
  duplicate: duplicateConversation,
  undo,
  loadModel,
  unloadModel,
} satisfies PageState;
