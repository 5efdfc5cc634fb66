/** Which of the overlays that lead to everything else is open. */
import { create } from 'zustand';

interface CommandsState {
  readonly open: 'palette' | 'shortcuts' | undefined;
}

export const useCommandsState = create<CommandsState>(() => ({ open: undefined }));

export function showPalette(): void {
  useCommandsState.setState({ open: 'palette' });
}

export function showShortcuts(): void {
  useCommandsState.setState({ open: 'shortcuts' });
}

export function closeCommands(): void {
  useCommandsState.setState({ open: undefined });
}
