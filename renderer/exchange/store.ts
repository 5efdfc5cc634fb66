/** Chats on their way out: what is asked before they are written. */
import { create } from 'zustand';
import type { ExportForm } from '../../preload/contract.ts';
import { call } from '../bridge.ts';
import { strings } from '../strings/index.ts';
import { showError, showToast } from '../ui/toasts-store.ts';

/** Chats that are to be exported. */
export interface Leaving {
  /** Absent: all. */
  readonly ids?: readonly string[];
  /** What the dialog is called. */
  readonly title: string;
}

interface ExchangeState {
  /** Set while the person is asked for a form. */
  readonly leaving: Leaving | undefined;
}

export const useExchange = create<ExchangeState>(() => ({ leaving: undefined }));

export function askToExport(leaving: Leaving | undefined): void {
  useExchange.setState({ leaving });
}

export function askToExportAll(): void {
  askToExport({ title: strings.exchange.exportAllTitle });
}

/** Writes the chats that were asked about. */
export async function exportChats({ ids }: Leaving, form: ExportForm): Promise<void> {
  askToExport(undefined);
  const result = await call('chats.export', { ...(ids && { ids: [...ids] }), form });
  if (!result.ok) showError(result.error);
  else if (result.value) {
    showToast({ tone: 'plain', title: strings.exchange.exported(result.value.chats), body: result.value.path });
  }
}
