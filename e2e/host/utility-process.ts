/** `utilityProcess`: a forked Node process with `process.parentPort`. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ForkOptions, UtilityProcess } from 'electron';
import { children } from './app.ts';
import { cloned } from './message-channel.ts';
import type { MessagePortMain } from './message-channel.ts';
import type { UtilityMessage } from './utility-messages.ts';
import { UtilityPorts } from './utility-ports.ts';

/** Provides `process.parentPort`. A URL, because Node takes the drive of a Windows path for a URL's scheme. */
const port = pathToFileURL(join(import.meta.dirname, 'utility.ts')).href;

const running = new Set<HostUtilityProcess>();

class HostUtilityProcess extends EventEmitter implements Pick<UtilityProcess, 'pid' | 'stdout' | 'stderr' | 'kill'> {
  readonly stdout: ChildProcess['stdout'];
  readonly stderr: ChildProcess['stderr'];
  readonly #child: ChildProcess;
  readonly #ports = new UtilityPorts((message) => this.#send(message));
  #spawned = false;

  constructor(modulePath: string, args: readonly string[], options: ForkOptions) {
    super();
    const stdio = options.stdio === 'pipe' ? 'pipe' : options.stdio === 'ignore' ? 'ignore' : 'inherit';
    this.#child = fork(modulePath, [...args], {
      // Electron's fuses turn off inspection by signal, with the thread that waits for it.
      execArgv: [...(options.execArgv ?? []), '--disable-sigusr1', '--import', port],
      serialization: 'advanced',
      // Linux shares processors between sessions first, and Playwright starts the browser in its own session. With a
      // busy emulator in the host's session, the window froze for seconds.
      detached: process.platform === 'linux',
      stdio: ['ignore', stdio, stdio, 'ipc'],
      ...(options.env ? { env: options.env as NodeJS.ProcessEnv } : {}),
      ...(options.cwd ? { cwd: options.cwd } : {}),
    });
    this.stdout = this.#child.stdout;
    this.stderr = this.#child.stderr;
    const { pid } = this.#child;
    const entry = pid === undefined ? undefined : { pid, name: options.serviceName ?? 'Node Utility Process' };
    if (entry) children.add(entry);
    running.add(this);
    this.#child.on('spawn', () => {
      this.#spawned = true;
      this.emit('spawn');
    });
    this.#child.on('message', (message) => this.#receive(message as UtilityMessage));
    this.#child.on('error', (cause) => this.emit('error', 'FatalError', cause.message, ''));
    this.#child.on('exit', (code, signal) => {
      if (entry) children.delete(entry);
      running.delete(this);
      this.emit('exit', code ?? signalNumber(signal));
    });
  }

  get pid(): number | undefined {
    const runs = this.#spawned && this.#child.exitCode === null && this.#child.signalCode === null;
    return runs ? this.#child.pid : undefined;
  }

  #receive(message: UtilityMessage): void {
    if (message.type === 'message') this.emit('message', message.data);
    else this.#ports.take(message);
  }

  postMessage(message: unknown, transfer: readonly MessagePortMain[] = []): void {
    const data = cloned(message);
    this.#send({ type: 'message', data, ports: this.#ports.pass(transfer) });
  }

  /** A message to a process that ended or is ending is lost, as with Electron's port. */
  #send(message: UtilityMessage): void {
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  kill(): boolean {
    return this.#child.kill();
  }

  /** For the host, when the app exits. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}

/** A process that a signal ended has no exit code; Electron returns the wait status. */
function signalNumber(signal: NodeJS.Signals | null): number {
  return signal === 'SIGKILL' ? 9 : signal === 'SIGTERM' ? 15 : 1;
}

export const utilityProcess = {
  fork: (modulePath: string, args: readonly string[] = [], options: ForkOptions = {}): HostUtilityProcess =>
    new HostUtilityProcess(modulePath, args, options),
};

/** For the host: ends running processes. */
export async function endUtilityProcesses(): Promise<void> {
  await Promise.all([...running].map((child) => child.end()));
}
