/** Links out of the app. The only file that names `openExternal`. */
import { shell } from 'electron';
import { AppFailure } from '../failure.ts';

const schemes: ReadonlySet<string> = new Set(['https:', 'http:', 'mailto:']);

/** @throws AppFailure `link-refused` for anything that is not a web page or an e-mail address. */
export async function openLink(url: string): Promise<undefined> {
  const parsed = URL.parse(url);
  if (!parsed || !schemes.has(parsed.protocol)) {
    throw new AppFailure(
      'link-refused',
      'Wyvern opens only web pages and e-mail addresses.',
      'If you trust the address, copy it and open it yourself.',
    );
  }
  await shell.openExternal(parsed.href);
}
