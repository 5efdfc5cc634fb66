/** Forks the process that reads one document. */
import { app, utilityProcess } from 'electron';
import type { DocumentProcess } from '../documents/document-reader.ts';
import type { Outcome } from '../documents/protocol.ts';
import { log } from '../log.ts';
import { isCageProven } from './cage-proof.ts';
import { destroyProcess } from './destroy-process.ts';
import { engineEnvironment, withoutOtherAddon } from './engine-environment.ts';
import { paths } from './paths.ts';

/** More objects than this end the process, not the machine. In MB. */
const heapMegabytes = 1024;

export function forkDocuments(): DocumentProcess {
  const child = utilityProcess.fork(paths.documents, [], {
    serviceName: 'wyvern-documents',
    stdio: 'pipe',
    execArgv: [`--max-old-space-size=${heapMegabytes}`],
    env: engineEnvironment(app.isPackaged ? withoutOtherAddon(process.env) : process.env, process.platform, {
      qnnFolder: '',
      nativeFolder: paths.native,
      isCageProven: isCageProven(app.getPath('userData'), app.getVersion()),
    }),
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => log('debug', `documents: ${chunk.toString().trimEnd()}`));
  }
  // V8 reports fatal errors, such as out of memory, before the exit. Without a listener this would end the app.
  child.on('error', (type, location) =>
    log('warning', `A document was too much for its process: ${type} at ${location}`),
  );
  return {
    post: (task) => child.postMessage(task),
    // The process is from the same build, so its message has this type.
    onOutcome: (listener) => void child.once('message', (outcome: Outcome) => listener(outcome)),
    onExit: (listener) => void child.once('exit', listener),
    destroy: () => destroyProcess(child.pid),
  };
}
