import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import type * as Electron from 'electron';
import type { BrowserContext, Page } from 'playwright-core';
import { app } from './app.ts';
import { launchChromium } from './chromium.ts';
import { hostOptions } from './options.ts';
import { WebContents } from './web-contents.ts';

/** `BrowserWindow` over Chromium in app mode: one window, one browser. */
export class BrowserWindow
  extends EventEmitter
  implements
    Pick<Electron.BrowserWindow, 'loadURL' | 'isDestroyed' | 'show' | 'focus' | 'isMinimized' | 'restore' | 'close'>
{
  static #open: BrowserWindow | undefined;
  readonly webContents: WebContents;
  readonly #options: Electron.BrowserWindowConstructorOptions;
  /** For the host: the page, after Chromium started. */
  readonly page: Promise<Page>;
  #context: BrowserContext | undefined;
  #destroyed = false;

  constructor(options: Electron.BrowserWindowConstructorOptions = {}) {
    super();
    if (BrowserWindow.#open) throw new Error('The host shows one window');
    BrowserWindow.#open = this;
    this.#options = options;
    const { preload, sandbox, contextIsolation } = options.webPreferences ?? {};
    if (sandbox === false || contextIsolation === false)
      throw new Error('The host has only sandboxed, isolated windows');
    this.webContents = new WebContents(preload);
    app.emit('web-contents-created', {}, this.webContents);
    this.page = this.#start();
    this.page.catch((cause: unknown) => {
      process.stderr.write(`error ${cause instanceof Error ? cause.message : String(cause)}\n`);
      app.exit(1);
    });
  }

  static getAllWindows(): readonly BrowserWindow[] {
    return BrowserWindow.#open ? [BrowserWindow.#open] : [];
  }

  async #start(): Promise<Page> {
    const { width = 800, height = 600 } = this.#options;
    const profile = join(app.getPath('sessionData'), 'chromium');
    const context = await launchChromium({ profile, headed: hostOptions.headed, width, height });
    this.#context = context;
    const [page = await context.newPage(), ...others] = context.pages();
    await Promise.all(others.map((other) => other.close()));
    page.once('close', () => this.#closed());
    await this.webContents.attach(context, page);
    return page;
  }

  async loadURL(url: string): Promise<void> {
    await this.page;
    await this.webContents.loadURL(url);
    this.emit('ready-to-show');
  }

  isDestroyed(): boolean {
    return this.#destroyed;
  }

  /** Chromium shows a window at once, and cannot minimise a page's window. */
  show(): void {
    this.emit('show');
  }

  focus(): void {
    void this.page.then((page) => page.bringToFront());
  }

  isMinimized(): boolean {
    return false;
  }

  restore(): void {
    this.focus();
  }

  close(): void {
    void this.shut();
  }

  /** For the host: ends Chromium; resolves when its process has ended. */
  async shut(): Promise<void> {
    this.#destroyed = true;
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
