/** The desktop's part: dialogs, links, power. */
import { EventEmitter } from 'node:events';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, format, parse } from 'node:path';
import type {
  Dialog,
  OpenDialogOptions,
  OpenDialogReturnValue,
  SaveDialogOptions,
  SaveDialogReturnValue,
  Shell,
} from 'electron';
import { BrowserWindow } from './browser-window.ts';
import { hostOptions } from './options.ts';

/** `dialog`: Chromium's own file chooser. Without a display it cancels; tests give their own answers. */
export const dialog = {
  async showOpenDialog(first: unknown, second?: OpenDialogOptions): Promise<OpenDialogReturnValue> {
    const options = second ?? (first as OpenDialogOptions);
    const [window] = BrowserWindow.getAllWindows();
    if (!window || !hostOptions.headed) return { canceled: true, filePaths: [] };
    const filePaths = await window.webContents.chooseFiles(options.properties?.includes('openDirectory') ?? false);
    return { canceled: filePaths.length === 0, filePaths };
  },
  /** Chromium has no chooser for saving. The file goes to the app's proposed path, under a free name. */
  showSaveDialog(first: unknown, second?: SaveDialogOptions): Promise<SaveDialogReturnValue> {
    const { defaultPath } = second ?? (first as SaveDialogOptions);
    if (!hostOptions.headed || defaultPath === undefined) return Promise.resolve({ canceled: true, filePath: '' });
    mkdirSync(dirname(defaultPath), { recursive: true });
    return Promise.resolve({ canceled: false, filePath: unused(defaultPath) });
  },
  showErrorBox(title: string, content: string): void {
    process.stderr.write(`${title}\n${content}\n`);
  },
} satisfies Pick<Dialog, 'showOpenDialog' | 'showSaveDialog' | 'showErrorBox'>;

/** `name.csv`, or `name (2).csv` and so on. */
function unused(path: string): string {
  const { dir, name, ext } = parse(path);
  for (let turn = 1; ; turn++) {
    const candidate = turn === 1 ? path : format({ dir, name: `${name} (${turn})`, ext });
    if (!existsSync(candidate)) return candidate;
  }
}

/** `shell`: opens links in the desktop's browser and folders in its file manager; tests record both. */
export const shell = {
  opened: [] as string[],
  shown: [] as string[],
  openExternal(url: string): Promise<void> {
    shell.opened.push(url);
    openOnDesktop(url);
    return Promise.resolve();
  },
  showItemInFolder(path: string): void {
    shell.shown.push(path);
    openOnDesktop(dirname(path));
  },
} satisfies Pick<Shell, 'openExternal' | 'showItemInFolder'> & { readonly opened: string[]; readonly shown: string[] };

function openOnDesktop(what: string): void {
  if (!hostOptions.desktop) return;
  spawn('xdg-open', [what], { detached: true, stdio: 'ignore' })
    .on('error', () => undefined)
    .unref();
}

/** `powerMonitor`: it does not watch the system's sleep; tests emit `suspend` and `resume`. */
export const powerMonitor = new EventEmitter();
