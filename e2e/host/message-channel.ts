/**
 * `MessageChannelMain`: two connected ports. A port that is passed to a utility process sends through the channel of the
 * process; the host keeps its other end.
 */
import { EventEmitter } from 'node:events';
import { deserialize, serialize } from 'node:v8';

/** @throws Electron's error for values that cannot be cloned. */
export function cloned(value: unknown): unknown {
  try {
    return deserialize(serialize(value));
  } catch {
    throw new Error('An object could not be cloned.');
  }
}

export class MessagePortMain extends EventEmitter {
  /** The port at the other end; undefined once the channel is closed. */
  #peer: MessagePortMain | undefined;
  #early: unknown[] = [];
  #started = false;

  /** For the host: connects two ports. */
  static connect(one: MessagePortMain, two: MessagePortMain): void {
    one.#peer = two;
    two.#peer = one;
  }

  postMessage(message: unknown): void {
    this.#peer?.deliver(cloned(message));
  }

  /** Messages wait until a port starts. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    const early = this.#early;
    this.#early = [];
    for (const data of early) this.#emitLater(data);
  }

  close(): void {
    const peer = this.#peer;
    this.#peer = undefined;
    if (!peer) return;
    queueMicrotask(() => this.emit('close'));
    peer.close();
  }

  /** For the host: a message from the other end. */
  deliver(data: unknown): void {
    if (this.#started) this.#emitLater(data);
    else this.#early.push(data);
  }

  #emitLater(data: unknown): void {
    setImmediate(() => this.emit('message', { data, ports: [] }));
  }
}

export class MessageChannelMain {
  readonly port1 = new MessagePortMain();
  readonly port2 = new MessagePortMain();

  constructor() {
    MessagePortMain.connect(this.port1, this.port2);
  }
}
