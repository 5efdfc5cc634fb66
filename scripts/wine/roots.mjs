/** Wine for Windows' programs of x64 and arm64: Debian 13's packages, unpacked, with a fresh Windows folder for each. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { cached } from '../lib/cache.mjs';
import { contentHash } from '../lib/content-hash.mjs';
import { Failure } from '../lib/failure.mjs';
import { at, cacheFolder, root } from '../lib/places.mjs';
import { unpackDebianPackages } from './debian-packages.mjs';
import { enter, wine } from './enter.mjs';

/** @typedef {'x64' | 'arm64'} Arch As Node names it. */
/** @typedef {{ root: string, prefix: string, qemu: string }} WineRoot `qemu` is "" for x64. */

/** The C library's own package has the locale: without it, Wine has no names beyond ASCII. */
const packages = ['wine64', 'libc-bin'];
const debianNames = /** @type {const} */ ({ x64: 'amd64', arm64: 'arm64' });
const folders = ['wyvern', 'prefix', 'out', 'proc', 'dev', 'sys', 'tmp', 'root'];

const sources = ['debian-packages.mjs', 'roots.mjs', 'enter.mjs', 'enter.sh'].map((name) =>
  at('scripts', 'wine', name),
);
const key = () => contentHash({ base: root, files: sources, facts: packages });

/**
 * Returns the reason why a machine cannot run the tests for Windows, or undefined if it can.
 * @param {NodeJS.Platform} platform @param {string} arch Of Node
 */
export function whyNoWine(platform = process.platform, arch = process.arch) {
  if (platform === 'linux' && arch === 'x64') return undefined;
  return `they need Linux on x86-64, and this is ${platform} on ${arch}`;
}

/**
 * @param {Arch} arch
 * @param {Pick<import('../setup/stage.mjs').Context, 'run' | 'note'>} context
 * @returns {Promise<WineRoot>}
 */
export async function wineRoot(arch, { run, note }) {
  const folder = await cached({
    kind: `wine-${arch}`,
    key: key(),
    async make(folder) {
      await unpackDebianPackages({ packages, architecture: debianNames[arch], folder }, { run, note });
      const unpacked = join(folder, 'root');
      for (const name of folders) mkdirSync(join(unpacked, name), { recursive: true });
      makeZlibOfWine(unpacked);
      // The package's `wineserver` is a shell script, and there is no shell.
      const programs = join(unpacked, 'usr', 'lib', 'wine');
      copyFileSync(join(programs, 'wineserver64'), join(programs, 'wineserver'));
      if (arch === 'arm64') {
        // An older QEMU does not run Wine.
        const place = join(folder, 'qemu');
        mkdirSync(place);
        await unpackDebianPackages({ packages: ['qemu-user'], architecture: 'amd64', folder: place }, { run, note });
      }
      note(`first start on ${arch}`);
      await makePrefix(folder, run);
    },
  });
  return { root: join(folder, 'root'), prefix: join(folder, 'prefix'), qemu: qemuIn(folder) };
}

/** @param {string} folder Of the cache's entry @returns {string} QEMU's program; "" for x64 */
function qemuIn(folder) {
  const program = join(folder, 'qemu', 'root', 'usr', 'bin', 'qemu-aarch64');
  return existsSync(program) ? program : '';
}

/**
 * What the package's script does after installation: Wine takes a library for its own by a text in its head.
 * @param {string} unpacked
 */
function makeZlibOfWine(unpacked) {
  const source = join(unpacked, 'usr', 'x86_64-w64-mingw32', 'lib', 'zlib1.dll');
  const target = join(unpacked, 'usr', 'lib', 'x86_64-linux-gnu', 'wine', 'x86_64-windows', 'zlib1.dll');
  if (!existsSync(source) || !existsSync(join(target, '..'))) return;
  const library = readFileSync(source);
  library.fill(0, 64, 96).write('Wine builtin DLL', 64, 'latin1');
  writeFileSync(target, library);
}

/**
 * Lets Wine make its Windows folder.
 * @param {string} folder Of the cache's entry @param {import('../setup/stage.mjs').Context['run']} run
 */
async function makePrefix(folder, run) {
  const work = mkdtempSync(join(folder, 'work-'));
  mkdirSync(join(work, 'out'));
  mkdirSync(join(work, 'nothing'));
  const place = { root: join(folder, 'root'), prefix: '', qemu: qemuIn(folder) };
  const program = [wine, 'wineboot', '-u'];
  const { command, args } = enter(place, { work, layers: [join(work, 'nothing')], program });
  await run(command, args, {
    what: 'The first start of Wine',
    hint: 'Wine runs in namespaces of its own. They need Linux 6.7 or newer, and in a container the right to mount (--privileged).',
  });
  if (!existsSync(join(work, 'prefix', 'system.reg'))) throw new Failure('Wine made no Windows folder.');
  renameSync(join(work, 'prefix'), join(folder, 'prefix'));
  rmSync(work, { recursive: true });
}

/** @type {import('../setup/stage.mjs').Stage} */
export const wineRoots = {
  name: 'wine',
  title: 'Wine for Windows on x64 and arm64',
  key,
  isThere: () => ['x64', 'arm64'].every((arch) => existsSync(join(cacheFolder(), `wine-${arch}`, key()))),
  async make(context) {
    const reason = whyNoWine();
    if (reason !== undefined) throw new Failure(`The tests for Windows cannot run here: ${reason}.`);
    await wineRoot('x64', context);
    await wineRoot('arm64', context);
  },
};
