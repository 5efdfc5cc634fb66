import { once } from 'node:events';
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';

/** Beside this file, built or not. */
const worker = join(import.meta.dirname, `check-worker${extname(import.meta.filename)}`);

/** Reads a whole database file in a thread; nobody may write to it. @returns the fault that was found, or undefined */
export async function findDamage(path: string): Promise<string | undefined> {
  const thread = new Worker(worker, { workerData: path });
  try {
    const [problem] = (await once(thread, 'message')) as [string];
    return problem === 'ok' ? undefined : problem;
  } finally {
    await thread.terminate();
  }
}
