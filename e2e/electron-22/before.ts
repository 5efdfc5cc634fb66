/**
 * Runs before each built module of Wyvern in an Electron 22: main process, engine and threads. It adds what this Electron lacks:
 * `node:sqlite` (Node 22), `protocol.handle` (Electron 25), the address of a navigation in its event (Electron 24), and parts
 * of the language.
 */
import './language.ts';
import type * as Electron from 'electron';
import Module from 'node:module';
import { addHandle } from './protocol-handle.ts';
import { backup, DatabaseSync } from './sqlite-client.ts';

type Load = (this: unknown, request: string, ...more: unknown[]) => unknown;
const loader = Module as unknown as { _load: Load };
const load = loader._load;
if (!Module.builtinModules.includes('node:sqlite')) {
  loader._load = function (request, ...more) {
    return request === 'node:sqlite' ? { DatabaseSync, backup } : load.call(this, request, ...more);
  };
}

function addAddresses({ app }: typeof Electron): void {
  app.on('web-contents-created', (_event, contents) => {
    for (const name of ['will-navigate', 'will-redirect'] as const) {
      contents.on(name as never, (event: { url?: string }, url: string) => void (event.url ??= url));
    }
  });
}

if ((process as { readonly type?: string }).type === 'browser') {
  const electron = load.call(undefined, 'electron') as typeof Electron;
  addHandle(electron.protocol);
  addAddresses(electron);
  // With the sandbox, Chromium's processes would refuse to start where this machine has none.
  if (process.env['WYVERN_TEST_UNSANDBOXED'] !== undefined) electron.app.enableSandbox = () => undefined;
}
