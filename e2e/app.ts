/** The fixture of every spec: the built app with its own folder and the tiny trained model. */
import { expect, test as base } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Outgoing } from './outgoing.ts';
import { runToEnd, startShell } from './shell.ts';
import type { Shell } from './shell.ts';
import { tinyLlama } from './tiny-llama.ts';

export { expect };

export interface LaunchOptions {
  /** First bundle; default: the tiny trained one. */
  readonly model?: string;
  /** `fake:…`: a scripted model, for faults and speeds that no real model gives on demand. */
  readonly addon?: string;
  /** The model names chats; default: their first message does, so that tests know the names. */
  readonly titles?: boolean;
  /** Arguments of the app. */
  readonly args?: readonly string[];
  /** The test makes outgoing requests itself, to see them blocked. */
  readonly attacks?: boolean;
  /** The test turns the local server on, which may listen on 127.0.0.1. */
  readonly serves?: boolean;
  /** More environment variables. */
  readonly env?: Readonly<Record<string, string>>;
}

export class WyvernApp {
  /** Folder of the store and the settings; it survives a restart. */
  readonly userData = mkdtempSync(join(tmpdir(), 'wyvern-e2e-'));
  readonly outgoing = new Outgoing(mkdtempSync(join(tmpdir(), 'wyvern-e2e-sockets-')));
  readonly #options: LaunchOptions;
  #shell: Shell | undefined;
  #log = '';

  constructor(options: LaunchOptions) {
    this.#options = options;
  }

  get page(): Page {
    return this.shell.page;
  }

  get shell(): Shell {
    if (!this.#shell) throw new Error('The app does not run');
    return this.#shell;
  }

  /** The main process's standard error. */
  get log(): string {
    return this.#log;
  }

  async start(): Promise<void> {
    const { args = [] } = this.#options;
    this.#shell = await startShell(this.#environment, (text) => (this.#log += text), args);
    this.outgoing.watch(this.page.context(), this.page.url());
  }

  /** Starts a second app with the same folder; resolves with its exit status. */
  async startSecond(...args: readonly string[]): Promise<number | null> {
    return await runToEnd(this.#environment, args);
  }

  get #environment(): Readonly<Record<string, string>> {
    const { model = tinyLlama, addon, env = {} } = this.#options;
    const environment = { ...this.outgoing.environment, ...env, WYVERN_USER_DATA: this.userData, WYVERN_MODEL: model };
    return addon === undefined ? environment : { ...environment, WYVERN_ADDON: addon };
  }

  /** Quits and starts again with the same folder. */
  async restart(): Promise<void> {
    await this.quit();
    await this.start();
  }

  async quit(): Promise<number | null> {
    const shell = this.#shell;
    this.#shell = undefined;
    return shell ? await shell.quit() : null;
  }

  /** Kills the main process without cleanup, like a power cut or a crash. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const { process } = this.shell;
    this.#shell = undefined;
    const exited = once(process, 'exit');
    process.kill(signal);
    await exited;
  }

  async enginePids(): Promise<readonly number[]> {
    return await this.shell.evaluate(({ app }) => {
      const engines = app.getAppMetrics().filter(({ name }) => name === 'wyvern-engine');
      return engines.map(({ pid }) => pid);
    }, undefined);
  }

  /** Kills the engine process with SIGKILL, like a crash in native code. */
  async killEngine(): Promise<void> {
    const [pid] = await this.enginePids();
    if (pid === undefined) throw new Error('No engine runs');
    process.kill(pid, 'SIGKILL');
  }

  /** Drops real files or folders on the middle of the window or of an element. */
  async drop(paths: readonly string[], on: Locator = this.page.locator('html')): Promise<void> {
    const devtools = await this.page.context().newCDPSession(this.page);
    const box = await on.boundingBox();
    if (!box) throw new Error('There is nothing to drop on');
    const data = { items: [], files: [...paths], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await devtools.send('Input.dispatchDragEvent', {
        type,
        x: box.x + box.width / 2,
        y: box.y + box.height / 2,
        data,
      });
    }
    await devtools.detach();
  }

  removeUserData(): void {
    rmSync(this.userData, { recursive: true, force: true });
  }
}

export const test = base.extend<{ launch: LaunchOptions; app: WyvernApp; page: Page }>({
  launch: [{}, { option: true }],
  app: async ({ launch }, use, info) => {
    const app = new WyvernApp(launch);
    await app.start();
    const automaticTitles = launch.titles ?? false;
    await app.page.evaluate(async (input) => await window.wyvern.call('settings.set', input), { automaticTitles });
    await use(app);
    await app.quit();
    if (info.status !== info.expectedStatus) await info.attach('main process', { body: app.log });
    app.removeUserData();
    const { outgoing } = app;
    const own = /^listens on 127\.0\.0\.1:\d+$/;
    const seen = launch.attacks ? outgoing.left() : outgoing.asked(app.log);
    expect(
      seen.filter((line) => launch.serves !== true || !own.test(line)),
      'nothing leaves the machine',
    ).toEqual([]);
    outgoing.remove();
  },
  /** The first window. After a restart, get the page from the app. */
  page: async ({ app }, use) => {
    await use(app.page);
  },
});
