/** A thread that makes a bundle from a GGUF. prepare.ts starts it. */
import { parentPort, workerData } from 'node:worker_threads';
import { toAppError } from '../app-error.ts';
import { writeBundle } from './bundle.ts';
import type { Report, Task } from './prepare.ts';

const { path, folder, known, stop } = workerData as Task;
const report = (message: Report): void => parentPort?.postMessage(message);
const progressEveryMs = 50;

let saidAt = -Infinity;
try {
  const print = await writeBundle(
    path,
    folder,
    { known: new Set(known) },
    {
      onProgress: (bytesDone, bytesTotal) => {
        const now = performance.now();
        if (now - saidAt < progressEveryMs) return;
        saidAt = now;
        report({ kind: 'progress', bytesDone, bytesTotal });
      },
      check: () => {
        if (Atomics.load(stop, 0) !== 0) throw new Error('cancelled');
      },
    },
  );
  report({ kind: 'done', ...(print === undefined ? {} : { known: print }) });
} catch (cause) {
  report({ kind: 'failed', error: toAppError(cause) });
}
