/** Runs synchronous code over hostile input and interrupts it after a time limit. */
import { createContext, Script } from 'node:vm';

export type InTime<T> =
  | { readonly ended: true; readonly value: T }
  | { readonly ended: false; readonly reason: string; readonly late: boolean };

const sandbox = createContext({ task: (): unknown => undefined });
const runTask = new Script('task()');

/** The timeout also interrupts code outside of the context, regular expressions included. */
export function inTime<T>(task: () => T, timeoutMs: number): InTime<T> {
  let result: { readonly value: T } | undefined;
  // Nested runs each have their own task.
  const outer = sandbox['task'] as unknown;
  sandbox['task'] = (): void => {
    result = { value: task() };
  };
  try {
    runTask.runInContext(sandbox, { timeout: timeoutMs });
  } catch (error) {
    return { ended: false, ...reasonOf(error, timeoutMs) };
  } finally {
    sandbox['task'] = outer;
  }
  return result === undefined
    ? { ended: false, reason: 'it gave nothing.', late: false }
    : { ended: true, value: result.value };
}

function reasonOf(error: unknown, timeoutMs: number): { readonly reason: string; readonly late: boolean } {
  // The timeout's error comes from the other context, so it is not an instance of this context's `Error`.
  if (typeof error !== 'object' || error === null || !('message' in error))
    return { reason: String(error), late: false };
  const late = 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
  return { reason: late ? `it did not end within ${timeoutMs} ms.` : String(error.message).slice(0, 500), late };
}
