/** Makes a bundle from a GGUF in a thread, so that the app does not wait. */
import { join, extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { AppError } from '../../preload/contract.ts';
import { AppFailure } from '../failure.ts';

export interface PrepareOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (bytesDone: number, bytesTotal: number) => void;
  /** Folders of models that were prepared before, by the fingerprints of their GGUF files. */
  readonly known: ReadonlyMap<string, string>;
}

/** The data of the thread. */
export interface Task {
  readonly path: string;
  readonly folder: string;
  readonly known: readonly string[];
  /** Becomes 1 to cancel. */
  readonly stop: Int32Array<SharedArrayBuffer>;
}

export type Report =
  | { readonly kind: 'progress'; readonly bytesDone: number; readonly bytesTotal: number }
  /** `known`: the fingerprint, if the model was prepared before. */
  | { readonly kind: 'done'; readonly known?: string }
  | { readonly kind: 'failed'; readonly error: AppError };

/** Beside this file, built or not. */
const script = join(import.meta.dirname, `prepare-worker${extname(import.meta.filename)}`);

/**
 * Makes the bundle in a new folder. After a failure or a cancel the caller removes the folder; no file in it is open then.
 * @returns the folder of the bundle: the new one, or that of a model that was prepared before
 * @throws AppFailure with the fault of the GGUF or of the disk; the signal's reason
 */
export async function prepareGguf(
  path: string,
  folder: string,
  { signal, onProgress, known }: PrepareOptions,
): Promise<string> {
  signal.throwIfAborted();
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const task: Task = { path, folder, known: [...known.keys()], stop };
  const thread = new Worker(script, { workerData: task });
  const cancel = (): void => void Atomics.store(stop, 0, 1);
  signal.addEventListener('abort', cancel);
  let result: Report | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      thread.on('message', (report: Report) => {
        if (report.kind !== 'progress') result = report;
        else if (!signal.aborted) onProgress(report.bytesDone, report.bytesTotal);
      });
      thread.once('error', reject);
      thread.once('exit', () => resolve());
    });
  } finally {
    signal.removeEventListener('abort', cancel);
  }
  signal.throwIfAborted();
  if (result?.kind === 'done') return known.get(result.known ?? '') ?? folder;
  if (result?.kind === 'failed') throw AppFailure.from(result.error);
  throw new Error('The thread that prepares the model ended without a result.');
}
