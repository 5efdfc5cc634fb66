/** The parts of the addon that need no ExecuTorch, as DLLs for Windows on x64 and arm64. */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { cached } from '../lib/cache.mjs';
import { contentHash, filesUnder } from '../lib/content-hash.mjs';
import { Failure } from '../lib/failure.mjs';
import { at, cacheFolder, pythonOf, root } from '../lib/places.mjs';
import { packageFolder } from '../setup/python.mjs';
import { buildSentencePiece } from '../setup/sentencepiece.mjs';

/** @typedef {import('./roots.mjs').Arch} Arch */

const project = at('native', 'test', 'windows-parts');
const toolchain = at('scripts', 'wine', 'zig.cmake');
const requirement = at('scripts', 'setup', 'windows.txt');
/** Only its headers are used. */
const executorch = at('scripts', 'setup', 'without-dependencies.txt');
const isCode = (/** @type {string} */ path) => /\.(cpp|h|cmake|txt)$/.test(path);
const targets = /** @type {const} */ ({
  x64: { triple: 'x86_64-windows-gnu', machine: 'i386:x86-64' },
  arm64: { triple: 'aarch64-windows-gnu', machine: 'arm64' },
});

const key = () =>
  contentHash({
    base: root,
    files: [
      ...filesUnder([at('native')], isCode),
      toolchain,
      requirement,
      executorch,
      at('scripts', 'wine', 'parts.mjs'),
    ],
  });

/**
 * Returns a folder to lay over the checkout.
 * @param {Arch} arch
 * @param {import('../setup/stage.mjs').Context} context
 */
export async function windowsParts(arch, context) {
  const { run, note } = context;
  return await cached({
    kind: `windows-parts-${arch}`,
    key: key(),
    digests: true,
    async make(folder) {
      const { triple, machine } = targets[arch];
      const zig = join(await packageFolder(at('.venv-windows'), 'ziglang', run), 'zig');
      const cross = { ZIG: zig, ZIG_TARGET: triple };
      note(`SentencePiece for ${arch}`);
      const version = (await run(zig, ['version'])).trim();
      const library = await buildSentencePiece({ compiler: `zig ${version}`, toolchain, defines: cross }, context);
      const build = join(folder, 'build');
      const output = join(folder, 'resources', 'native');
      mkdirSync(output, { recursive: true });
      const defines = {
        ...cross,
        CMAKE_BUILD_TYPE: 'Release',
        CMAKE_TOOLCHAIN_FILE: toolchain,
        sentencepiece_DIR: library,
        DLLTOOL_MACHINE: machine,
        NODE_API_HEADERS: at('node_modules', 'node-api-headers', 'include'),
        NODE_API_DEF: at('node_modules', 'node-api-headers', 'def', 'node_api.def'),
        NODE_ADDON_API: at('node_modules', 'node-addon-api'),
        EXECUTORCH_INCLUDE: join(await packageFolder(at('.venv'), 'executorch', run), 'include'),
        WYVERN_OUTPUT: output,
      };
      const cmake = join(dirname(pythonOf(at('.venv'))), 'cmake');
      const written = Object.entries(defines).map(([name, value]) => `-D${name}=${value}`);
      const options = {
        what: `Building the parts of the addon for Windows on ${arch}`,
        env: { PATH: `${dirname(cmake)}:${process.env['PATH'] ?? ''}` },
        onLine: (/** @type {string} */ line) => {
          const step = /^\[(\d+)\/(\d+)\]/.exec(line);
          if (step !== null) note(`${arch} ${step[1] ?? ''}/${step[2] ?? ''}`);
        },
      };
      await run(cmake, ['-S', project, '-B', build, '-G', 'Ninja', ...written], options);
      await run(cmake, ['--build', build, '--parallel', String(availableParallelism())], options);
      if (!existsSync(join(output, 'wyvern.node'))) throw new Failure(`The build wrote no DLL for ${arch}.`);
      rmSync(build, { recursive: true });
    },
  });
}

/** @type {import('../setup/stage.mjs').Stage} */
export const windowsPartStages = {
  name: 'windows-parts',
  title: 'parts of the addon for Windows',
  key,
  isThere: () => ['x64', 'arm64'].every((arch) => existsSync(join(cacheFolder(), `windows-parts-${arch}`, key()))),
  async make(context) {
    await windowsParts('x64', context);
    await windowsParts('arm64', context);
  },
};
