/** Runs synchronous code over hostile input and interrupts it after a time limit. */
import { createContext, Script } from 'node:vm';

export type InTime<T> =
  | { readonly ended: true; readonly value: T }
  | { readonly ended: false; readonly reason: string; readonly late: boolean };

const sandbox = createContext({ task: (): unknown => undefined });
const runTask = new Script('task()');

/** Each attempt may take twice as long as the one before, so a starved process waits at most 31 times the limit. */
const mostAttempts = 5;

/**
 * The limit interrupts code outside of the context too, regular expressions included. It counts time on the clock, so other
 * programs on a busy machine could use it up. An interrupted task whose thread had the processor for less than half of the
 * limit runs again from its start, with more time.
 * @param task Has the same result when it runs again.
 */
export function inTime<T>(task: () => T, timeoutMs: number): InTime<T> {
  for (let attempt = 1; ; attempt += 1) {
    const before = process.threadCpuUsage();
    const outcome = runOnce(task, timeoutMs * 2 ** (attempt - 1));
    if (outcome.ended || !outcome.late) return outcome;
    const { user, system } = process.threadCpuUsage(before);
    const usedMs = (user + system) / 1000;
    if (usedMs >= timeoutMs / 2 || attempt === mostAttempts) {
      return { ended: false, reason: `it did not end within ${timeoutMs} ms.`, late: true };
    }
  }
}

function runOnce<T>(task: () => T, timeoutMs: number): InTime<T> {
  let result: { readonly value: T } | undefined;
  // Nested runs each have their own task.
  const outer = sandbox['task'] as unknown;
  sandbox['task'] = (): void => {
    result = { value: task() };
  };
  try {
    runTask.runInContext(sandbox, { timeout: timeoutMs });
  } catch (error) {
    return { ended: false, ...reasonOf(error) };
  } finally {
    sandbox['task'] = outer;
  }
  return result === undefined
    ? { ended: false, reason: 'it gave nothing.', late: false }
    : { ended: true, value: result.value };
}

function reasonOf(error: unknown): { readonly reason: string; readonly late: boolean } {
  // The timeout's error comes from the other context, so it is not an instance of this context's `Error`.
  if (typeof error !== 'object' || error === null || !('message' in error))
    return { reason: String(error), late: false };
  const late = 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
  return { reason: String(error.message).slice(0, 500), late };
}
