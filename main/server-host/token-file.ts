/**
 * The local server's token, in a file that only its owner may read. It is not in the store: a restored backup must not bring
 * back a token that was renewed.
 */
import { open, readFile } from 'node:fs/promises';
import { renameFile } from '../files/held.ts';
import { log } from '../log.ts';
import { isToken, newToken } from '../server/gate.ts';

export class TokenFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** The token. A file that is missing or damaged gets a new one. */
  async read(): Promise<string> {
    const text = await readFile(this.#path, 'utf8').catch(() => '');
    return isToken(text.trim()) ? text.trim() : await this.renew();
  }

  /** Replaces the token. Clients with the old one are refused. */
  async renew(): Promise<string> {
    const token = newToken();
    try {
      const part = `${this.#path}.new`;
      const file = await open(part, 'w', 0o600);
      await file.writeFile(`${token}\n`);
      await file.close();
      await renameFile(part, this.#path);
    } catch (cause) {
      // The token still protects this run.
      log('warning', 'The local server’s token could not be saved', cause);
    }
    return token;
  }
}
