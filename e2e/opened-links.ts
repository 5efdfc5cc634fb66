/** A stand-in for the system's browser. */
import type { Shell } from './shell.ts';

/** Stops links from opening. @returns The addresses that would have opened, in order. */
export async function noteOpened(app: {
  readonly shell: Pick<Shell, 'evaluate'>;
}): Promise<() => Promise<readonly string[]>> {
  await app.shell.evaluate(({ shell }) => {
    const opened: string[] = [];
    Object.assign(globalThis, { opened });
    shell.openExternal = (url) => Promise.resolve(void opened.push(url));
  }, undefined);
  return async () => await app.shell.evaluate(() => (globalThis as unknown as { opened: string[] }).opened, undefined);
}
