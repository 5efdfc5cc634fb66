/** Which overlay is open: the palette or the list of shortcuts. */
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
