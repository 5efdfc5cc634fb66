/** The test fixture's connection, over the IPC channel that started the host. */
import { runInThisContext } from 'node:vm';
import { app } from './app.ts';
import { BrowserWindow } from './browser-window.ts';
import * as electron from './electron.ts';

export type ControlRequest = { readonly id: number; readonly source: string; readonly argument: unknown };
export type ControlReply =
  /** The window exists; `endpoint` is Playwright's, over a local socket. */
  | { readonly type: 'window'; readonly endpoint: string }
  | { readonly type: 'result'; readonly id: number; readonly ok: boolean; readonly value: unknown };

const reply = (message: ControlReply): void => void process.send?.(message);

async function evaluate({ id, source, argument }: ControlRequest): Promise<void> {
  try {
    const run = runInThisContext(`(${source})`) as (modules: typeof electron, argument: unknown) => unknown;
    reply({ type: 'result', id, ok: true, value: await run(electron, argument) });
  } catch (cause) {
    reply({ type: 'result', id, ok: false, value: cause instanceof Error ? cause.message : String(cause) });
  }
}

process.on('message', (message) => void evaluate(message as ControlRequest));
process.once('disconnect', () => app.quit());
process.channel?.unref();

app.on('web-contents-created', () => {
  // The window's constructor emits it.
  queueMicrotask(() => void announce());
});

async function announce(): Promise<void> {
  const [window] = BrowserWindow.getAllWindows();
  const browser = (await window?.page)?.context().browser();
  if (browser) reply({ type: 'window', endpoint: (await browser.bind('wyvern')).endpoint });
}
