import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { contentHash } from '../lib/content-hash.mjs';
import { root } from '../lib/places.mjs';
import { installDebianPackages } from './debian.mjs';

/**
 * Finds this machine's Chromium, Chrome or Edge for end-to-end tests and the Chromium host.
 * `WYVERN_CHROMIUM` names one.
 * @param {NodeJS.ProcessEnv} env @param {NodeJS.Platform} platform
 * @returns {string | undefined} Absolute path of an executable.
 */
export function findChromium(env = process.env, platform = process.platform) {
  const { WYVERN_CHROMIUM: chosen } = env;
  return (chosen === undefined ? candidates(env, platform) : [chosen]).find((path) => isExecutable(path));
}

/** @param {NodeJS.ProcessEnv} env @param {NodeJS.Platform} platform @returns {string[]} */
function candidates(env, platform) {
  if (platform === 'darwin') {
    return ['Chromium', 'Google Chrome', 'Microsoft Edge'].map(
      (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
    );
  }
  if (platform === 'win32') {
    const bases = [env['ProgramFiles'], env['ProgramFiles(x86)'], env['LOCALAPPDATA']].filter(
      (base) => base !== undefined,
    );
    return [
      'Google\\Chrome\\Application\\chrome.exe',
      'Chromium\\Application\\chrome.exe',
      'Microsoft\\Edge\\Application\\msedge.exe',
    ].flatMap((path) => bases.map((base) => `${base}\\${path}`));
  }
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'].flatMap((name) =>
    folders.map((folder) => join(folder, name)),
  );
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Installs a browser if there is none and Debian packages may be installed. Otherwise the person installs one: only tests
 * and the Chromium host need it, and their messages say so.
 * @type {import('./stage.mjs').Stage}
 */
export const chromium = {
  name: 'chromium',
  title: 'Chromium',
  key: () => contentHash({ base: root, facts: [process.platform] }),
  isThere: () => findChromium() !== undefined,
  async make({ run, say }) {
    if (findChromium() !== undefined) return;
    if (!(await installDebianPackages(['chromium'], 'the window without Electron, and its tests', { run, say }))) {
      say(
        'no Chromium, Chrome or Edge was found; the end-to-end tests and a window without Electron need one (on Debian: apt-get install chromium; or name one with WYVERN_CHROMIUM=/path)',
      );
    }
  },
};
