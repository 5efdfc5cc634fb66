/** One engine process, as Electron forks it. The only file that names `utilityProcess`. */
import { utilityProcess } from 'electron';
import type { EngineEvent, EngineRequest } from './engine/protocol.ts';
import { log } from './log.ts';
import { paths } from './paths.ts';

export interface EngineProcess {
  /** Undefined once it has ended. */
  readonly pid: number | undefined;
  post(request: EngineRequest): void;
  onEvent(listener: (event: EngineEvent) => void): void;
  /** Called once; `code` is the exit status or the signal that ended it. */
  onExit(listener: (code: number) => void): void;
  /** Asks the system to end it. */
  kill(): void;
}

export function forkEngine(): EngineProcess {
  const child = utilityProcess.fork(paths.engine, [], { serviceName: 'wyvern-engine', stdio: 'pipe' });
  // What libraries print by themselves; the runtime's own log comes as events.
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => log('debug', `engine: ${chunk.toString().trimEnd()}`));
  }
  return {
    get pid() {
      return child.pid;
    },
    post: (request) => child.postMessage(request),
    // The process is this build's own: the type of its messages is known.
    onEvent: (listener) => void child.on('message', (event: EngineEvent) => listener(event)),
    onExit: (listener) => void child.once('exit', listener),
    kill: () => void child.kill(),
  };
}
