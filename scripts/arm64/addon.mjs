/** The addon for Linux on arm64, cross-built. */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from '../lib/cache.mjs';
import { contentHash } from '../lib/content-hash.mjs';
import { Failure } from '../lib/failure.mjs';
import { at, pythonOf, root } from '../lib/places.mjs';
import { addon, compile, copyFiles, wasConfiguredElsewhere } from '../setup/addon.mjs';
import { pythonEnvironment } from '../setup/python.mjs';
import { buildSentencePiece } from '../setup/sentencepiece.mjs';
import { compiler, findTools } from './tools.mjs';

/** Folder of the cross-built addon, its libraries and its test addons. */
const outputFolder = at('build', 'arm64', 'native');
const buildFolder = at('build', 'arm64', 'build');
export const arm64AddonPath = join(outputFolder, 'wyvern.node');

const requirement = at('scripts', 'arm64', 'executorch.txt');
const toolchain = at('scripts', 'arm64', 'toolchain.cmake');

/**
 * Returns the folder of ExecuTorch's package for arm64. It unpacks the package and does not install it: the build uses
 * only its C++ SDK.
 * @param {import('../setup/stage.mjs').Context['run']} run
 */
async function unpackedSdk(run) {
  const folder = await cached({
    kind: 'arm64-executorch',
    key: contentHash({ base: root, files: [requirement] }),
    async make(folder) {
      const python = pythonOf(at('.venv'));
      const download = join(folder, 'download');
      mkdirSync(download);
      // Takes one wheel for any Python, because its hash is pinned.
      const wheel = ['--python-version', '3.11', '--platform', 'manylinux_2_28_aarch64', '--only-binary', ':all:'];
      const pip = ['-m', 'pip', 'download', '--no-deps', '--progress-bar', 'off', '--require-hashes'];
      await run(python, [...pip, ...wheel, '-r', requirement, '-d', download], {
        what: 'Downloading ExecuTorch for arm64',
        hint: 'If the lines above speak of the network, check that pip reaches its index, then run the same command again.',
        env: pythonEnvironment,
      });
      const [file] = readdirSync(download).filter((name) => name.endsWith('.whl'));
      if (file === undefined) throw new Failure('pip downloaded no wheel of ExecuTorch for arm64.');
      await run(python, ['-m', 'zipfile', '-e', join(download, file), folder], {
        what: 'Unpacking ExecuTorch for arm64',
        env: pythonEnvironment,
      });
      rmSync(download, { recursive: true });
    },
  });
  return join(folder, 'executorch');
}

const key = () => contentHash({ base: root, files: [requirement, toolchain], facts: [addon.key()] });

/** @type {import('../setup/stage.mjs').Stage} */
export const arm64Addon = {
  name: 'arm64-addon',
  title: 'native addon for arm64',
  key,
  isThere: () => existsSync(arm64AddonPath),
  async make({ run, note }) {
    const sdk = await unpackedSdk(run);
    const tools = await findTools(run);
    const library = await buildSentencePiece({ compiler: tools.compiler, toolchain }, { run, note });
    const folder = await cached({
      kind: 'arm64-addon',
      key: contentHash({ base: root, facts: [key(), tools.compiler] }),
      digests: true,
      async make(folder) {
        rmSync(outputFolder, { recursive: true, force: true });
        if (wasConfiguredElsewhere(buildFolder, sdk, library, compiler)) {
          rmSync(buildFolder, { recursive: true, force: true });
        }
        const defines = {
          CMAKE_TOOLCHAIN_FILE: toolchain,
          sentencepiece_DIR: library,
          WYVERN_OUTPUT: outputFolder,
        };
        await compile(
          { folder: buildFolder, config: 'Release', sdk, defines, what: 'Building the native addon for arm64' },
          { run, note },
        );
        if (!existsSync(arm64AddonPath)) throw new Failure(`The build ended without writing ${arm64AddonPath}.`);
        copyFiles(outputFolder, folder);
      },
    });
    mkdirSync(outputFolder, { recursive: true });
    copyFiles(folder, outputFolder);
  },
};
