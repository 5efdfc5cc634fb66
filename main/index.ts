/** Boot order, and nothing else. */
import { app } from 'electron';
import { log } from './log.ts';
import { paths, useOwnUserData } from './paths.ts';
import { registerAppScheme, serveApp } from './protocol.ts';
import { hardenApp, hardenSession } from './security.ts';
import { createWindow } from './window.ts';

useOwnUserData();
registerAppScheme();
hardenApp();
app
  .whenReady()
  .then(() => {
    hardenSession();
    serveApp(paths.renderer);
    createWindow();
  })
  .catch((cause: unknown) => {
    log('error', 'Wyvern cannot start', cause);
    app.exit(1);
  });
