/** The folder of the chats, the backups, and news of damage. Read when the section opens. */
import { create } from 'zustand';
import type { DataFacts, Salvage } from '../../preload/contract.ts';
import { call, on } from '../bridge.ts';
import { strings } from '../strings/index.ts';
import { showError, showToast } from '../ui/toasts-store.ts';

interface DataState {
  readonly facts: DataFacts | undefined;
  /** Damage that the person has not seen or dismissed. */
  readonly salvage: Salvage | undefined;
  /** A backup or a restore is running. */
  readonly busy: boolean;
}

export const useData = create<DataState>(() => ({ facts: undefined, salvage: undefined, busy: false }));

/** Listens for damage, and asks for damage found before the window opened. */
export async function watchData(): Promise<void> {
  on('data.salvaged', (salvage) => useData.setState({ salvage }));
  const result = await call('data.get', {});
  if (result.ok) useData.setState({ facts: result.value, salvage: result.value.salvage });
}

export async function readData(): Promise<void> {
  const result = await call('data.get', {});
  if (result.ok) useData.setState({ facts: result.value });
  else showError(result.error);
}

export function putAway(): void {
  useData.setState({ salvage: undefined });
}

export async function backUp(): Promise<void> {
  useData.setState({ busy: true });
  const result = await call('data.backUp', {});
  useData.setState({ busy: false });
  if (!result.ok) {
    showError(result.error);
    return;
  }
  useData.setState({ facts: result.value });
  showToast({ tone: 'plain', title: strings.data.backedUp });
}

/** The window reloads after it, because everything it shows has changed. */
export async function restore(id: string): Promise<void> {
  useData.setState({ busy: true });
  const result = await call('data.restore', { id });
  useData.setState({ busy: false });
  if (result.ok) return;
  showError(result.error);
  await readData();
}
