/** The system's browser, as the tests have it. */
import type { WyvernApp } from './app.ts';

/** From now on nothing is opened. @returns What would have been, in order. */
export async function noteOpened(app: WyvernApp): Promise<() => Promise<readonly string[]>> {
  await app.shell.evaluate(({ shell }) => {
    const opened: string[] = [];
    Object.assign(globalThis, { opened });
    shell.openExternal = (url) => Promise.resolve(void opened.push(url));
  }, undefined);
  return async () => await app.shell.evaluate(() => (globalThis as unknown as { opened: string[] }).opened, undefined);
}
