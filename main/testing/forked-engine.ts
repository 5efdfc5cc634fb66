/** The real engine in its own process, forked by Node. It replaces Electron's utility process. */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { EngineProcess } from '../engine-host/engine-process.ts';
import type { EngineEvent } from '../engine/protocol.ts';
import { engineEnvironment } from '../shell/engine-environment.ts';

/** Provides the `parentPort` of Electron. A URL, because Node takes the drive of a Windows path for a URL's scheme. */
const port = pathToFileURL(join(import.meta.dirname, '../../e2e/host/utility.ts')).href;

const nativeFolder = join(import.meta.dirname, '../../resources/native');

const lastOutputCharacters = 2000;

export interface ForkOptions {
  /** The engine's built file, or its source. */
  readonly entry?: string;
  /** Added to the environment of this process. */
  readonly environment?: Readonly<Record<string, string>>;
}

export function forkEngineInNode({
  entry = join(import.meta.dirname, '../engine/index.ts'),
  environment = {},
}: ForkOptions = {}): EngineProcess {
  const env = engineEnvironment({ ...process.env, ...environment }, process.platform, {
    ...{ qnnFolder: '', nativeFolder, isCageProven: false },
  });
  const child = fork(entry, [], { execArgv: ['--disable-sigusr1', '--import', port], silent: true, env });
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
      // A message to a process that is ending is lost, as with Electron's port.
      if (child.connected) child.send({ type: 'message', data: request, ports: [] }, () => undefined);
    },
    onEvent: (listener) =>
      void child.on('message', (message) => listener((message as { readonly data: EngineEvent }).data)),
    onExit: (listener) => void child.once('exit', (code, signal) => listener(code ?? (signal === null ? 1 : 128))),
    kill: () => void child.kill(),
    destroy: () => void child.kill('SIGKILL'),
  };
}
