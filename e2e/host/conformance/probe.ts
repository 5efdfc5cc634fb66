/**
 * The main process of the checks' small app. It travels as source text into Electron, whose Node may be as old as 16, and
 * into the host, so each function uses its arguments alone.
 */
import type * as Electron from 'electron';
import type { EventEmitter } from 'node:events';
import type fs from 'node:fs';
import type http from 'node:http';
import type net from 'node:net';
import type path from 'node:path';
import type vm from 'node:vm';

interface Modules {
  readonly electron: typeof Electron;
  readonly fs: typeof fs;
  readonly http: typeof http;
  readonly net: typeof net;
  readonly path: typeof path;
  readonly vm: typeof vm;
}

/** Of a main process. */
export type Require = <N extends keyof Modules>(name: N) => Modules[N];
/** Of a preload. */
export type PreloadRequire = (name: string) => unknown;

interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What a request of the page looks like to the app's protocol handler. */
interface Asked {
  readonly url: string;
  readonly method: string;
  readonly body: string;
}

/** What the main process of a check can use besides Electron. */
export interface Probe {
  /** Loads the check's own page into the app's one window. */
  open(): Promise<Electron.BrowserWindow>;
  /** Runs a function in the page; it travels as text. The page must be open. */
  page(run: (argument: never) => unknown, argument?: unknown): Promise<unknown>;
  /** Adds a listener until the check ends. */
  on(emitter: Pick<EventEmitter, 'on' | 'off'>, event: string, listener: (...values: never[]) => unknown): void;
  /** Resolves with the arguments of the next event. */
  next(emitter: Pick<EventEmitter, 'once'>, event: string): Promise<unknown[]>;
  /** Answers requests for `probe://checks/PATH`. */
  serve(path: string, answer: (asked: Asked) => Answer | Promise<Answer>): void;
  /** Sends a command of Chromium's DevTools protocol to the page. */
  devtools(method: string, parameters?: object): Promise<unknown>;
  /** Path of a file in the app's folder. */
  path(name: string): string;
  /** Requires a module of Node. */
  readonly node: Require;
  /** A port of this machine that nobody listens on. */
  closedPort(): Promise<number>;
  /** Turns of the event loop, until `condition` holds. */
  until(condition: () => unknown): Promise<void>;
}

/** From the test to the probe, and back. */
export type ProbeRequest = { readonly id: number; readonly path: string; readonly main: string };
export type ProbeReply =
  { readonly ready: true } | { readonly id: number; readonly ok: boolean; readonly value: unknown };

/** @param pages the HTML of each check's page, by its path */
export function runProbe(
  require: Require,
  folder: string,
  pages: Readonly<Record<string, string>>,
  show: (value: unknown) => string,
): void {
  const electron = require('electron');
  const path = require('path');
  const { app, BrowserWindow, protocol } = electron;
  const scheme = 'probe';
  const answers = new Map<string, (asked: Asked) => Answer | Promise<Answer>>();
  let window: Electron.BrowserWindow | undefined;
  let pagePath = '';
  let cleanUps: (() => void)[] = [];

  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, corsEnabled: true } },
  ]);

  async function answer(asked: Asked): Promise<Required<Answer>> {
    const { pathname } = new URL(asked.url);
    const own = answers.get(pathname);
    const html = pages[pathname];
    const found = own
      ? await own(asked)
      : html === undefined
        ? { status: 404 }
        : { headers: { 'content-type': 'text/html' }, body: html };
    return { status: 200, headers: {}, body: '', ...found };
  }

  /** Before Electron 25 there is no `protocol.handle`; the pages' checks do not depend on how they are served. */
  function serveScheme(): void {
    if (typeof protocol.handle === 'function') {
      protocol.handle(scheme, async (request) => {
        const { status, headers, body } = await answer({
          url: request.url,
          method: request.method,
          body: await request.text(),
        });
        return new Response(body, { status, headers });
      });
      return;
    }
    const older = protocol as unknown as {
      registerBufferProtocol(
        name: string,
        handler: (request: Electron.ProtocolRequest, respond: (response: object) => void) => void,
      ): void;
    };
    older.registerBufferProtocol(scheme, ({ url, method, uploadData }, respond) => {
      const body = (uploadData ?? []).map(({ bytes }) => bytes.toString()).join('');
      void answer({ url, method, body }).then(({ status, headers, body: text }) =>
        respond({ statusCode: status, headers, mimeType: headers['content-type'], data: Buffer.from(text) }),
      );
    });
  }

  const probe: Probe = {
    async open() {
      window ??= new BrowserWindow({
        show: false,
        webPreferences: { preload: path.join(folder, 'preload.cjs'), sandbox: true, contextIsolation: true },
      });
      window.webContents.setWindowOpenHandler(() => ({ action: 'deny' }));
      const { webContents } = window;
      await window.loadURL(`${scheme}://checks${pagePath}`);
      // The end of this load must not be taken for the end of the next one.
      await probe.until(() => !webContents.isLoading());
      return window;
    },
    page: (run, argument) => {
      if (!window) throw new Error('The check opens no page');
      const code = `(${run.toString()})(${JSON.stringify(argument)})`;
      return window.webContents.executeJavaScript(`{ const show = ${show.toString()}; ${code} }`, true);
    },
    on(emitter, event, listener) {
      emitter.on(event, listener as (...values: unknown[]) => void);
      cleanUps.push(() => emitter.off(event, listener as (...values: unknown[]) => void));
    },
    next: (emitter, event) => new Promise((resolve) => emitter.once(event, (...values: unknown[]) => resolve(values))),
    serve: (name, answering) => void answers.set(name, answering),
    devtools(method, parameters) {
      if (!window) throw new Error('The check opens no page');
      const { debugger: devtools } = window.webContents;
      if (!devtools.isAttached()) devtools.attach('1.3');
      return devtools.sendCommand(method, parameters);
    },
    path: (name) => path.join(folder, name),
    node: require,
    async closedPort() {
      const server = require('net').createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as { port: number };
      await new Promise((resolve) => server.close(resolve));
      return port;
    },
    async until(condition) {
      while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
    },
  };

  Object.assign(globalThis, { show });
  const reply = (message: ProbeReply): void => void process.send?.(message);
  process.on('message', (message) => {
    const { id, path: page, main } = message as ProbeRequest;
    pagePath = page;
    const run = require('vm').runInThisContext(`(${main})`) as (modules: typeof Electron, probe: Probe) => unknown;
    void (async () => await run(electron, probe))()
      .then(
        (value) => reply({ id, ok: true, value }),
        (cause: unknown) => reply({ id, ok: false, value: cause instanceof Error ? cause.stack : String(cause) }),
      )
      .finally(() => {
        for (const cleanUp of cleanUps) cleanUp();
        cleanUps = [];
      });
  });
  process.once('disconnect', () => app.exit(0));
  app.on('window-all-closed', () => (window = undefined));
  void app.whenReady().then(() => {
    serveScheme();
    reply({ ready: true });
  });
}

/** @param checks each check's preload, by the path of its page */
export function runPreload(
  require: PreloadRequire,
  checks: Readonly<Record<string, (electron: typeof Electron, require: PreloadRequire) => void>>,
  show: (value: unknown) => string,
): void {
  Object.assign(globalThis, { show });
  checks[location.pathname]?.(require('electron') as typeof Electron, require);
}
