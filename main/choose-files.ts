import { app, dialog } from 'electron';
import type { BrowserWindow } from 'electron';
import { join } from 'node:path';
import type { FileKind } from './runs.ts';

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

/** Asks where to save a file; undefined if the person cancels. */
export async function chooseSaveFile(
  window: BrowserWindow,
  { title, name, extension }: FileKind,
): Promise<string | undefined> {
  const { canceled, filePath } = await dialog.showSaveDialog(window, {
    title,
    defaultPath: join(app.getPath('downloads'), name),
    filters: [{ name: extension.toUpperCase(), extensions: [extension] }],
  });
  return canceled ? undefined : filePath;
}
