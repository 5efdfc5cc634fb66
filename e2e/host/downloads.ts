/** Downloads of the page: `will-download` of the session, and where the files go. */
import { EventEmitter } from 'node:events';
import type { DownloadItem } from 'electron';
import type { Download } from 'playwright-core';
import { toAppUrl } from './origin.ts';

/** One download. Without a path from the app it is cancelled: there is no dialog that asks for one. */
export class HostDownload
  extends EventEmitter
  implements Pick<DownloadItem, 'getURL' | 'getFilename' | 'setSavePath' | 'getSavePath' | 'cancel'>
{
  readonly #download: Download;
  #path = '';
  #cancelled = false;

  constructor(download: Download) {
    super();
    this.#download = download;
  }

  getURL(): string {
    return toAppUrl(this.#download.url());
  }

  getFilename(): string {
    return this.#download.suggestedFilename();
  }

  setSavePath(path: string): void {
    this.#path = path;
  }

  getSavePath(): string {
    return this.#path;
  }

  cancel(): void {
    this.#cancelled = true;
    void this.#download.cancel().catch(() => undefined);
  }

  /** For the host, after the app's listeners ran. */
  async finish(): Promise<void> {
    if (this.#path === '') this.cancel();
    let state: 'completed' | 'cancelled' | 'interrupted' = 'cancelled';
    if (!this.#cancelled) {
      state = await this.#download.saveAs(this.#path).then(
        () => 'completed',
        () => 'interrupted',
      );
    }
    this.emit('done', {}, state);
  }
}
