/** Forks the engine process. */
import type { EngineProcess } from '../engine-host/engine-process.ts';
import type { EngineEvent } from '../engine/protocol.ts';
import { qnnFolderOf } from './engine-environment.ts';
import { cagedEnvironment, forkProcess } from './fork.ts';
import { paths } from './paths.ts';

const lastOutputCharacters = 2000;

/** @param qnnFolder folder of Qualcomm's libraries that the person has chosen; empty for none */
export function forkEngine(qnnFolder: string): EngineProcess {
  const env = cagedEnvironment(qnnFolderOf(qnnFolder, process.env, paths.resources));
  let lastOutput = '';
  // The output of libraries. The runtime's own log arrives as events.
  const { child, destroy } = forkProcess(paths.engine, 'engine', { env }, (text) => {
    lastOutput = (lastOutput + text).slice(-lastOutputCharacters);
  });
  return {
    get lastOutput() {
      return lastOutput;
    },
    get pid() {
      return child.pid;
    },
    post: (request) => child.postMessage(request),
    // The process is from the same build, so its messages have this type.
    onEvent: (listener) => void child.on('message', (event: EngineEvent) => listener(event)),
    onExit: (listener) => void child.once('exit', listener),
    kill: () => void child.kill(),
    destroy,
  };
}
