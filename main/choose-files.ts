import { dialog } from 'electron';
import type { BrowserWindow } from 'electron';

/** Asks for a model with the system's dialog; empty if the person cancels. Folders can be chosen where the system can mix both. */
export async function chooseModelFiles(window: BrowserWindow): Promise<readonly string[]> {
  const { filePaths } = await dialog.showOpenDialog(window, {
    title: 'Open a model',
    buttonLabel: 'Open',
    filters: [{ name: 'ExecuTorch programs', extensions: ['pte'] }],
    properties: process.platform === 'darwin' ? ['openFile', 'openDirectory'] : ['openFile'],
  });
  return filePaths;
}
