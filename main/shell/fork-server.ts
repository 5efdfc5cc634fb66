/** Forks the process of the local server. */
import { utilityProcess } from 'electron';
import { log } from '../log.ts';
import type { ServerProcess } from '../server-host/server-process.ts';
import type { ServerEvent } from '../server/protocol.ts';
import { paths } from './paths.ts';

export function forkServer(): ServerProcess {
  const child = utilityProcess.fork(paths.server, [], { serviceName: 'wyvern-server', stdio: 'pipe' });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => log('debug', `server: ${chunk.toString().trimEnd()}`));
  }
  // Without a listener, a fatal error of V8 there would end the app.
  child.on('error', (type, location) => log('error', `The server process cannot go on: ${type} at ${location}`));
  return {
    post: (request) => child.postMessage(request),
    // The process is from the same build, so its messages have this type.
    onEvent: (listener) => void child.on('message', (event: ServerEvent) => listener(event)),
    onExit: (listener) => void child.once('exit', listener),
    destroy: () => void child.kill(),
  };
}
