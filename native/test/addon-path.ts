/** Where the binaries under test lie; loads none of them. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The built addon; `WYVERN_ADDON` names another file than the one in `resources/native`. */
export const addonPath =
  process.env['WYVERN_ADDON'] ?? fileURLToPath(new URL('../../resources/native/wyvern.node', import.meta.url));

/** With the addon lie its libraries, and what is built for tests alone. */
export const addonFolder = dirname(addonPath);

/** @param name of a file beside the addon */
export function besideAddon(name: string): string {
  return join(addonFolder, name);
}
