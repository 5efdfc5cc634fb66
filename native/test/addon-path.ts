/** Paths of the binaries under test; loads none of them. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The built addon; `WYVERN_ADDON` names another file than the one in `resources/native`. */
export const addonPath =
  process.env['WYVERN_ADDON'] ?? fileURLToPath(new URL('../../resources/native/wyvern.node', import.meta.url));

/** The addon's folder also holds its libraries and the test binaries. */
export const addonFolder = dirname(addonPath);

/** @param name of a file beside the addon */
export function besideAddon(name: string): string {
  return join(addonFolder, name);
}
