/** The real engine in a process of its own, forked by Node from its source: what Electron's utility process is in the app. */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { EngineProcess } from '../engine-process.ts';
import type { EngineEvent } from '../engine/protocol.ts';

const entry = join(import.meta.dirname, '../engine/index.ts');
/** Gives it the `parentPort` that Electron would. */
const port = join(import.meta.dirname, '../../e2e/host/utility.ts');

const lastOutputCharacters = 2000;

export function forkEngineInNode(): EngineProcess {
  const child = fork(entry, [], { execArgv: ['--import', port], silent: true });
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
      if (child.connected) child.send(request);
    },
    onEvent: (listener) => void child.on('message', (event) => listener(event as EngineEvent)),
    onExit: (listener) => void child.once('exit', (code, signal) => listener(code ?? (signal === null ? 1 : 128))),
    kill: () => void child.kill(),
  };
}
