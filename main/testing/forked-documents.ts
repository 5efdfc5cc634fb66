/** The real process that reads a document, forked by Node. It replaces Electron's utility process. */
import { join } from 'node:path';
import type { DocumentProcess } from '../documents/document-reader.ts';
import type { Outcome, Task } from '../documents/protocol.ts';
import { forkInNode } from './forked-process.ts';

export function forkDocumentsInNode(): DocumentProcess & { readonly pid: number | undefined } {
  const entry = join(import.meta.dirname, '../documents/process.ts');
  const { child, post, onMessage, onExit, destroy } = forkInNode<Task, Outcome>(entry);
  return { pid: child.pid, post, onOutcome: onMessage, onExit, destroy };
}
