import type { WyvernApp } from './app.ts';

/** Reloads the window like the menu; the page itself may not. */
export async function reload(app: WyvernApp): Promise<void> {
  const loaded = app.page.waitForEvent('load');
  await app.shell.evaluate(({ BrowserWindow }) => {
    for (const window of BrowserWindow.getAllWindows()) window.webContents.reload();
  }, undefined);
  await loaded;
}
