/** The ports that one end of a process's channel has passed to the other. Both ends use it. */
import { MessagePortMain } from './message-channel.ts';
import type { UtilityMessage } from './utility-messages.ts';

export class UtilityPorts {
  readonly #send: (message: UtilityMessage) => void;
  readonly #ports = new Map<number, MessagePortMain>();
  #last = 0;

  constructor(send: (message: UtilityMessage) => void) {
    this.#send = send;
  }

  /** Passes ports on; returns their numbers. Their messages go through the channel from now on. */
  pass(ports: readonly MessagePortMain[]): number[] {
    return ports.map((port) => {
      const number = ++this.#last;
      this.#connect(number, port);
      return number;
    });
  }

  /** Returns the port of a number that the other end passed. */
  receive(number: number): MessagePortMain {
    const here = new MessagePortMain();
    const far = new MessagePortMain();
    MessagePortMain.connect(here, far);
    this.#connect(number, far);
    return here;
  }

  #connect(number: number, port: MessagePortMain): void {
    this.#ports.set(number, port);
    port.on('message', ({ data }: { readonly data: unknown }) => this.#send({ type: 'port', port: number, data }));
    port.on('close', () => {
      if (this.#ports.delete(number)) this.#send({ type: 'close', port: number });
    });
    port.start();
  }

  /** A message of the other end for one of the ports. */
  take(message: Exclude<UtilityMessage, { readonly type: 'message' }>): void {
    const port = this.#ports.get(message.port);
    if (message.type === 'port') port?.postMessage(message.data);
    else if (this.#ports.delete(message.port)) port?.close();
  }
}
