import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from '../lib/cache.mjs';
import { contentHash } from '../lib/content-hash.mjs';
import { Failure } from '../lib/failure.mjs';
import { at, root } from '../lib/places.mjs';
import { run as runQuietly } from '../lib/run.mjs';
import { addon, compile, copyFiles, wasConfiguredElsewhere } from './addon.mjs';
import { installDebianPackages } from './debian.mjs';
import { packageFolder } from './python.mjs';
import { buildSentencePiece } from './sentencepiece.mjs';

/** Folder of the instrumented addon, its libraries and its test addons. */
export const sanitizedFolder = at('build', 'sanitized', 'native');
const buildFolder = at('build', 'sanitized', 'build');
const sanitizedAddon = join(sanitizedFolder, 'wyvern.node');

/** Set-up uses CXX if it is set, else the first of these that exists. */
const compilers = ['clang++-21', 'clang++-20', 'clang++-19', 'clang++-18', 'clang++-17', 'clang++'];
/** The newest Clang of Debian 12. Its runtimes and its symbolizer are separate packages. */
const debianPackages = ['clang-19', 'libclang-rt-19-dev', 'llvm-19'];

/**
 * A Clang with its runtimes.
 * @typedef {object} Clang
 * @property {string} command
 * @property {string} version First line of its version.
 * @property {string} runtime AddressSanitizer's shared library, to preload.
 * @property {string | undefined} symbolizer Absent: reports have addresses only.
 */

/** @param {import('./stage.mjs').Context['run']} run @returns {Promise<Clang | undefined>} */
async function lookForClang(run) {
  const { CXX: chosen } = process.env;
  for (const command of chosen === undefined ? compilers : [chosen]) {
    try {
      const version = (await run(command, ['--version'])).split('\n')[0] ?? command;
      const runtime = (await run(command, ['-print-file-name=libclang_rt.asan-x86_64.so'])).trim();
      // For a missing file it prints the name unchanged.
      if (!version.includes('clang') || !existsSync(runtime)) continue;
      const symbolizer = (await run(command, ['-print-prog-name=llvm-symbolizer'])).trim();
      return { command, version, runtime, symbolizer: existsSync(symbolizer) ? symbolizer : undefined };
    } catch {
      continue;
    }
  }
  return undefined;
}

/** Returns the Clang that the stage found or installed. @throws {Failure} */
export async function findClang(run = runQuietly) {
  const clang = await lookForClang(run);
  if (clang !== undefined) return clang;
  throw new Failure('No Clang with sanitizer runtimes was found.', {
    hint: `On Debian and Ubuntu: sudo apt-get install ${debianPackages.join(' ')} (or name one with CXX=…)`,
  });
}

/**
 * Builds SentencePiece with the sanitizers and libFuzzer's coverage.
 * @param {Pick<Clang, 'command' | 'version'>} clang
 * @param {Pick<import('./stage.mjs').Context, 'run' | 'note'>} context
 */
export function sanitizedSentencePiece({ command, version }, context) {
  return buildSentencePiece(
    { compiler: version, defines: { CMAKE_CXX_COMPILER: command, WYVERN_SANITIZE: 'ON' } },
    context,
  );
}

/**
 * The addon and its test addons with AddressSanitizer and UndefinedBehaviorSanitizer, in a separate folder. Also installs
 * Clang if there is none and installing is allowed.
 * @type {import('./stage.mjs').Stage}
 */
export const sanitizers = {
  name: 'sanitizers',
  title: 'addon with sanitizers',
  key: addon.key,
  isThere: () => existsSync(sanitizedAddon),
  async make({ run, note, say }) {
    if (process.platform !== 'linux' || process.arch !== 'x64') {
      throw new Failure('The sanitizers need Linux on x86-64.');
    }
    if ((await lookForClang(run)) === undefined) {
      await installDebianPackages(debianPackages, 'the sanitizers and libFuzzer', { run, say });
    }
    const clang = await findClang(run);
    const sdk = await packageFolder(at('.venv'), 'executorch', run);
    const library = await sanitizedSentencePiece(clang, { run, note });
    const folder = await cached({
      kind: 'addon-sanitized',
      key: contentHash({ base: root, facts: [addon.key(), clang.version] }),
      digests: true,
      async make(folder) {
        rmSync(sanitizedFolder, { recursive: true, force: true });
        if (wasConfiguredElsewhere(buildFolder, sdk, library, clang.command))
          rmSync(buildFolder, { recursive: true, force: true });
        const defines = {
          CMAKE_CXX_COMPILER: clang.command,
          WYVERN_SANITIZE: 'ON',
          sentencepiece_DIR: library,
          WYVERN_OUTPUT: sanitizedFolder,
        };
        await compile(
          { folder: buildFolder, config: 'RelWithDebInfo', sdk, defines, what: 'Building the addon with sanitizers' },
          { run, note },
        );
        if (!existsSync(sanitizedAddon)) throw new Failure(`The build ended without writing ${sanitizedAddon}.`);
        copyFiles(sanitizedFolder, folder);
      },
    });
    mkdirSync(sanitizedFolder, { recursive: true });
    copyFiles(folder, sanitizedFolder);
    return clang.version;
  },
};
