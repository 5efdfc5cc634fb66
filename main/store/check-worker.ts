/** A thread that reads a whole database file, so that the app does not wait. check.ts starts it. */
import { parentPort, workerData } from 'node:worker_threads';
import { openUnchanging } from './connection.ts';

function check(path: string): string {
  const database = openUnchanging(path);
  try {
    return String(database.prepare('PRAGMA integrity_check(1)').get()?.['integrity_check']);
  } finally {
    database.close();
  }
}

const path: unknown = workerData;
let problem: string;
try {
  problem = check(String(path));
} catch (cause) {
  problem = cause instanceof Error ? cause.message : String(cause);
}
parentPort?.postMessage(problem);
