/** Starts the made app in the Electron that `WYVERN_CONFORMANCE` names, through Playwright. */
import { _electron } from '@playwright/test';
import type { ElectronApplication, Page } from '@playwright/test';
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { tinyLlama } from '../tiny-llama.ts';

const executable = process.env['WYVERN_CONFORMANCE'] ?? '';

/** Chromium refuses its sandbox to root. In a user namespace root has another number, and the files stay its own. */
const asPerson = process.getuid?.() === 0 ? ['unshare', '--user', '--map-user=1000', '--map-group=1000'] : [];

/** Whether Chromium can have its sandbox, which makes user namespaces. */
export const canSandbox = ((): boolean => {
  const { status } = spawnSync('env', [...asPerson, 'unshare', '--user', 'true']);
  return status === 0;
})();

export interface Started {
  readonly app: ElectronApplication;
  readonly page: Page;
  readonly log: () => string;
  /** Asks the app to quit. @returns its exit status */
  quit(): Promise<number | null>;
}

/** The made app with its own user data, which survive its end. */
export class MadeApp {
  readonly folder: string;
  readonly #home: string;

  /** @param folder of `makeApp` */
  constructor(folder: string) {
    this.folder = folder;
    this.#home = join(folder, 'home');
    mkdirSync(this.#home);
    writeFileSync(this.#starter, `#!/bin/sh\nexec ${[...asPerson, executable].join(' ')} "$@"\n`);
    chmodSync(this.#starter, 0o755);
  }

  get #starter(): string {
    return join(this.folder, 'electron.sh');
  }

  get #environment(): Record<string, string> {
    const inherited = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return {
      ...Object.fromEntries(inherited),
      HOME: this.#home,
      XDG_CONFIG_HOME: join(this.#home, 'config'),
      WYVERN_USER_DATA: join(this.#home, 'wyvern'),
      WYVERN_MODEL: tinyLlama,
      WYVERN_TEST_NODE: process.execPath,
      WYVERN_TEST_SQLITE: resolve(import.meta.dirname, 'sqlite-server.ts'),
      ...(canSandbox ? {} : { WYVERN_TEST_UNSANDBOXED: '1' }),
    };
  }

  #arguments(more: readonly string[]): string[] {
    return [...(canSandbox ? [] : ['--no-sandbox']), this.folder, '--lang=en', ...more];
  }

  async start(): Promise<Started> {
    const env = this.#environment;
    const app = await _electron.launch({ executablePath: this.#starter, args: this.#arguments([]), env });
    const child = app.process();
    const exited = exitOf(child);
    let log = '';
    child.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()));
    const page = await app.firstWindow();
    return {
      app,
      page,
      log: () => log,
      async quit() {
        await app.evaluate(({ app: electron }) => electron.quit()).catch(() => undefined);
        return await exited;
      },
    };
  }

  /** Starts a second instance. @returns its exit status */
  async startSecond(...args: readonly string[]): Promise<number | null> {
    return await exitOf(spawn(this.#starter, this.#arguments(args), { env: this.#environment, stdio: 'ignore' }));
  }
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  return await new Promise((settle) => child.once('exit', settle));
}
