/** The real engine in a process of its own, forked by Node: what Electron's utility process is in the app. */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { EngineProcess } from '../engine-host/engine-process.ts';
import type { EngineEvent } from '../engine/protocol.ts';

/** Gives it the `parentPort` that Electron would. */
const port = join(import.meta.dirname, '../../e2e/host/utility.ts');

const lastOutputCharacters = 2000;

export interface ForkOptions {
  /** The engine's file; its source if it was not built. */
  readonly entry?: string;
  /** Beside what this process has. */
  readonly environment?: Readonly<Record<string, string>>;
}

export function forkEngineInNode({
  entry = join(import.meta.dirname, '../engine/index.ts'),
  environment = {},
}: ForkOptions = {}): EngineProcess {
  const env = { ...process.env, ...environment };
  const child = fork(entry, [], { execArgv: ['--import', port], silent: true, env });
  let lastOutput = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => (lastOutput = (lastOutput + chunk.toString()).slice(-lastOutputCharacters)));
  }
  const ended = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    get lastOutput() {
      return lastOutput;
    },
    get pid() {
      return ended() ? undefined : child.pid;
    },
    post: (request) => {
      // To a process that is just ending: lost, as with Electron's port.
      if (child.connected) child.send(request, () => undefined);
    },
    onEvent: (listener) => void child.on('message', (event) => listener(event as EngineEvent)),
    onExit: (listener) => void child.once('exit', (code, signal) => listener(code ?? (signal === null ? 1 : 128))),
    kill: () => void child.kill(),
    destroy: () => void child.kill('SIGKILL'),
  };
}
