import { EventEmitter } from 'node:events';
import type { IpcMain, IpcMainInvokeEvent } from 'electron';

type Handler = (event: IpcMainInvokeEvent, ...args: any[]) => unknown; // eslint-disable-line @typescript-eslint/no-explicit-any -- as Electron has it

/** `ipcMain`: one handler per channel, and listeners for messages without an answer. */
class HostIpcMain extends EventEmitter implements Pick<IpcMain, 'handle' | 'removeHandler'> {
  readonly #handlers = new Map<string, Handler>();

  handle(channel: string, handler: Handler): void {
    if (this.#handlers.has(channel)) {
      throw new Error(`Attempted to register a second handler for '${channel}'`);
    }
    this.#handlers.set(channel, handler);
  }

  removeHandler(channel: string): void {
    this.#handlers.delete(channel);
  }

  /**
   * For the host: answers an `ipcRenderer.invoke` with what `encode` makes of the handler's value. The error has Electron's
   * text.
   */
  async answer(
    channel: string,
    event: IpcMainInvokeEvent,
    args: readonly unknown[],
    encode: (value: unknown) => string,
  ): Promise<string> {
    const handler = this.#handlers.get(channel);
    try {
      if (!handler) throw new Error(`No handler registered for '${channel}'`);
      return encode(await handler(event, ...args));
    } catch (cause) {
      throw new Error(`Error invoking remote method '${channel}': ${String(cause)}`, { cause });
    }
  }
}

export const ipcMain = new HostIpcMain();
