/** The one window. */
import { BrowserWindow } from 'electron';
import { log } from '../log.ts';
import { paths } from './paths.ts';
import { appOrigin } from './app-scheme.ts';

export function createWindow(): BrowserWindow {
  const window = new BrowserWindow({
    width: 1180,
    height: 800,
    minWidth: 480,
    minHeight: 400,
    show: false,
    title: 'Wyvern',
    autoHideMenuBar: true,
    webPreferences: {
      preload: paths.preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      // Chromium would download its spelling dictionaries.
      spellcheck: false,
      // A streaming answer must not slow down while another window covers this one.
      backgroundThrottling: false,
    },
  });
  window.once('ready-to-show', () => window.show());
  window.webContents.on('render-process-gone', (_event, details) => {
    log('error', `The window's process ended (${details.reason}); it is loaded again`);
    if (!window.isDestroyed() && details.reason !== 'clean-exit') window.webContents.reload();
  });
  window.loadURL(`${appOrigin}/index.html`).catch((cause: unknown) => {
    // The window was closed before it had loaded.
    if (!window.isDestroyed()) log('error', 'The window did not load', cause);
  });
  return window;
}

export function reveal(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}
