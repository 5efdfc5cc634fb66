import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../lib/failure.mjs';
import { at, cacheFolder, node } from '../lib/places.mjs';

const packageFolder = at('node_modules', 'electron');
const timeoutMs = 5 * 60_000;

/** Electron's executable, or undefined where its binary is not installed. */
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

/** Whether a window can be shown. */
export function hasDisplay(env = process.env, platform = process.platform) {
  return platform !== 'linux' || Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY']);
}

/**
 * Whether to try: not where nobody would see a window, since it is 100 MB.
 * @param {boolean} again Asked for by name.
 */
export const wantsElectron = (again) => again || (hasDisplay() && !process.env['CI']);

/**
 * Electron's binary. Its package does not carry it but downloads it from the project's releases, which not every
 * network reaches; so it is tried once, and the answer kept for this version.
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
          "Electron's binary cannot be downloaded here, so the app opens in Chromium or as a terminal chat instead (to try again: npm run setup -- --electron)",
        );
      }
    },
  };
}

/** Electron's version, empty before the npm packages are there. */
function version() {
  try {
    return String(JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')).version);
  } catch {
    return '';
  }
}
