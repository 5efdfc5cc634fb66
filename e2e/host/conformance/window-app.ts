/**
 * Wyvern's built window in a small main process: the built preload and page, in a sandboxed window. The main process of the
 * small app forwards each call to the test, which answers with Wyvern's own services. It travels as source text, so it uses
 * its arguments alone.
 */
import type * as Electron from 'electron';
import type { Codec } from '../codec.ts';
import type { Require } from './probe.ts';

/** To the small app: values are encoded. */
export type WindowRequest =
  | { readonly type: 'answer'; readonly id: number; readonly value: string }
  | { readonly type: 'event'; readonly name: string; readonly payload: string }
  | { readonly type: 'run'; readonly id: number; readonly code: string }
  | { readonly type: 'devtools'; readonly id: number; readonly method: string; readonly parameters: object };

/** From the small app. */
export type WindowReply =
  | { readonly type: 'call'; readonly id: number; readonly name: string; readonly input: string }
  | { readonly type: 'done'; readonly id: number; readonly ok: boolean; readonly value: unknown }
  | { readonly type: 'loaded' };

export interface WindowOptions {
  /** The folder of the page's files. */
  readonly page: string;
  readonly calls: readonly string[];
  /** A script that runs before the page's own. */
  readonly before: string;
}

export function runWindow(require: Require, codec: Codec, { page, calls, before }: WindowOptions): void {
  const { app, BrowserWindow, ipcMain, protocol } = require('electron');
  const { readFileSync, existsSync } = require('fs');
  const path = require('path');
  const types: Readonly<Record<string, string>> = {
    ...{ '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' },
    ...{ '.png': 'image/png', '.woff2': 'font/woff2', '.ico': 'image/x-icon' },
  };
  const pending = new Map<number, (value: unknown) => void>();
  let window: Electron.BrowserWindow | undefined;
  let lastCall = 0;
  const reply = (message: WindowReply): void => void process.send?.(message);

  function fileOf(url: string): { status: number; type: string; data: Buffer } {
    const { pathname } = new URL(url);
    if (pathname === '/before.js') return { status: 200, type: 'text/javascript', data: Buffer.from(before) };
    const file = path.join(page, pathname);
    if (!existsSync(file)) return { status: 404, type: 'text/plain', data: Buffer.from('') };
    const data = readFileSync(file);
    const html = pathname === '/index.html';
    const type = types[path.extname(file)] ?? 'text/plain';
    const whole = html ? data.toString().replace('<script', '<script src="/before.js"></script><script') : data;
    return { status: 200, type, data: Buffer.from(whole) };
  }

  function serve(): void {
    if (typeof protocol.handle === 'function') {
      protocol.handle('app', ({ url }) => {
        const { status, type, data } = fileOf(url);
        return new Response(new Uint8Array(data), { status, headers: { 'content-type': type } });
      });
      return;
    }
    const older = protocol as unknown as {
      registerBufferProtocol(
        name: string,
        handler: (request: Electron.ProtocolRequest, respond: (response: object) => void) => void,
      ): void;
    };
    older.registerBufferProtocol('app', ({ url }, respond) => {
      const { status, type, data } = fileOf(url);
      respond({ statusCode: status, mimeType: type, data });
    });
  }

  function handleCalls(): void {
    for (const name of calls) {
      ipcMain.handle(`call:${name}`, (event, input: unknown) => {
        if (event.senderFrame?.parent !== null) throw new Error('Refused: not the app’s own page.');
        const id = ++lastCall;
        reply({ type: 'call', id, name, input: codec.encode(input) });
        return new Promise((resolve) => pending.set(id, resolve));
      });
    }
  }

  async function perform(id: number, run: () => Promise<unknown>): Promise<void> {
    try {
      reply({ type: 'done', id, ok: true, value: await run() });
    } catch (cause) {
      reply({ type: 'done', id, ok: false, value: String(cause) });
    }
  }

  process.on('message', (message) => {
    const request = message as WindowRequest;
    const contents = window?.webContents;
    switch (request.type) {
      case 'answer':
        pending.get(request.id)?.(codec.decode(request.value));
        pending.delete(request.id);
        break;
      case 'event':
        contents?.send(`event:${request.name}`, codec.decode(request.payload));
        break;
      case 'run':
        void perform(request.id, async () => (await contents?.executeJavaScript(request.code, true)) as unknown);
        break;
      case 'devtools':
        void perform(request.id, async () => {
          if (contents?.debugger.isAttached() === false) contents.debugger.attach('1.3');
          return (await contents?.debugger.sendCommand(request.method, request.parameters)) as unknown;
        });
        break;
    }
  });
  process.once('disconnect', () => app.exit(0));
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
  void app.whenReady().then(async () => {
    serve();
    handleCalls();
    window = new BrowserWindow({
      ...{ width: 1180, height: 800, show: false },
      webPreferences: { preload: path.join(app.getAppPath(), 'preload.cjs'), contextIsolation: true, sandbox: true },
    });
    window.webContents.setWindowOpenHandler(() => ({ action: 'deny' }));
    await window.loadURL('app://wyvern/index.html');
    window.show();
    reply({ type: 'loaded' });
  });
}
