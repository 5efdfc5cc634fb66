/** The cross compiler and the emulator, from Debian's packages. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from '../lib/cache.mjs';
import { contentHash } from '../lib/content-hash.mjs';
import { Failure } from '../lib/failure.mjs';
import { at, root } from '../lib/places.mjs';
import { run as runQuietly } from '../lib/run.mjs';
import { installDebianPackages } from '../setup/debian.mjs';

export const compiler = 'aarch64-linux-gnu-g++';
export const qemu = 'qemu-aarch64';
/** Debian's folder with the C and C++ libraries of arm64. */
export const systemFolder = '/usr/aarch64-linux-gnu';
const packages = ['g++-aarch64-linux-gnu', 'qemu-user'];

/**
 * Returns the reason why a machine cannot emulate arm64, or undefined if it can.
 * @param {NodeJS.Platform} platform @param {string} arch Of Node
 */
export function whyNoEmulation(platform = process.platform, arch = process.arch) {
  if (platform === 'linux' && arch === 'x64') return undefined;
  return `arm64 is emulated on Linux on x86-64 only, and this is ${platform} on ${arch}`;
}

/** @param {import('../setup/stage.mjs').Context['run']} run @returns {Promise<{ compiler: string, qemu: string } | undefined>} */
async function lookForTools(run) {
  try {
    const firstLine = async (/** @type {string} */ command) =>
      (await run(command, ['--version'])).split('\n')[0] ?? command;
    const versions = { compiler: await firstLine(compiler), qemu: await firstLine(qemu) };
    return existsSync(systemFolder) ? versions : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the first lines of the tools' versions. @throws {Failure} If one is missing. */
export async function findTools(run = runQuietly) {
  const tools = await lookForTools(run);
  if (tools !== undefined) return tools;
  throw new Failure(
    'The tests for arm64 need a cross compiler and QEMU, which are not installed and which set-up may not install here.',
    {
      hint: `On Debian and Ubuntu: sudo apt-get install ${packages.join(' ')}. To test without arm64: npm test -- --without arm64`,
    },
  );
}

/**
 * Compiles QEMU's plugin that counts a program's instructions, with this machine's C compiler.
 * @returns {Promise<string>} Its file.
 * @throws {Failure}
 */
export async function instructionCounter(run = runQuietly) {
  const { qemu: version } = await findTools(run);
  // Later releases have another plugin interface.
  if (!/ version [78]\./.test(version)) {
    throw new Failure(`Instructions are counted with QEMU 7 or 8, and this is ${version}.`);
  }
  const source = at('native', 'test', 'instructions', 'count_instructions.c');
  const name = 'count_instructions.so';
  const folder = await cached({
    kind: 'instruction-counter',
    key: contentHash({ base: root, files: [source] }),
    digests: true,
    make: async (folder) =>
      void (await run('cc', ['-O2', '-shared', '-fPIC', source, '-o', join(folder, name)], {
        what: 'Compiling the plugin that counts instructions',
        hint: 'It needs a C compiler; on Debian and Ubuntu: sudo apt-get install gcc',
      })),
  });
  return join(folder, name);
}

/**
 * Installs both if they are missing and installing is allowed.
 * @type {import('../setup/stage.mjs').Stage}
 */
export const arm64Tools = {
  name: 'arm64-tools',
  title: 'cross compiler and emulator for arm64',
  key: () => contentHash({ base: root, facts: packages }),
  isThere: () => existsSync(`/usr/bin/${qemu}`) && existsSync(systemFolder),
  async make({ run, say }) {
    const reason = whyNoEmulation();
    if (reason !== undefined) {
      throw new Failure(`The tests for arm64 cannot run: ${reason}.`, { hint: 'npm test -- --without arm64' });
    }
    if ((await lookForTools(run)) === undefined) {
      await installDebianPackages(packages, 'the tests for arm64', { run, say });
    }
    return (await findTools(run)).qemu;
  },
};
