/** Boot order, and nothing else. */
import { app, dialog, powerMonitor } from 'electron';
import type { BrowserWindow } from 'electron';
import { createHandlers } from './handlers.ts';
import { serve } from './ipc.ts';
import { log } from './log.ts';
import { setMenu } from './menu.ts';
import { paths, useOwnUserData } from './paths.ts';
import { registerAppScheme, serveApp } from './protocol.ts';
import { hardenApp, hardenSession, isAppFrame } from './security.ts';
import { createServices, shutDown } from './services.ts';
import { createWindow, reveal } from './window.ts';

function start(): void {
  let window: BrowserWindow | undefined;
  hardenSession();
  serveApp(paths.renderer);
  setMenu();
  const services = createServices(() => window);
  serve(createHandlers(services), isAppFrame);

  const open = (): void => {
    window = createWindow();
    window.once('closed', () => (window = undefined));
  };
  open();
  void services.imports.sweep();
  void services.models.restore();

  app.on('second-instance', () => {
    if (window) reveal(window);
  });
  app.on('activate', () => {
    if (!window) open();
  });
  app.on('window-all-closed', () => app.quit());
  powerMonitor.on('suspend', () => services.chat.save());

  let ended = false;
  app.on('will-quit', (event) => {
    if (ended) return;
    event.preventDefault();
    shutDown(services)
      .catch((cause: unknown) => log('error', 'Wyvern did not end cleanly', cause))
      .finally(() => {
        ended = true;
        app.quit();
      });
  });
}

useOwnUserData();
registerAppScheme();
hardenApp();
if (app.requestSingleInstanceLock()) {
  app
    .whenReady()
    .then(start)
    .catch((cause: unknown) => {
      log('error', 'Wyvern cannot start', cause);
      dialog.showErrorBox('Wyvern cannot start', cause instanceof Error ? cause.message : String(cause));
      app.exit(1);
    });
} else {
  app.exit(0);
}
