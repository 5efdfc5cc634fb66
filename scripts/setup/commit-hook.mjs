import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentHash } from '../lib/content-hash.mjs';
import { at, root } from '../lib/places.mjs';

const source = at('scripts', 'hooks', 'commit-msg');
/** The line by which set-up recognises a hook that it installed before. */
const signature = "# Wyvern's set-up installed this hook.";

/**
 * Installs the commit-msg hook into a repository. It keeps a person's own hooks, including a folder in
 * `core.hooksPath`.
 * @param {string} checkout Folder of the checkout.
 * @param {import('./stage.mjs').Context['run']} run
 * @returns {Promise<string>} A sentence for the person on the result.
 */
export async function installCommitHook(checkout, run) {
  if (!existsSync(join(checkout, '.git'))) return 'not a Git checkout, nothing installed';
  /** @param {string[]} args */
  const git = async (...args) => (await run('git', ['-C', checkout, ...args])).trim();
  const elsewhere = await git('config', '--get', 'core.hooksPath').catch(() => '');
  if (elsewhere !== '') return 'core.hooksPath is set, nothing installed';
  // The hooks of all worktrees are in the folder that they share.
  const folder = join(await git('rev-parse', '--path-format=absolute', '--git-common-dir'), 'hooks');
  const hook = join(folder, 'commit-msg');
  if (existsSync(hook) && !readFileSync(hook, 'utf8').includes(signature)) return 'your own commit-msg hook stays';
  mkdirSync(folder, { recursive: true });
  writeFileSync(hook, readFileSync(source), { mode: 0o755 });
  return 'it checks commit subjects';
}

/** @type {import('./stage.mjs').Stage} */
export const commitHook = {
  name: 'commit-hook',
  title: 'commit-msg hook',
  key: () => contentHash({ base: root, files: [source], facts: [] }),
  // A person may delete the hook. It then stays deleted until the hook changes.
  isThere: () => true,
  make: ({ run }) => installCommitHook(root, run),
};
