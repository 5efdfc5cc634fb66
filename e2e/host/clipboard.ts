import type { Clipboard } from 'electron';
import { BrowserWindow } from './browser-window.ts';

/** `clipboard`: the system's, which Chromium reads through the page. */
export const clipboard = {
  async readText(): Promise<string> {
    const [window] = BrowserWindow.getAllWindows();
    return (await window?.webContents.readClipboard()) ?? '';
  },
} satisfies Pick<Clipboard, 'readText'>;
