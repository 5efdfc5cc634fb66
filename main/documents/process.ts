/**
 * Entry of the process that reads one document. It gives up its rights first: the document comes as bytes, so it needs no file
 * and no connection. The main process ends it after the answer.
 */
import { loadAddon } from '../engine/addon.ts';
import { enterCageWith } from '../engine/cage.ts';
import type { Task } from './protocol.ts';
import { readDocument } from './read.ts';

/** The used part of Electron's `process.parentPort`. */
interface ParentPort {
  once(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
  postMessage(message: unknown): void;
}

const { parentPort } = process as { readonly parentPort?: ParentPort };
// The main process is from the same build, so its message has this type.
parentPort?.once('message', ({ data }) => void answer(parentPort, data as Task));

async function answer(port: ParentPort, task: Task): Promise<void> {
  enterCageWith(await loadAddon(), () => []);
  port.postMessage(await readDocument(task));
}
