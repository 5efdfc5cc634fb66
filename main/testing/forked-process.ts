/** A process of the app, forked by Node as Electron forks utility processes, with their `parentPort`. */
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { engineEnvironment } from '../shell/engine-environment.ts';

/** Provides the `parentPort` of Electron. A URL, because Node takes the drive of a Windows path for a URL's scheme. */
const port = pathToFileURL(join(import.meta.dirname, '../../e2e/host/utility.ts')).href;

const nativeFolder = join(import.meta.dirname, '../../resources/native');

export interface ForkedProcess<Sent, Received> {
  readonly child: ChildProcess;
  /** A message to a process that is ending is lost, as with Electron's port. */
  readonly post: (message: Sent) => void;
  readonly onMessage: (listener: (message: Received) => void) => void;
  readonly onExit: (listener: (code: number) => void) => void;
  readonly destroy: () => void;
}

/** @param entry built file, or source */
export function forkInNode<Sent, Received>(
  entry: string,
  environment: Readonly<Record<string, string>> = {},
): ForkedProcess<Sent, Received> {
  const env = engineEnvironment({ ...process.env, ...environment }, process.platform, {
    ...{ qnnFolder: '', nativeFolder, isCageProven: false },
  });
  const execArgv = ['--disable-sigusr1', '--import', port];
  const child = fork(entry, [], { execArgv, serialization: 'advanced', silent: true, env });
  return {
    child,
    post: (message) => {
      if (child.connected) child.send({ type: 'message', data: message, ports: [] }, () => undefined);
    },
    onMessage: (listener) =>
      void child.on('message', (message) => listener((message as { readonly data: Received }).data)),
    onExit: (listener) => void child.once('exit', (code, signal) => listener(code ?? (signal === null ? 1 : 128))),
    destroy: () => void child.kill('SIGKILL'),
  };
}
