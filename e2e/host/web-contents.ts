import { EventEmitter } from 'node:events';
import { readFile } from 'node:fs/promises';
import type * as Electron from 'electron';
import type { HandlerDetails, IpcMainInvokeEvent, WindowOpenHandlerResponse } from 'electron';
import type { BrowserContext, CDPSession, Frame, Page, Request, Route } from 'playwright-core';
import { createCodec } from './codec.ts';
import { createEvent } from './events.ts';
import { ipcMain } from './ipc-main.ts';
import { accelerators, onAccelerator, press } from './accelerators.ts';
import { sendKey } from './keys.ts';
import { NetworkError } from './network-error.ts';
import { toAppUrl, toPageUrl } from './origin.ts';
import { PageDebugger } from './page-debugger.ts';
import { popupDetails } from './popups.ts';
import type { WantedWindow } from './popups.ts';
import { answerRequest, applyPermissions, onPermissionsChanged, reportDownload, watchSockets } from './session.ts';
import { linkWorlds } from './world-link.ts';
import { apiName, bindingName, preloadParts, preparePage, runPreload, worldName } from './worlds.ts';
import type { FromWorld, WorldApi } from './worlds.ts';

const codec = createCodec();
const frameId = 1;

/** `webContents` over one Chromium page, with the preload in its own JavaScript world. */
export class WebContents
  extends EventEmitter
  implements
    Pick<
      Electron.WebContents,
      | 'id'
      | 'loadURL'
      | 'reload'
      | 'getURL'
      | 'isLoading'
      | 'isCrashed'
      | 'isDestroyed'
      | 'executeJavaScript'
      | 'sendInputEvent'
      | 'setWindowOpenHandler'
      | 'send'
    >
{
  readonly id = 1;
  /** Commands of the DevTools protocol, over a session of their own. */
  readonly debugger = new PageDebugger(() => this.#ready.promise);
  readonly #preload: string | undefined;
  #ready = Promise.withResolvers<Page>();
  #page: Page | undefined;
  #cdp: CDPSession | undefined;
  /** Execution context of the preload's world in the current document; none while a page loads. */
  #world: number | undefined;
  /** Resolves once the document that loads has its preload's world. */
  #worldCreated = Promise.withResolvers<undefined>();
  #openHandler: (details: HandlerDetails) => WindowOpenHandlerResponse = () => ({ action: 'allow' });
  /** The target of `loadURL` or `reload`: the app's own navigation needs no permission. */
  #ownNavigation: string | undefined;
  #loading = false;
  #crashed = false;
  /** Ends when the last key has reached the page, and the page has the focus that the app gave it. */
  #input: Promise<unknown> = Promise.resolve();

  constructor(preload: string | undefined) {
    super();
    this.#preload = preload;
    this.#ready.promise.catch(() => undefined);
    onAccelerator.on('changed', () => this.#run('setAccelerators', [accelerators()]));
    onPermissionsChanged(() => void this.#applyPermissions());
  }

  /** For the host: takes over a page. After a crash, a new page replaces the old one. */
  async attach(context: BrowserContext, page: Page): Promise<void> {
    const cdp = await context.newCDPSession(page);
    this.#page = page;
    this.#cdp = cdp;
    this.#world = undefined;
    const { frameTree } = await cdp.send('Page.getFrameTree');
    this.#watchWorlds(cdp, frameTree.frame.id);
    this.#watchPage(cdp, page, frameTree.frame.id);
    await cdp.send('Page.enable');
    await cdp.send('Runtime.enable');
    await watchSockets(cdp);
    if (this.#preload !== undefined) await this.#inject(cdp, await readFile(this.#preload, 'utf8'));
    // The host closes a popup as soon as it appears; its requests until then do not leave.
    await context.route('**/*', (route) => route.abort('blockedbyclient'));
    await page.route('**/*', (route, request) => this.#route(route, request));
    this.#ready.resolve(page);
  }

  #watchWorlds(cdp: CDPSession, mainFrameId: string): void {
    cdp.on('Runtime.executionContextCreated', ({ context: { id, name, auxData } }) => {
      const { frameId: frame } = auxData as { readonly frameId: string };
      if (name !== worldName || frame !== mainFrameId) return;
      this.#world = id;
      // The menu may have changed since the preload was prepared, or while no document could hear of it.
      this.#run('setAccelerators', [accelerators()]);
      this.#worldCreated.resolve(undefined);
    });
    cdp.on('Runtime.executionContextDestroyed', ({ executionContextId }) => {
      if (executionContextId === this.#world) this.#world = undefined;
    });
    cdp.on('Runtime.executionContextsCleared', () => (this.#world = undefined));
    cdp.on('Runtime.bindingCalled', ({ name, payload, executionContextId }) => {
      if (name === bindingName) this.#receive(JSON.parse(payload) as FromWorld, executionContextId);
    });
  }

  #watchPage(cdp: CDPSession, page: Page, mainFrameId: string): void {
    cdp.on('Page.frameStartedLoading', ({ frameId: frame }) => {
      if (frame !== mainFrameId) return;
      this.#loading = true;
      this.emit('did-start-loading', createEvent());
    });
    cdp.on('Page.frameStoppedLoading', ({ frameId: frame }) => {
      if (frame !== mainFrameId) return;
      this.#loading = false;
      this.emit('did-stop-loading', createEvent());
    });
    cdp.on('Page.frameNavigated', ({ frame }) => {
      if (frame.id === mainFrameId) this.emit('did-navigate', createEvent(), toAppUrl(frame.url));
    });
    cdp.on('Page.navigatedWithinDocument', ({ frameId: frame, url }) => {
      if (frame === mainFrameId) this.emit('did-navigate-in-page', createEvent(), toAppUrl(url), true);
    });
    // Links; the page's own `window.open` asks before it opens anything.
    cdp.on('Page.windowOpen', ({ url, windowName }) => this.#refusePopup({ url, windowName, windowFeatures: [] }));
    page.on('popup', (popup) => void popup.close().catch(() => undefined));
    cdp.on('Page.domContentEventFired', () => this.emit('dom-ready', createEvent()));
    cdp.on('Page.loadEventFired', () => this.emit('did-finish-load', createEvent()));
    page.on('download', (download) => reportDownload(download, this));
    page.on('crash', () => {
      this.#crashed = true;
      this.#loading = false;
      this.#ready = Promise.withResolvers();
      this.emit('replace-page');
      this.emit('render-process-gone', createEvent(), { reason: 'crashed', exitCode: 1 });
    });
  }

  async #inject(cdp: CDPSession, preload: string): Promise<void> {
    const names = { bootEvent: crypto.randomUUID(), binding: bindingName, api: apiName };
    const link = linkWorlds.toString();
    await cdp.send('Runtime.addBinding', { name: bindingName, executionContextName: worldName });
    await cdp.send('Page.addScriptToEvaluateOnNewDocument', {
      source: `if (window === window.top) (${preparePage.toString()})(${link}, ${JSON.stringify(names.bootEvent)});`,
    });
    const body = `function (require, module, exports, process, global) {\n${preload}\n}`;
    const { product } = await cdp.send('Browser.getVersion');
    const facts = { platform: process.platform, arch: process.arch, chrome: product.split('/')[1] ?? '' };
    const parts = Object.entries(preloadParts).map(([name, part]) => `${name}: ${part.toString()}`);
    const values = [names, accelerators(), facts].map((value) => JSON.stringify(value));
    const args = [link, createCodec.toString(), `{ ${parts.join(', ')} }`, ...values, body];
    await cdp.send('Page.addScriptToEvaluateOnNewDocument', {
      worldName,
      source: `(${runPreload.toString()})(${args.join(', ')});`,
    });
  }

  /** Resolves once the page has loaded. @throws {NetworkError} */
  async loadURL(url: string): Promise<void> {
    const page = await this.#ready.promise;
    const target = toPageUrl(url);
    await this.#applyPermissions(url);
    await this.#navigate(target, () => page.goto(target, { waitUntil: 'load' }), url);
  }

  reload(): void {
    const url = this.#page?.url() ?? '';
    void this.#ready.promise.then(async (page) => {
      // The page that replaces a crashed one is empty.
      const again = this.#crashed ? () => page.goto(url) : () => page.reload();
      await this.#navigate(url, again, toAppUrl(url)).catch(() => undefined);
    });
  }

  async #navigate(target: string, go: () => Promise<unknown>, url: string): Promise<void> {
    this.#ownNavigation = target;
    this.#loading = true;
    this.#crashed = false;
    this.#worldCreated = Promise.withResolvers();
    try {
      await go();
    } catch (cause) {
      throw new NetworkError(cause, url);
    }
    // Chromium reports the load and the world on different ways, so the world may come later.
    if (this.#preload !== undefined && this.#world === undefined) await this.#worldCreated.promise;
  }

  async #applyPermissions(url: string = this.getURL()): Promise<void> {
    await this.#ready.promise;
    const target = URL.parse(toPageUrl(url));
    if (target && target.origin !== 'null') await applyPermissions(this.#devtools, this, url, target.origin);
  }

  /** For the host: the clipboard's text, which the page may read for a moment. Empty without the focus. */
  async readClipboard(): Promise<string> {
    const page = await this.#ready.promise;
    const { origin } = new URL(page.url());
    await this.#devtools.send('Browser.grantPermissions', { origin, permissions: ['clipboardReadWrite'] });
    try {
      return String(await this.executeJavaScript('navigator.clipboard.readText()', true));
    } catch {
      return '';
    } finally {
      await this.#applyPermissions();
    }
  }

  getURL(): string {
    return this.#page ? toAppUrl(this.#page.url()) : '';
  }

  isLoading(): boolean {
    return this.#loading;
  }

  isCrashed(): boolean {
    return this.#crashed;
  }

  isDestroyed(): boolean {
    return !this.#crashed && (this.#page?.isClosed() ?? false);
  }

  /** Runs a script in the page's world; resolves with a clone of its value. */
  async executeJavaScript(code: string, userGesture = false): Promise<unknown> {
    await this.#ready.promise;
    const { result, exceptionDetails } = await this.#devtools.send('Runtime.evaluate', {
      expression: code,
      userGesture,
      awaitPromise: true,
      returnByValue: true,
    });
    if (!exceptionDetails) return result.value;
    const [first = ''] = (exceptionDetails.exception?.description ?? exceptionDetails.text).split('\n');
    throw new Error(first.replace(/^\w*Error: /, ''));
  }

  /** Keys only. They come after everything that the app asked for before, such as the focus. */
  sendInputEvent(event: Parameters<Electron.WebContents['sendInputEvent']>[0]): void {
    this.#afterInput(() => sendKey(this.#devtools, event));
  }

  /** For the host: gives the page the focus. */
  focus(): void {
    this.#afterInput((page) => page.bringToFront());
  }

  #afterInput(act: (page: Page) => Promise<unknown>): void {
    this.#input = this.#input.then(async () => act(await this.#ready.promise)).catch(() => undefined);
  }

  setWindowOpenHandler(handler: (details: HandlerDetails) => WindowOpenHandlerResponse): void {
    this.#openHandler = handler;
  }

  /** Dropped if no preload listens, and with a line on standard error if it cannot be cloned, as in Electron. */
  send(channel: string, ...args: readonly unknown[]): void {
    try {
      this.#run('deliver', [channel, codec.encode(args)]);
    } catch (cause) {
      process.stderr.write(`error Sending to the window failed: ${String(cause)}\n`);
    }
  }

  #run<K extends keyof WorldApi>(method: K, args: Parameters<WorldApi[K]>): void {
    if (this.#world === undefined || !this.#cdp) return;
    this.#cdp
      .send('Runtime.callFunctionOn', {
        functionDeclaration: `function (method, args) { globalThis.${apiName}?.[method](...args); }`,
        arguments: [{ value: method }, { value: args }],
        executionContextId: this.#world,
      })
      // The document is gone, so nobody can receive it.
      .catch(() => undefined);
  }

  #receive(message: FromWorld, world: number): void {
    if (world !== this.#world) return;
    switch (message.type) {
      case 'invoke':
        void this.#answer(message.id, message.channel, message.args, world);
        break;
      case 'send':
        ipcMain.emit(message.channel, this.#event(), ...(codec.decode(message.args) as unknown[]));
        break;
      case 'paths':
        void this.#tellPaths(message.id, message.count, world);
        break;
      case 'accelerator':
        press(message.keys);
        break;
      case 'open':
        this.#refusePopup(message);
        break;
    }
  }

  /** Nobody waits for an answer once another document is loaded. */
  async #answer(id: number, channel: string, args: string, world: number): Promise<void> {
    const event = this.#event() as unknown as IpcMainInvokeEvent;
    const values = codec.decode(args) as unknown[];
    type Answer = Parameters<WorldApi['settle']>;
    const answer = await ipcMain
      .answer(channel, event, values, (value) => codec.encode(value))
      .then(
        (value): Answer => [id, true, value],
        (cause: unknown): Answer => [id, false, codec.encode(cause instanceof Error ? cause.message : String(cause))],
      );
    if (world === this.#world) this.#run('settle', answer);
  }

  #event(): object {
    const reply = (channel: string, ...values: readonly unknown[]): void => this.send(channel, ...values);
    return createEvent({ sender: this, senderFrame: this.#frame(), frameId, processId: 1, type: 'frame', reply });
  }

  /** Value of `senderFrame`: only a page's top frame has a preload. */
  #frame(): { readonly url: string; readonly origin: string; readonly parent: null; readonly routingId: number } {
    const url = this.getURL();
    const { protocol, host } = new URL(url);
    return { url, origin: `${protocol}//${host}`, parent: null, routingId: frameId };
  }

  async #tellPaths(id: number, count: number, world: number): Promise<void> {
    const paths = await Promise.all(Array.from({ length: count }, (_, index) => this.#pathOf(id, index, world)));
    this.#run('tellPaths', [id, paths]);
  }

  /** For the host's `dialog`: paths chosen in Chromium's own file chooser; of a folder, the files in it. */
  async chooseFiles(directory: boolean): Promise<string[]> {
    const world = this.#world;
    if (world === undefined) return [];
    const { result } = await this.#devtools.send('Runtime.callFunctionOn', {
      functionDeclaration: `function (directory) { return globalThis.${apiName}.chooseFiles(directory); }`,
      arguments: [{ value: directory }],
      executionContextId: world,
      userGesture: true,
      awaitPromise: true,
      returnByValue: true,
    });
    const { id, count } = result.value as { readonly id: number; readonly count: number };
    const paths = await Promise.all(Array.from({ length: count }, (_, index) => this.#pathOf(id, index, world)));
    this.#run('tellPaths', [id, paths]);
    return paths;
  }

  async #pathOf(id: number, index: number, world: number): Promise<string> {
    const { result } = await this.#devtools.send('Runtime.callFunctionOn', {
      functionDeclaration: `function (id, index) { return globalThis.${apiName}.heldFile(id, index); }`,
      arguments: [{ value: id }, { value: index }],
      executionContextId: world,
    });
    if (!result.objectId) return '';
    const { path } = await this.#devtools.send('DOM.getFileInfo', { objectId: result.objectId });
    await this.#devtools.send('Runtime.releaseObject', { objectId: result.objectId });
    return path;
  }

  get #devtools(): CDPSession {
    if (!this.#cdp) throw new Error('No page yet');
    return this.#cdp;
  }

  async #route(route: Route, request: Request): Promise<void> {
    if (request.isNavigationRequest() && this.#isRefused(request.frame(), request.url())) {
      await route.abort('aborted');
      return;
    }
    await answerRequest(route, request, this.id, (target) => this.#refusesRedirect(request, target));
  }

  #isRefused(frame: Frame, target: string): boolean {
    if (target === this.#ownNavigation) {
      this.#ownNavigation = undefined;
      return false;
    }
    const isMainFrame = frame === this.#page?.mainFrame();
    const names = isMainFrame ? ['will-frame-navigate', 'will-navigate'] : ['will-frame-navigate'];
    return names.some((name) => this.#isPrevented(name, target, isMainFrame));
  }

  #refusesRedirect(request: Request, target: string): boolean {
    return this.#isPrevented('will-redirect', target, request.frame() === this.#page?.mainFrame());
  }

  #isPrevented(name: string, target: string, isMainFrame: boolean): boolean {
    const event = createEvent({ url: toAppUrl(target), isMainFrame, isSameDocument: false });
    this.emit(name, event, event.url);
    return event.defaultPrevented;
  }

  #refusePopup(wanted: WantedWindow): void {
    if (this.#openHandler(popupDetails(wanted) as HandlerDetails).action === 'deny') return;
    process.stderr.write('error The host shows one window: answer setWindowOpenHandler with deny\n');
  }
}
