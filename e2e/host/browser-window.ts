import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import type * as Electron from 'electron';
import type { BrowserContext, Page } from 'playwright-core';
import { app } from './app.ts';
import { isAppReady } from './app-ready.ts';
import { launchChromium } from './chromium.ts';
import { createEvent } from './events.ts';
import { hostOptions } from './options.ts';
import { nativeTheme } from './theme.ts';
import { WebContents } from './web-contents.ts';

/** `BrowserWindow` over Chromium in app mode: one window, one browser. */
export class BrowserWindow
  extends EventEmitter
  implements
    Pick<
      Electron.BrowserWindow,
      'loadURL' | 'isDestroyed' | 'isVisible' | 'show' | 'focus' | 'isMinimized' | 'restore' | 'close'
    >
{
  static #open: BrowserWindow | undefined;
  readonly webContents: WebContents;
  readonly #options: Electron.BrowserWindowConstructorOptions;
  /** For the host: the page, after Chromium started. Another one replaces a page that crashed. */
  page: Promise<Page>;
  #context: BrowserContext | undefined;
  /** The page that the window shows. */
  #current: Page | undefined;
  #visible: boolean;
  #destroyed = false;

  constructor(options: Electron.BrowserWindowConstructorOptions = {}) {
    super();
    if (!isAppReady()) throw new Error('Cannot create BrowserWindow before app is ready');
    if (BrowserWindow.#open) throw new Error('The host shows one window');
    const { preload, sandbox, contextIsolation } = options.webPreferences ?? {};
    if (sandbox === false || contextIsolation === false)
      throw new Error('The host has only sandboxed, isolated windows');
    BrowserWindow.#open = this;
    this.#options = options;
    this.#visible = options.show ?? true;
    this.webContents = new WebContents(preload);
    app.emit('web-contents-created', createEvent(), this.webContents);
    app.emit('browser-window-created', createEvent(), this);
    nativeTheme.on('updated', () => void this.page.then(showTheme).catch(() => undefined));
    this.page = this.#start();
    this.page.catch((cause: unknown) => {
      process.stderr.write(`error ${cause instanceof Error ? cause.message : String(cause)}\n`);
      app.exit(1);
    });
  }

  static getAllWindows(): readonly BrowserWindow[] {
    return BrowserWindow.#open ? [BrowserWindow.#open] : [];
  }

  static fromWebContents(contents: unknown): BrowserWindow | null {
    return BrowserWindow.getAllWindows().find(({ webContents }) => webContents === contents) ?? null;
  }

  async #start(): Promise<Page> {
    const { width = 800, height = 600 } = this.#options;
    const profile = join(app.getPath('sessionData'), 'chromium');
    const context = await launchChromium({ profile, headed: hostOptions.headed, width, height });
    this.#context = context;
    const [page = await context.newPage(), ...others] = context.pages();
    await Promise.all(others.map((other) => other.close()));
    await this.#show(context, page);
    this.webContents.on('replace-page', () => void this.#replace(context));
    return page;
  }

  async #show(context: BrowserContext, page: Page): Promise<void> {
    this.#current = page;
    page.once('close', () => {
      if (page === this.#current) this.#closed();
    });
    await showTheme(page);
    await this.webContents.attach(context, page);
  }

  /** A page that crashed cannot load anything; another one takes its place. */
  async #replace(context: BrowserContext): Promise<void> {
    const crashed = this.#current;
    const page = await context.newPage();
    this.page = Promise.resolve(page);
    await this.#show(context, page);
    await crashed?.close().catch(() => undefined);
  }

  async loadURL(url: string): Promise<void> {
    await this.page;
    await this.webContents.loadURL(url);
    this.emit('ready-to-show');
  }

  isDestroyed(): boolean {
    return this.#destroyed;
  }

  /** What the app asked for; Chromium shows a window at once. */
  isVisible(): boolean {
    return this.#visible;
  }

  show(): void {
    this.#visible = true;
    this.emit('show');
  }

  focus(): void {
    this.webContents.focus();
  }

  /** Chromium cannot minimise a page's window. */
  isMinimized(): boolean {
    return false;
  }

  restore(): void {
    this.focus();
  }

  close(): void {
    void this.shut();
  }

  /** For the host: ends Chromium; resolves with false if the app prevents it, else when its process has ended. */
  async shut(): Promise<boolean> {
    const event = createEvent();
    this.emit('close', event);
    if (event.defaultPrevented) return false;
    await this.end();
    return true;
  }

  /** For the host: ends Chromium without asking the app. */
  async end(): Promise<void> {
    await this.page.catch(() => undefined);
    await this.#context?.close().catch(() => undefined);
    this.#closed();
  }

  #closed(): void {
    this.#destroyed = true;
    if (BrowserWindow.#open !== this) return;
    BrowserWindow.#open = undefined;
    this.emit('closed');
    app.windowClosed();
  }
}

async function showTheme(page: Page): Promise<void> {
  await page.emulateMedia({ colorScheme: nativeTheme.pageScheme });
}
