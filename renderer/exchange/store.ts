/** Export of chats: the choices before the file is written. */
import { create } from 'zustand';
import type { ExportForm } from '../../preload/contract.ts';
import { call } from '../bridge.ts';
import { strings } from '../strings/index.ts';
import { showError, showToast } from '../ui/toasts-store.ts';

/** Chats to export. */
export interface Leaving {
  /** Absent: all chats. */
  readonly ids?: readonly string[];
  /** Title of the dialog. */
  readonly title: string;
}

interface ExchangeState {
  /** Set while the dialog asks for the format. */
  readonly leaving: Leaving | undefined;
}

export const useExchange = create<ExchangeState>(() => ({ leaving: undefined }));

export function askToExport(leaving: Leaving | undefined): void {
  useExchange.setState({ leaving });
}

export function askToExportAll(): void {
  askToExport({ title: strings.exchange.exportAllTitle });
}

/** Writes the file. */
export async function exportChats({ ids }: Leaving, form: ExportForm): Promise<void> {
  askToExport(undefined);
  const result = await call('chats.export', { ...(ids && { ids: [...ids] }), form });
  if (!result.ok) showError(result.error);
  else if (result.value) {
    showToast({ tone: 'plain', title: strings.exchange.exported(result.value.chats), body: result.value.path });
  }
}
