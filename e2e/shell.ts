/** The built app, started in real Electron or over the Chromium host, with the same handle for both. */
import { chromium, _electron } from '@playwright/test';
import type { Page } from '@playwright/test';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type * as Electron from 'electron';
import type { ControlReply, ControlRequest } from './host/control.ts';

type ElectronModule = typeof Electron;

export interface Shell {
  readonly page: Page;
  /** The main process. */
  readonly process: ChildProcess;
  /** Runs a function in the main process; it travels as text and may use only its arguments. */
  evaluate<R, A>(run: (electron: ElectronModule, argument: A) => R | Promise<R>, argument: A): Promise<R>;
  /** Asks the app to quit, as a person does; resolves with its exit status. */
  quit(): Promise<number | null>;
}

const root = resolve(import.meta.dirname, '..');

type Environment = Readonly<Record<string, string>>;

const useElectron = process.env['WYVERN_E2E_SHELL'] === 'electron';
// Chromium's sandbox refuses to run as root.
const electronArguments = [root, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])];
const hostArguments = [join(root, 'e2e/host/launch.ts')];

export async function startShell(
  environment: Environment,
  onLog: (text: string) => void,
  args: readonly string[] = [],
): Promise<Shell> {
  const env = withInherited(environment);
  const shell = useElectron ? await startElectron(env, args) : await startHost(env, args);
  shell.process.stderr?.on('data', (chunk: Buffer) => onLog(chunk.toString()));
  // The bridge exists before any script of the page runs.
  await shell.page.waitForFunction(() => 'wyvern' in window);
  return shell;
}

/** Starts an app that is expected to end; resolves with its exit status. */
export async function runToEnd(environment: Environment, more: readonly string[] = []): Promise<number | null> {
  const electron: unknown = useElectron ? createRequire(import.meta.url)('electron') : undefined;
  const [command, args] =
    typeof electron === 'string' ? [electron, electronArguments] : [process.execPath, hostArguments];
  const child = spawn(command, [...args, ...more], {
    env: withInherited(environment),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [status] = (await once(child, 'exit')) as [number | null];
  return status;
}

function withInherited(environment: Environment): Record<string, string> {
  const inherited = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { ...Object.fromEntries(inherited), ...environment };
}

async function startElectron(env: Record<string, string>, args: readonly string[]): Promise<Shell> {
  const app = await _electron.launch({ args: [...electronArguments, ...args], env });
  const child = app.process();
  const exited = new Promise<number | null>((settle) => child.once('exit', settle));
  return {
    page: await app.firstWindow(),
    process: child,
    evaluate: (run, argument) => app.evaluate(run as never, argument as never),
    async quit() {
      await app.evaluate(({ app: electronApp }) => electronApp.quit()).catch(() => undefined);
      return await exited;
    },
  };
}

async function startHost(env: Record<string, string>, args: readonly string[]): Promise<Shell> {
  const child = spawn(process.execPath, [...hostArguments, ...args], {
    env,
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  const replies = new Map<number, PromiseWithResolvers<unknown>>();
  const window = Promise.withResolvers<string>();
  let lastId = 0;
  child.on('message', (message) => {
    const reply = message as ControlReply;
    if (reply.type === 'window') {
      window.resolve(reply.endpoint);
      return;
    }
    const waiting = replies.get(reply.id);
    replies.delete(reply.id);
    if (reply.ok) waiting?.resolve(reply.value);
    else waiting?.reject(new Error(String(reply.value)));
  });
  const exited = new Promise<number | null>((settle) => child.once('exit', settle));
  void exited.then((status) => {
    const gone = new Error(`The app ended (${status ?? 'by a signal'})`);
    window.reject(gone);
    for (const waiting of replies.values()) waiting.reject(gone);
  });
  const browser = await chromium.connect(await window.promise);
  const page = browser.contexts()[0]?.pages()[0];
  if (!page) throw new Error('The host has no window');
  return {
    page,
    process: child,
    async evaluate<R, A>(run: (electron: ElectronModule, argument: A) => R | Promise<R>, argument: A): Promise<R> {
      const id = ++lastId;
      const result = Promise.withResolvers<unknown>();
      replies.set(id, result);
      child.send({ id, source: run.toString(), argument } satisfies ControlRequest);
      return (await result.promise) as R;
    },
    async quit() {
      child.kill('SIGTERM');
      const status = await exited;
      await browser.close();
      return status;
    },
  };
}
