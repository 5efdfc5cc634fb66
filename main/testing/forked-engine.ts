/** The real engine in its own process, forked by Node. It replaces Electron's utility process. */
import { join } from 'node:path';
import type { EngineProcess } from '../engine-host/engine-process.ts';
import type { EngineEvent, EngineRequest } from '../engine/protocol.ts';
import { forkInNode } from './forked-process.ts';

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
  const { child, post, onMessage, onExit, destroy } = forkInNode<EngineRequest, EngineEvent>(entry, environment);
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
    post,
    onEvent: onMessage,
    onExit,
    kill: () => void child.kill(),
    destroy,
  };
}
