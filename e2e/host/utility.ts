/** Preloaded into a forked process: gives it Electron's `process.parentPort` over Node's own channel. */
import { EventEmitter } from 'node:events';
import type { MessagePortMain } from './message-channel.ts';
import { cloned } from './message-channel.ts';
import type { UtilityMessage } from './utility-messages.ts';
import { UtilityPorts } from './utility-ports.ts';

interface ParentMessage {
  readonly data: unknown;
  readonly ports: readonly MessagePortMain[];
}

class ParentPort extends EventEmitter {
  readonly #early: ParentMessage[] = [];
  readonly #ports = new UtilityPorts((message) => this.#send(message));
  #started = false;

  constructor() {
    super();
    process.on('message', (message) => this.#receive(message as UtilityMessage));
    // Attaching a listener starts the port, so that no earlier message is lost.
    this.on('newListener', (name) => {
      if (name === 'message') queueMicrotask(() => this.start());
    });
  }

  #receive(message: UtilityMessage): void {
    if (message.type !== 'message') {
      this.#ports.take(message);
      return;
    }
    const { data, ports } = message;
    const parentMessage = { data, ports: ports.map((number) => this.#ports.receive(number)) };
    if (this.#started) this.emit('message', parentMessage);
    else this.#early.push(parentMessage);
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    for (const message of this.#early.splice(0)) this.emit('message', message);
  }

  postMessage(message: unknown): void {
    this.#send({ type: 'message', data: cloned(message), ports: [] });
  }

  #send(message: UtilityMessage): void {
    if (process.connected) process.send?.(message);
  }
}

// Without its parent a utility process ends at once, like Electron's, and does not wait for native code.
const end = (): unknown => process.kill(process.pid, 'SIGKILL');
process.on('disconnect', end);
if (!process.connected) end();
Object.defineProperty(process, 'parentPort', { value: new ParentPort() });
Object.defineProperty(process, 'type', { value: 'utility' });
