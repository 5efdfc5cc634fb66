/** Where chats are kept, as the window knows it: read when it is looked at, and told when the file was damaged. */
import { create } from 'zustand';
import type { DataFacts, Salvage } from '../../preload/contract.ts';
import { call, on } from '../bridge.ts';
import { strings } from '../strings/index.ts';
import { showError, showToast } from '../ui/toasts-store.ts';

interface DataState {
  readonly facts: DataFacts | undefined;
  /** A damaged file that the person has not been told of, or has not put away. */
  readonly salvage: Salvage | undefined;
  /** A backup is being made, or put in place. */
  readonly busy: boolean;
}

export const useData = create<DataState>(() => ({ facts: undefined, salvage: undefined, busy: false }));

/** Listens for damage, and asks about what was met before the window was there. */
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

/** The window is loaded again after it, since everything that it shows is another. */
export async function restore(id: string): Promise<void> {
  useData.setState({ busy: true });
  const result = await call('data.restore', { id });
  useData.setState({ busy: false });
  if (result.ok) return;
  showError(result.error);
  await readData();
}
