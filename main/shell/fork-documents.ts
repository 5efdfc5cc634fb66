/** Forks the process that reads one document. */
import type { DocumentProcess } from '../documents/document-reader.ts';
import type { Outcome } from '../documents/protocol.ts';
import { cagedEnvironment, forkProcess } from './fork.ts';
import { paths } from './paths.ts';

/** More objects than this end the process, not the machine. In MB. */
const heapMegabytes = 1024;

export function forkDocuments(): DocumentProcess {
  const { child, destroy } = forkProcess(paths.documents, 'documents', {
    execArgv: [`--max-old-space-size=${heapMegabytes}`],
    env: cagedEnvironment(),
  });
  return {
    post: (task) => child.postMessage(task),
    // The process is from the same build, so its message has this type.
    onOutcome: (listener) => void child.once('message', (outcome: Outcome) => listener(outcome)),
    onExit: (listener) => void child.once('exit', listener),
    destroy,
  };
}
