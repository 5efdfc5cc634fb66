/** The local server’s state, as the main process reports it; undefined until read. */
import { create } from 'zustand';
import type { ServerState } from '../../preload/contract.ts';
import { call, on } from '../bridge.ts';
import { announce } from '../ui/announcer.tsx';
import { showError } from '../ui/toasts-store.ts';
import { strings } from '../strings/index.ts';

interface Server {
  readonly state: ServerState | undefined;
}

export const useServer = create<Server>(() => ({ state: undefined }));

export async function watchServer(): Promise<void> {
  on('server.changed', (state) => useServer.setState({ state }));
  const result = await call('server.get', {});
  if (result.ok) useServer.setState({ state: result.value });
}

export async function renewToken(): Promise<void> {
  const result = await call('server.renewToken', {});
  if (!result.ok) {
    showError(result.error);
    return;
  }
  useServer.setState({ state: result.value });
  announce(strings.server.renewed);
}
