/** Forks the engine process. */
import { app, utilityProcess } from 'electron';
import { isCageProven } from './cage-proof.ts';
import { destroyProcess } from './destroy-process.ts';
import { engineEnvironment, qnnFolderOf, withoutOtherAddon } from './engine-environment.ts';
import type { EngineProcess } from '../engine-host/engine-process.ts';
import type { EngineEvent } from '../engine/protocol.ts';
import { log } from '../log.ts';
import { paths } from './paths.ts';

const lastOutputCharacters = 2000;

/** @param qnnFolder folder of Qualcomm's libraries that the person has chosen; empty for none */
export function forkEngine(qnnFolder: string): EngineProcess {
  const folder = qnnFolderOf(qnnFolder, process.env, paths.resources);
  const child = utilityProcess.fork(paths.engine, [], {
    serviceName: 'wyvern-engine',
    stdio: 'pipe',
    env: engineEnvironment(app.isPackaged ? withoutOtherAddon(process.env) : process.env, process.platform, {
      qnnFolder: folder,
      nativeFolder: paths.native,
      isCageProven: isCageProven(app.getPath('userData'), app.getVersion()),
    }),
  });
  let lastOutput = '';
  // The output of libraries. The runtime's own log arrives as events.
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      const text = chunk.toString();
      lastOutput = (lastOutput + text).slice(-lastOutputCharacters);
      log('debug', `engine: ${text.trimEnd()}`);
    });
  }
  // V8 reports fatal errors, such as out of memory, before the exit. Without a listener this would end the app.
  child.on('error', (type, location) => log('error', `The engine process cannot go on: ${type} at ${location}`));
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
    destroy: () => destroyProcess(child.pid),
  };
}
