import { EventEmitter } from 'node:events';
import { mkdirSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { App } from 'electron';
import { createEvent } from './events.ts';
import { takeLock } from './single-instance.ts';
import packageJson from '../../package.json' with { type: 'json' };

type PathName = Parameters<App['getPath']>[0];

/** Parts that quitting ends, the window first; the modules that start them register them. */
interface Ending {
  closeWindows(): Promise<void>;
  killChildren(): Promise<void>;
}

/** The supported part of Electron's `app`, besides its events. */
type Provided = Pick<
  App,
  | 'isPackaged'
  | 'whenReady'
  | 'isReady'
  | 'getName'
  | 'getVersion'
  | 'getAppPath'
  | 'getPath'
  | 'getPreferredSystemLanguages'
  | 'setPath'
  | 'enableSandbox'
  | 'requestSingleInstanceLock'
  | 'quit'
  | 'exit'
>;

/** `app`: life cycle, paths, the single-instance lock. */
class HostApp extends EventEmitter implements Provided {
  readonly isPackaged = false;
  readonly #ready = Promise.withResolvers<void>(); // eslint-disable-line @typescript-eslint/no-invalid-void-type -- as Electron has it
  readonly #paths = new Map<PathName, string>();
  #isReady = false;
  #quitting = false;
  #ending: Ending | undefined;

  /** For the host: marks that the app's own module ran. */
  becomeReady(ending: Ending): void {
    this.#ending = ending;
    this.#isReady = true;
    this.emit('ready', createEvent(), {});
    this.#ready.resolve();
  }

  whenReady(): Promise<void> {
    return this.#ready.promise;
  }

  isReady(): boolean {
    return this.#isReady;
  }

  getName(): string {
    return packageJson.productName;
  }

  getVersion(): string {
    return packageJson.version;
  }

  getAppPath(): string {
    return resolve(import.meta.dirname, '../..');
  }

  getPath(name: PathName): string {
    const set = this.#paths.get(name);
    if (set !== undefined) return set;
    const known: Partial<Record<PathName, () => string>> = {
      home: homedir,
      downloads: () => join(homedir(), 'Downloads'),
      temp: tmpdir,
      appData: () => process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'),
      userData: () => join(this.getPath('appData'), packageJson.name),
      sessionData: () => this.getPath('userData'),
    };
    const path = known[name]?.();
    if (path === undefined) throw new Error(`The host does not know the path “${name}”`);
    return path;
  }

  setPath(name: PathName, path: string): void {
    mkdirSync(path, { recursive: true });
    this.#paths.set(name, path);
  }

  /** Node knows only one. */
  getPreferredSystemLanguages(): string[] {
    return [Intl.DateTimeFormat().resolvedOptions().locale];
  }

  /** The host sandboxes every window, so there is nothing to enable. */
  enableSandbox(): void {
    if (this.#isReady) throw new Error('app.enableSandbox() is for before the app is ready');
  }

  requestSingleInstanceLock(additionalData: Record<string, unknown> = {}): boolean {
    const folder = this.getPath('userData');
    mkdirSync(folder, { recursive: true });
    return takeLock(folder, { argv: process.argv, workingDirectory: process.cwd(), additionalData }, (other) => {
      this.emit('second-instance', createEvent(), other.argv, other.workingDirectory, other.additionalData);
    });
  }

  /** For the host: like Electron, the app quits with its last window unless a listener exists. */
  windowClosed(): void {
    if (this.#quitting) return;
    if (!this.emit('window-all-closed')) this.quit();
  }

  quit(): void {
    if (this.#quitting) return;
    const before = createEvent();
    this.emit('before-quit', before);
    if (before.defaultPrevented) return;
    this.#quitting = true;
    void this.#closeAndQuit();
  }

  async #closeAndQuit(): Promise<void> {
    await this.#ending?.closeWindows();
    const will = createEvent();
    this.emit('will-quit', will);
    this.#quitting = false;
    if (!will.defaultPrevented) this.exit(0);
  }

  exit(code = 0): void {
    this.#quitting = true;
    this.emit('quit', createEvent(), code);
    void Promise.all([this.#ending?.closeWindows(), this.#ending?.killChildren()]).finally(() => process.exit(code));
  }

  getAppMetrics(): readonly { readonly type: 'Utility'; readonly pid: number; readonly name: string }[] {
    return [...children].map(({ pid, name }) => ({ type: 'Utility', pid, name }));
  }
}

/** Running utility processes. */
export const children = new Set<{ readonly pid: number; readonly name: string }>();

export const app = new HostApp();
