/** Import of chats: the question before it, its progress, and its report. */
import { create } from 'zustand';
import type { CallOutputs, ChatImportProgress, ChatImportReport, Result } from '../../preload/contract.ts';
import { call, on } from '../bridge.ts';
import { reloadConversations } from '../conversations/store.ts';
import { showError } from '../ui/toasts-store.ts';

/** Dropped files that contain chats. The person may have meant something else. */
export interface Dropped {
  /** The files that contain chats. */
  readonly paths: readonly string[];
  /** The alternative: `window` opens them as a model, `message` attaches them as text. */
  readonly place: 'window' | 'message';
  /** Runs the alternative for everything that was dropped. */
  readonly otherwise: () => void;
}

interface ChatImportState {
  readonly dropped: Dropped | undefined;
  /** True until the report arrives. */
  readonly running: boolean;
  readonly progress: ChatImportProgress | undefined;
  readonly report: ChatImportReport | undefined;
}

const idle: ChatImportState = { dropped: undefined, running: false, progress: undefined, report: undefined };

export const useChatImport = create<ChatImportState>(() => idle);

/** Whether this window started the import. A window that was reloaded shows no report. */
let waiting = false;

export function listenToChatImport(): void {
  on('chats.importing', (progress) => useChatImport.setState({ progress, running: waiting }));
}

export function askAboutDropped(dropped: Dropped): void {
  useChatImport.setState({ ...idle, dropped });
}

/** Closes the question or the report. */
export function closeChatImport(): void {
  useChatImport.setState({ dropped: undefined, report: undefined });
}

export async function importChats(paths: readonly string[]): Promise<void> {
  useChatImport.setState({ ...idle, running: true });
  waiting = true;
  await finish(await call('chats.import', { paths: [...paths] }));
}

/** Opens the system's dialog first. */
export async function chooseChats(folder: boolean): Promise<void> {
  waiting = true;
  await finish(await call('chats.chooseImport', { folder }));
}

/** Chats imported so far stay, and the report lists them. */
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
