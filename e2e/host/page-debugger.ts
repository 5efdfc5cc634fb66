import type { Debugger } from 'electron';
import type { CDPSession, Page } from 'playwright-core';

type Send = (method: string, parameters: object) => Promise<unknown>;

/** `webContents.debugger`: commands of the DevTools protocol to the page. */
export class PageDebugger implements Pick<Debugger, 'attach' | 'detach' | 'isAttached' | 'sendCommand'> {
  readonly #page: () => Promise<Page>;
  #session: Promise<CDPSession> | undefined;

  constructor(page: () => Promise<Page>) {
    this.#page = page;
  }

  attach(): void {
    if (this.#session) throw new Error('Debugger is already attached to the target');
    this.#session = this.#page().then((page) => page.context().newCDPSession(page));
  }

  detach(): void {
    void this.#session?.then((session) => session.detach()).catch(() => undefined);
    this.#session = undefined;
  }

  isAttached(): boolean {
    return this.#session !== undefined;
  }

  async sendCommand(method: string, parameters: object = {}): Promise<unknown> {
    if (!this.#session) throw new Error('No target available');
    const session = await this.#session;
    return await (session.send as unknown as Send).call(session, method, parameters);
  }
}
