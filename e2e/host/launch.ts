/**
 * Starts the built app over Chromium: `node e2e/host/launch.ts [--headed] [--desktop] [--app=FOLDER] [arguments of the app]`.
 * A parent with an IPC channel (the test fixture) can look into Wyvern's main process, as Playwright can into Electron's.
 */
import { readFileSync } from 'node:fs';
import { enableCompileCache, registerHooks } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { hostOptions } from './options.ts';

const electronUrl = pathToFileURL(join(import.meta.dirname, 'electron.ts')).href;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' ? { url: electronUrl, shortCircuit: true } : next(specifier, context),
});

const appOption = '--app=';
const flags = process.argv.slice(2);
const otherApp = flags.find((flag) => flag.startsWith(appOption))?.slice(appOption.length);
hostOptions.headed = flags.includes('--headed');
hostOptions.desktop = hostOptions.headed || flags.includes('--desktop');
if (otherApp !== undefined) hostOptions.app = resolve(otherApp);
const own = flags.filter((flag) => !['--headed', '--desktop'].includes(flag) && !flag.startsWith(appOption));
process.argv = [process.execPath, hostOptions.app, ...own];

// The driver of Chromium is large. A compile cache saves a tenth of a second.
enableCompileCache(resolve(import.meta.dirname, '../../build/compile-cache'));

const { app } = await import('./app.ts');
const { BrowserWindow } = await import('./browser-window.ts');
const { endUtilityProcesses } = await import('./utility-process.ts');
if (process.send && otherApp === undefined) await import('./control.ts');

// Like Electron on POSIX: a signal asks the app to quit.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => app.quit());

const { main } = JSON.parse(readFileSync(join(hostOptions.app, 'package.json'), 'utf8')) as { readonly main: string };
await import(pathToFileURL(join(hostOptions.app, main)).href);
app.becomeReady({
  closeWindows: async () =>
    (await Promise.all(BrowserWindow.getAllWindows().map((window) => window.shut()))).every(Boolean),
  endWindows: async () => {
    await Promise.all(BrowserWindow.getAllWindows().map((window) => window.end()));
  },
  killChildren: endUtilityProcesses,
});
