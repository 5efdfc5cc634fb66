/** Forks the process of the local server. */
import type { ServerProcess } from '../server-host/server-process.ts';
import type { ServerEvent } from '../server/protocol.ts';
import { forkProcess } from './fork.ts';
import { paths } from './paths.ts';

export function forkServer(): ServerProcess {
  const { child, destroy } = forkProcess(paths.server, 'server');
  return {
    post: (request) => child.postMessage(request),
    // The process is from the same build, so its messages have this type.
    onEvent: (listener) => void child.on('message', (event: ServerEvent) => listener(event)),
    onExit: (listener) => void child.once('exit', listener),
    destroy,
  };
}
