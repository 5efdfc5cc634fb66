/** Preloaded into a forked process: gives it Electron's `process.parentPort` over Node's own channel. */
import { EventEmitter } from 'node:events';

class ParentPort extends EventEmitter {
  readonly #early: unknown[] = [];
  #started = false;

  constructor() {
    super();
    process.on('message', (data) => {
      if (this.#started) this.emit('message', { data, ports: [] });
      else this.#early.push(data);
    });
    // Attaching a listener starts the port, so that no earlier message is lost.
    this.on('newListener', (name) => {
      if (name === 'message') queueMicrotask(() => this.start());
    });
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    for (const data of this.#early.splice(0)) this.emit('message', { data, ports: [] });
  }

  postMessage(message: unknown): void {
    if (process.connected) process.send?.(message);
  }
}

// Without its parent a utility process ends at once, like Electron's, and does not wait for native code.
const end = (): unknown => process.kill(process.pid, 'SIGKILL');
process.on('disconnect', end);
if (!process.connected) end();
Object.defineProperty(process, 'parentPort', { value: new ParentPort() });
Object.defineProperty(process, 'type', { value: 'utility' });
