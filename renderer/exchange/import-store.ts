/** Chats on their way in: what is asked before, how far it is, and what came of it. */
import { create } from 'zustand';
import type { ChatImportProgress, ChatImportReport } from '../../preload/contract-exchange.ts';
import type { CallOutputs, Result } from '../../preload/contract.ts';
import { call, on } from '../bridge.ts';
import { reloadConversations } from '../conversations/store.ts';
import { showError } from '../ui/toasts-store.ts';

/** Files with chats that were dropped: they could be meant otherwise. */
export interface Dropped {
  /** Those that hold chats. */
  readonly paths: readonly string[];
  /** `window`: taken for a model otherwise; `message`: attached as text. */
  readonly place: 'window' | 'message';
  /** Does with all that was dropped what is done with other files. */
  readonly otherwise: () => void;
}

interface ChatImportState {
  readonly dropped: Dropped | undefined;
  /** Until the report is there. */
  readonly running: boolean;
  readonly progress: ChatImportProgress | undefined;
  readonly report: ChatImportReport | undefined;
}

const idle: ChatImportState = { dropped: undefined, running: false, progress: undefined, report: undefined };

export const useChatImport = create<ChatImportState>(() => idle);

/** Whether this window waits for a report: one that was loaded anew meanwhile gets none. */
let waiting = false;

export function listenToChatImport(): void {
  on('chats.importing', (progress) => useChatImport.setState({ progress, running: waiting }));
}

export function askAboutDropped(dropped: Dropped): void {
  useChatImport.setState({ ...idle, dropped });
}

/** Puts the question, or the report, away. */
export function closeChatImport(): void {
  useChatImport.setState({ dropped: undefined, report: undefined });
}

export async function importChats(paths: readonly string[]): Promise<void> {
  useChatImport.setState({ ...idle, running: true });
  waiting = true;
  await finish(await call('chats.import', { paths: [...paths] }));
}

/** Asks with the system's dialog first. */
export async function chooseChats(folder: boolean): Promise<void> {
  waiting = true;
  await finish(await call('chats.chooseImport', { folder }));
}

/** What has come in stays, and is in the report. */
export async function cancelChatImport(): Promise<void> {
  const result = await call('chats.cancelImport', {});
  if (!result.ok) showError(result.error);
}

async function finish(result: Result<CallOutputs['chats.chooseImport']>): Promise<void> {
  waiting = false;
  const report = result.ok ? result.value : undefined;
  if (report?.files.some(({ chats }) => chats > 0)) await reloadConversations();
  useChatImport.setState({ ...idle, report });
  if (!result.ok) showError(result.error);
}
