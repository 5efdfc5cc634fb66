import { EventEmitter } from 'node:events';
import type { NativeTheme } from 'electron';

/** `nativeTheme`. Each window shows its page in {@link HostTheme.pageScheme}, and again after `updated`. */
class HostTheme extends EventEmitter implements Pick<NativeTheme, 'themeSource' | 'shouldUseDarkColors'> {
  #source: NativeTheme['themeSource'] = 'system';

  get themeSource(): NativeTheme['themeSource'] {
    return this.#source;
  }

  set themeSource(source: NativeTheme['themeSource']) {
    if (!['system', 'light', 'dark'].includes(source)) {
      throw new TypeError(`Error processing argument at index 0, conversion failure from ${source}`);
    }
    this.#source = source;
    this.emit('updated');
  }

  /** The value for the page; only the page knows the system's own choice. */
  get shouldUseDarkColors(): boolean {
    return this.#source === 'dark';
  }

  /** For the host; null leaves the choice to the system. */
  get pageScheme(): 'light' | 'dark' | null {
    return this.#source === 'system' ? null : this.#source;
  }
}

export const nativeTheme = new HostTheme();
