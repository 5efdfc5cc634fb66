import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../lib/failure.mjs';
import { at, cacheFolder, node } from '../lib/places.mjs';

const packageFolder = at('node_modules', 'electron');
const timeoutMs = 5 * 60_000;

/** Electron's executable; undefined if its binary is not installed. */
export function electronExecutable() {
  const { ELECTRON_OVERRIDE_DIST_PATH: elsewhere } = process.env;
  try {
    const name = readFileSync(join(packageFolder, 'path.txt'), 'utf8');
    const path = join(elsewhere ?? join(packageFolder, 'dist'), name);
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

/** Whether this machine can show a window. */
export function hasDisplay(env = process.env, platform = process.platform) {
  return platform !== 'linux' || Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY']);
}

/**
 * Whether to try the download of 100 MB: not without a display.
 * @param {boolean} again Requested by option.
 */
export const wantsElectron = (again) => again || (hasDisplay() && !process.env['CI']);

/**
 * Electron's binary. Its package downloads it from the project's releases, which some networks do not reach. So set-up
 * tries once per version and stores the result.
 * @param {{ again: boolean }} options `again`: try even if it failed before.
 * @returns {import('./stage.mjs').Stage}
 */
export function electron({ again }) {
  const refusal = () => join(cacheFolder(), `electron-${version()}-unreachable`);
  return {
    name: 'electron',
    title: "Electron's binary",
    key: version,
    isThere: () => electronExecutable() !== undefined || (!again && existsSync(refusal())),
    async make({ run, say }) {
      if (electronExecutable() !== undefined) return;
      try {
        await run(node, [join(packageFolder, 'install.js')], { what: "Downloading Electron's binary", timeoutMs });
      } catch (error) {
        if (!(error instanceof Failure) || again) throw error;
        mkdirSync(cacheFolder(), { recursive: true });
        writeFileSync(refusal(), `${new Date().toISOString()}\n${error.report()}\n`);
        say(
          "Electron's binary could not be downloaded; the app opens in Chromium or as a terminal chat (to try again: npm run setup -- --electron)",
        );
      }
    },
  };
}

/** Electron's version; empty before the npm packages are installed. */
function version() {
  try {
    return String(JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')).version);
  } catch {
    return '';
  }
}
