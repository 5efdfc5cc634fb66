/** The real process that reads a document, forked by Node. It replaces Electron's utility process. */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DocumentProcess } from '../documents/document-reader.ts';
import type { Outcome } from '../documents/protocol.ts';
import { engineEnvironment } from '../shell/engine-environment.ts';

/** Provides the `parentPort` of Electron. A URL, because Node takes the drive of a Windows path for a URL's scheme. */
const port = pathToFileURL(join(import.meta.dirname, '../../e2e/host/utility.ts')).href;
const nativeFolder = join(import.meta.dirname, '../../resources/native');

export function forkDocumentsInNode(): DocumentProcess & { readonly pid: number | undefined } {
  const env = engineEnvironment(process.env, process.platform, { qnnFolder: '', nativeFolder, isCageProven: false });
  const entry = join(import.meta.dirname, '../documents/process.ts');
  const child = fork(entry, [], {
    execArgv: ['--disable-sigusr1', '--import', port],
    serialization: 'advanced',
    silent: true,
    env,
  });
  return {
    get pid() {
      return child.pid;
    },
    post: (task) => child.send({ type: 'message', data: task, ports: [] }, () => undefined),
    onOutcome: (listener) =>
      void child.once('message', (message) => listener((message as { readonly data: Outcome }).data)),
    onExit: (listener) => void child.once('exit', (code, signal) => listener(code ?? (signal === null ? 1 : 128))),
    destroy: () => void child.kill('SIGKILL'),
  };
}
