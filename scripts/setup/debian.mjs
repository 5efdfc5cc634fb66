import { existsSync } from 'node:fs';
import { Failure } from '../lib/failure.mjs';

/** @typedef {Pick<import('./stage.mjs').Context, 'run' | 'say'>} Tools */

/**
 * Installs Debian packages if it needs no password: as root, or with passwordless sudo.
 * `WYVERN_APT=0` forbids it.
 * @param {readonly string[]} packages
 * @param {string} purpose The purpose, for the person.
 * @param {Tools} tools
 * @returns {Promise<boolean>} False if it may not install; then it did nothing.
 */
export async function installDebianPackages(packages, purpose, { run, say }) {
  const prefix = await privilege(run);
  if (prefix === undefined) return false;
  say(`installing ${packages.join(', ')} with apt-get, for ${purpose}`);
  /** @param {string[]} args */
  const apt = (...args) => {
    const [command = 'apt-get', ...rest] = [...prefix, 'apt-get', ...args];
    return run(command, rest, {
      env: { DEBIAN_FRONTEND: 'noninteractive' },
      what: `apt-get ${args.join(' ')}`,
      hint: `Install ${packages.join(', ')} by hand, then run the same command again.`,
    });
  };
  // Another package manager may hold the lock for a while.
  const install = ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120', ...packages];
  try {
    await apt(...install);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    // A fresh machine has no package lists.
    await apt('update');
    await apt(...install);
  }
  return true;
}

/** @param {Tools['run']} run @returns {Promise<string[] | undefined>} The words before `apt-get`. */
async function privilege(run) {
  const { WYVERN_APT: wish } = process.env;
  if (wish === '0' || process.platform !== 'linux' || !existsSync('/usr/bin/apt-get')) return undefined;
  if (process.getuid?.() === 0) return [];
  try {
    await run('sudo', ['-n', 'true']);
    return ['sudo', '-n'];
  } catch {
    return undefined;
  }
}
