/**
 * Starts the built app over Chromium: `node e2e/host/launch.ts [--headed] [arguments of the app]`.
 * A parent with an IPC channel (the test fixture) can look into the main process, as Playwright can into Electron's.
 */
import { enableCompileCache, registerHooks } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { hostOptions } from './options.ts';

const electronUrl = pathToFileURL(join(import.meta.dirname, 'electron.ts')).href;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' ? { url: electronUrl, shortCircuit: true } : next(specifier, context),
});

const root = resolve(import.meta.dirname, '../..');
// The driver of Chromium is large. A compile cache saves a tenth of a second.
enableCompileCache(join(root, 'build', 'compile-cache'));

const flags = process.argv.slice(2);
hostOptions.headed = flags.includes('--headed');
process.argv = [process.execPath, root, ...flags.filter((flag) => flag !== '--headed')];

const { app } = await import('./app.ts');
const { BrowserWindow } = await import('./browser-window.ts');
const { endUtilityProcesses } = await import('./utility-process.ts');
if (process.send) await import('./control.ts');

// Like Electron on POSIX: a signal asks the app to quit.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => app.quit());

await import(pathToFileURL(join(root, 'out/main/index.js')).href);
app.becomeReady({
  closeWindows: async () => {
    await Promise.all(BrowserWindow.getAllWindows().map((window) => window.shut()));
  },
  killChildren: endUtilityProcesses,
});
