import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the checkout. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** @param {...string} parts */
export const at = (...parts) => join(root, ...parts);

/** Set-up's own files in the checkout: log, stamps, lock. Git ignores them. */
export const stateFolder = at('build', 'setup');

export const modelFolder = at('resources', 'models', 'smollm2-135m-instruct');
export const addonPath = at('resources', 'native', 'wyvern.node');

const windows = process.platform === 'win32';

/** Node 24, the version that Electron embeds, from the `node` package. */
export const node = at('node_modules', 'node', 'bin', windows ? 'node.exe' : 'node');

/**
 * Folder of the outputs that outlive the checkout.
 * @param {NodeJS.ProcessEnv} env
 * @param {NodeJS.Platform} platform
 */
export function cacheFolder(env = process.env, platform = process.platform) {
  if (platform === 'win32') return join(env['LOCALAPPDATA'] || join(homedir(), 'AppData', 'Local'), 'wyvern', 'cache');
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'wyvern');
}

/**
 * The Python of an environment.
 * @param {string} environment Its folder.
 */
export function pythonOf(environment) {
  return windows ? join(environment, 'Scripts', 'python.exe') : join(environment, 'bin', 'python');
}
