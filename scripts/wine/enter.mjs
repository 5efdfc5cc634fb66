/** How a program of Windows is started in Wine: `enter.sh` makes its namespaces. */
import { at } from '../lib/places.mjs';

export const wine = '/usr/lib/wine/wine64';

/** @typedef {import('./roots.mjs').WineRoot} WineRoot */

/**
 * @param {WineRoot} place
 * @param {object} wish
 * @param {string} wish.work A folder for everything that the program writes; its folder `out` is the program's /out.
 * @param {readonly string[]} wish.layers Folders that make up the checkout; a file of an earlier one hides that of a later one.
 * @param {readonly string[]} wish.program With its arguments.
 * @param {Readonly<Record<string, string>>} [wish.variables] Added to its environment, which has nothing of this process's.
 * @returns {{ command: string, args: string[] }}
 */
export function enter(place, { work, layers, program, variables = {} }) {
  const { root, prefix, qemu } = place;
  const all = Object.entries({ ...environment(place), ...variables }).map(([name, value]) => `${name}=${value}`);
  const namespaces = ['--user', '--map-root-user', '--mount', '--pid', '--fork', '--kill-child'];
  const script = at('scripts', 'wine', 'enter.sh');
  const inside = ['sh', script, root, work, layers.join(':'), prefix, qemu, ...program];
  return { command: 'env', args: ['-i', ...all, 'unshare', ...namespaces, ...inside] };
}

/** @param {WineRoot} place @returns {Record<string, string>} */
function environment({ qemu }) {
  return {
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/root',
    USER: 'wyvern',
    LANG: 'C.UTF-8',
    XDG_RUNTIME_DIR: '/tmp',
    WINEPREFIX: '/prefix',
    WINESERVER: '/usr/lib/wine/wineserver',
    WINEDEBUG: '-all',
    // Wine would offer to download them.
    WINEDLLOVERRIDES: 'mscoree,mshtml=',
    // Wine does not run on QEMU's "max".
    ...(qemu === '' ? {} : { QEMU_CPU: 'neoverse-n1' }),
  };
}
