import { EventEmitter } from 'node:events';
import { readFile } from 'node:fs/promises';
import type * as Electron from 'electron';
import type { HandlerDetails, IpcMainInvokeEvent, WindowOpenHandlerResponse } from 'electron';
import type { BrowserContext, CDPSession, Frame, Page, Request, Route } from 'playwright-core';
import { createCodec } from './codec.ts';
import { createEvent } from './events.ts';
import { ipcMain } from './ipc-main.ts';
import { accelerators, onAccelerator, press } from './accelerators.ts';
import { toAppUrl, toPageUrl } from './origin.ts';
import { answerRequest, applyPermissions } from './session.ts';
import { linkWorlds } from './world-link.ts';
import { apiName, bindingName, preloadParts, preparePage, runPreload, worldName } from './worlds.ts';
import type { FromWorld, WorldApi } from './worlds.ts';

const codec = createCodec();

/** `webContents` over one Chromium page, with the preload in its own JavaScript world. */
export class WebContents
  extends EventEmitter
  implements
    Pick<Electron.WebContents, 'id' | 'loadURL' | 'reload' | 'getURL' | 'isDestroyed' | 'setWindowOpenHandler' | 'send'>
{
  readonly id = 1;
  readonly #preload: string | undefined;
  readonly #attached = Promise.withResolvers<Page>();
  #page: Page | undefined;
  #cdp: CDPSession | undefined;
  /** Execution context of the preload's world in the current document; none while a page loads. */
  #world: number | undefined;
  #openHandler: (details: HandlerDetails) => WindowOpenHandlerResponse = () => ({ action: 'allow' });
  /** The target of `loadURL` or `reload`: the app's own navigation needs no permission. */
  #ownNavigation: string | undefined;

  constructor(preload: string | undefined) {
    super();
    this.#preload = preload;
    this.#attached.promise.catch(() => undefined);
  }

  /** For the host: takes over the page. */
  async attach(context: BrowserContext, page: Page): Promise<void> {
    const cdp = await context.newCDPSession(page);
    this.#page = page;
    this.#cdp = cdp;
    cdp.on('Runtime.executionContextCreated', ({ context: { id, name, auxData } }) => {
      const { frameId } = auxData as { readonly frameId: string };
      if (name === worldName && frameId === mainFrameId) this.#world = id;
    });
    cdp.on('Runtime.executionContextDestroyed', ({ executionContextId }) => {
      if (executionContextId === this.#world) this.#world = undefined;
    });
    cdp.on('Runtime.executionContextsCleared', () => (this.#world = undefined));
    cdp.on('Runtime.bindingCalled', ({ name, payload, executionContextId }) => {
      if (name === bindingName) this.#receive(JSON.parse(payload) as FromWorld, executionContextId);
    });
    const { frameTree } = await cdp.send('Page.getFrameTree');
    const mainFrameId = frameTree.frame.id;
    await cdp.send('Page.enable');
    await cdp.send('Runtime.enable');
    if (this.#preload !== undefined) await this.#inject(cdp, await readFile(this.#preload, 'utf8'));
    // The host closes a popup as soon as it appears; its requests until then do not leave.
    await context.route('**/*', (route) => route.abort('blockedbyclient'));
    await page.route('**/*', (route, request) => this.#route(route, request));
    page.on('crash', () => this.emit('render-process-gone', createEvent(), { reason: 'crashed', exitCode: 1 }));
    page.on('domcontentloaded', () => this.emit('dom-ready'));
    page.on('load', () => this.emit('did-finish-load'));
    page.on('popup', (popup) => void this.#refusePopup(popup));
    onAccelerator.on('changed', () => this.#run('setAccelerators', [accelerators()]));
    this.#attached.resolve(page);
  }

  async #inject(cdp: CDPSession, preload: string): Promise<void> {
    const names = { bootEvent: crypto.randomUUID(), binding: bindingName, api: apiName };
    const link = linkWorlds.toString();
    await cdp.send('Runtime.addBinding', { name: bindingName, executionContextName: worldName });
    await cdp.send('Page.addScriptToEvaluateOnNewDocument', {
      source: `if (window === window.top) (${preparePage.toString()})(${link}, ${JSON.stringify(names.bootEvent)});`,
    });
    const body = `function (require, module, exports) {\n${preload}\n}`;
    const parts = Object.entries(preloadParts).map(([name, part]) => `${name}: ${part.toString()}`);
    const values = [names, accelerators()].map((value) => JSON.stringify(value));
    const args = [link, createCodec.toString(), `{ ${parts.join(', ')} }`, ...values, body];
    await cdp.send('Page.addScriptToEvaluateOnNewDocument', {
      worldName,
      source: `(${runPreload.toString()})(${args.join(', ')});`,
    });
  }

  async loadURL(url: string): Promise<void> {
    const page = await this.#attached.promise;
    const target = toPageUrl(url);
    const context = page.context();
    await applyPermissions(context, url, new URL(target).origin);
    this.#ownNavigation = target;
    await page.goto(target, { waitUntil: 'domcontentloaded' });
  }

  reload(): void {
    void this.#attached.promise.then(async (page) => {
      this.#ownNavigation = page.url();
      await page.reload({ waitUntil: 'domcontentloaded' });
    });
  }

  getURL(): string {
    return this.#page ? toAppUrl(this.#page.url()) : '';
  }

  isDestroyed(): boolean {
    return this.#page?.isClosed() ?? false;
  }

  setWindowOpenHandler(handler: (details: HandlerDetails) => WindowOpenHandlerResponse): void {
    this.#openHandler = handler;
  }

  /** Dropped if no preload listens, as in Electron. */
  send(channel: string, ...args: readonly unknown[]): void {
    this.#run('deliver', [channel, codec.encode(args)]);
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
    const frame = this.#frame();
    const event = createEvent({ sender: this, senderFrame: frame, frameId: 1, processId: 1, type: 'frame' });
    switch (message.type) {
      case 'invoke':
        ipcMain
          .answer(message.channel, event as unknown as IpcMainInvokeEvent, codec.decode(message.args) as unknown[])
          .then((value) => this.#run('settle', [message.id, true, codec.encode(value)]))
          .catch((cause: unknown) => {
            const text = cause instanceof Error ? cause.message : String(cause);
            this.#run('settle', [message.id, false, codec.encode(text)]);
          });
        break;
      case 'send':
        ipcMain.emit(message.channel, event, ...(codec.decode(message.args) as unknown[]));
        break;
      case 'paths':
        void this.#tellPaths(message.id, message.count, world);
        break;
      case 'accelerator':
        press(message.keys);
        break;
    }
  }

  /** Value of `senderFrame`: only a page's top frame has a preload. */
  #frame(): { readonly url: string; readonly origin: string; readonly parent: null } {
    const url = this.getURL();
    const { protocol, host } = new URL(url);
    return { url, origin: `${protocol}//${host}`, parent: null };
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
    await answerRequest(route, request);
  }

  #isRefused(frame: Frame, target: string): boolean {
    if (target === this.#ownNavigation) {
      this.#ownNavigation = undefined;
      return false;
    }
    if (frame !== this.#page?.mainFrame()) return false;
    const event = createEvent({ url: toAppUrl(target), isMainFrame: true, isSameDocument: false });
    this.emit('will-navigate', event, event.url);
    return event.defaultPrevented;
  }

  async #refusePopup(popup: Page): Promise<void> {
    const details = { url: toAppUrl(popup.url()), frameName: '', features: '', disposition: 'foreground-tab' };
    const response = this.#openHandler(details as HandlerDetails);
    if (response.action === 'allow')
      throw new Error('The host shows one window: answer setWindowOpenHandler with deny');
    await popup.close();
  }
}
