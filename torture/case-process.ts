/** Runs cases in a process of its own, so that a crash ends one case alone. The next case gets a fresh process. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A case that takes this long hangs. */
const patienceMs = 600_000;

export class CaseProcess<Request extends object, Reply> {
  readonly #script: string;
  #child: ChildProcess | undefined;

  /** @param script In this folder. It says that it is ready, and then answers each request with one message. */
  constructor(script: string) {
    this.#script = script;
  }

  /** @throws an Error if the process ends */
  async try(request: Request): Promise<Reply> {
    const child = (this.#child ??= await start(this.#script));
    const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
    const ended = new AbortController();
    try {
      const reply = once(child, 'message', ended).then(([message]) => message as Reply);
      const end = once(child, 'exit', ended).then(([code, signal]) => {
        throw new Error(`its process ended: ${String(signal ?? code)}`);
      });
      child.send(request);
      return await Promise.race([reply, end]);
    } catch (error) {
      this.close();
      throw error;
    } finally {
      clearTimeout(timer);
      ended.abort();
    }
  }

  close(): void {
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }
}

async function start(script: string): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, script), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await once(child, 'message');
  return child;
}
