import { EventEmitter } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { App } from 'electron';
import { isAppReady, markAppReady } from './app-ready.ts';
import { createEvent } from './events.ts';
import { preferredLanguages } from './languages.ts';
import { takeLock } from './single-instance.ts';
import { hostOptions } from './options.ts';

type PathName = Parameters<App['getPath']>[0];

interface PackageFile {
  readonly name: string;
  readonly productName?: string;
  readonly version: string;
}

function packageFile(): PackageFile {
  return JSON.parse(readFileSync(join(hostOptions.app, 'package.json'), 'utf8')) as PackageFile;
}

/** Parts that quitting ends, the window first; the modules that start them register them. */
interface Ending {
  /** Asks the windows to close; resolves with false if one prevents it. */
  closeWindows(): Promise<boolean>;
  endWindows(): Promise<void>;
  killChildren(): Promise<void>;
}

/** The supported part of Electron's `app`, besides its events. */
type Provided = Pick<
  App,
  | 'isPackaged'
  | 'whenReady'
  | 'isReady'
  | 'name'
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
/** The folder of a person's data. Earlier versions named it after the package: then it moves, with the chats in it. */
export function ownFolder(parent: string, name: string, earlier: string): string {
  const folder = join(parent, name);
  if (!existsSync(folder) && existsSync(join(parent, earlier))) renameSync(join(parent, earlier), folder);
  return folder;
}

class HostApp extends EventEmitter implements Provided {
  readonly isPackaged = false;
  readonly name = packageFile().productName ?? packageFile().name;
  readonly #ready = Promise.withResolvers<void>(); // eslint-disable-line @typescript-eslint/no-invalid-void-type -- as Electron has it
  readonly #paths = new Map<PathName, string>();
  #quitting = false;
  #ending: Ending | undefined;

  /** For the host: marks that the app's own module ran. */
  becomeReady(ending: Ending): void {
    this.#ending = ending;
    // An app runs until it quits, with or without a window.
    setInterval(() => undefined, 2 ** 30);
    markAppReady();
    this.emit('ready', createEvent(), {});
    this.#ready.resolve();
  }

  whenReady(): Promise<void> {
    return this.#ready.promise;
  }

  isReady(): boolean {
    return isAppReady();
  }

  getName(): string {
    return this.name;
  }

  getVersion(): string {
    return packageFile().version;
  }

  getAppPath(): string {
    return hostOptions.app;
  }

  getPath(name: PathName): string {
    const set = this.#paths.get(name);
    if (set !== undefined) return set;
    const known: Partial<Record<PathName, () => string>> = {
      home: homedir,
      downloads: () => join(homedir(), 'Downloads'),
      temp: tmpdir,
      appData: () => process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'),
      userData: () => ownFolder(this.getPath('appData'), this.getName(), packageFile().name),
      sessionData: () => this.getPath('userData'),
    };
    const path = known[name]?.();
    if (path === undefined) throw new Error(`Failed to get '${name}' path`);
    return path;
  }

  setPath(name: PathName, path: string): void {
    if (!isAbsolute(path)) throw new Error('Path must be absolute');
    this.#paths.set(name, path);
  }

  getPreferredSystemLanguages(): string[] {
    return preferredLanguages(process.env);
  }

  /** The host sandboxes every window, so there is nothing to enable. */
  enableSandbox(): void {
    if (isAppReady()) throw new Error('app.enableSandbox() can only be called before app is ready');
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
    if (!((await this.#ending?.closeWindows()) ?? true)) {
      this.#quitting = false;
      return;
    }
    const will = createEvent();
    this.emit('will-quit', will);
    this.#quitting = false;
    if (!will.defaultPrevented) this.exit(0);
  }

  exit(code = 0): void {
    this.#quitting = true;
    // Before the app is ready, nothing is open and nobody hears of it.
    if (!this.#ending) process.exit(code);
    this.emit('quit', createEvent(), code);
    void Promise.all([this.#ending.endWindows(), this.#ending.killChildren()]).finally(() => process.exit(code));
  }

  getAppMetrics(): readonly { readonly type: 'Utility'; readonly pid: number; readonly name: string }[] {
    return [...children].map(({ pid, name }) => ({ type: 'Utility', pid, name }));
  }
}

/** Running utility processes. */
export const children = new Set<{ readonly pid: number; readonly name: string }>();

export const app = new HostApp();
