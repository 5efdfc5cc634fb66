/** Starts the app in order. No other logic. */
import { app, dialog, powerMonitor } from 'electron';
import type { BrowserWindow } from 'electron';
import { toAppError } from './app-error.ts';
import { createHandlers } from './handlers.ts';
import { serve } from './shell/ipc.ts';
import { refuseEmulation } from './diagnostics/machine/own-build.ts';
import { log } from './log.ts';
import { openArguments } from './shell/open-arguments.ts';
import { paths, useOwnUserData } from './shell/paths.ts';
import { registerAppScheme, serveApp } from './shell/app-scheme.ts';
import { hardenApp, hardenSession, isAppFrame } from './shell/security.ts';
import { createServices, fallAsleep, shutDown, wakeUp } from './services.ts';
import { smokeTest, useScratchUserData } from './smoke-test.ts';
import { electronSystem, systemStrings } from './shell/system.ts';
import { createWindow, reveal } from './shell/window.ts';

function start(): void {
  refuseEmulation();
  let window: BrowserWindow | undefined;
  hardenSession();
  serveApp(paths.renderer);
  const services = createServices(electronSystem(() => window));
  serve(createHandlers(services), isAppFrame);

  const open = (): void => {
    window = createWindow();
    window.on('close', (event) => {
      if (!services.closing.allows()) event.preventDefault();
    });
    window.once('closed', () => (window = undefined));
  };
  // The window comes first. Slow work starts once it is drawn.
  const drawn = Promise.withResolvers<undefined>();
  void services.models.restore(drawn.promise);
  open();
  window?.once('ready-to-show', () => {
    void services.additions.sweep();
    services.data.start();
    void services.server.follow();
    drawn.resolve(undefined);
  });

  // Files from the system, at the start or for the running instance.
  const openFrom = (argv: readonly string[], folder: string): void => {
    const given = openArguments(argv, app.isPackaged, folder).paths;
    if (given.length > 0) void services.additions.openFromSystem(given);
  };
  openFrom(process.argv, process.cwd());
  app.on('second-instance', (_event, argv, folder) => {
    if (!window) open();
    else reveal(window);
    openFrom(argv, folder);
  });
  app.on('activate', () => {
    if (!window) open();
  });
  app.on('window-all-closed', () => app.quit());
  powerMonitor.on('suspend', () => fallAsleep(services));
  powerMonitor.on('resume', () => wakeUp(services));

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

/** Runs without a window, in its own folder. */
function startSmokeTest(file: string): void {
  const { cleanUp, ownUserData } = useScratchUserData();
  void app
    .whenReady()
    .then(() => smokeTest(file, ownUserData))
    .then(async (status) => {
      await cleanUp();
      app.exit(status);
    });
}

function startApp(): void {
  useOwnUserData();
  if (!app.requestSingleInstanceLock()) {
    app.exit(0);
    return;
  }
  app
    .whenReady()
    .then(start)
    .catch((cause: unknown) => {
      log('error', 'Wyvern cannot start', cause);
      const { message, hint = '' } = toAppError(cause);
      dialog.showErrorBox(systemStrings().cannotStart, `${message}\n\n${hint}`.trim());
      app.exit(1);
    });
}

registerAppScheme();
hardenApp();
const { smokeTest: smokeTestFile } = openArguments(process.argv, app.isPackaged, process.cwd());
if (smokeTestFile === undefined) startApp();
else startSmokeTest(smokeTestFile);
