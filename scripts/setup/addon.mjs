import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { cached } from '../lib/cache.mjs';
import { contentHash, filesUnder } from '../lib/content-hash.mjs';
import { Failure } from '../lib/failure.mjs';
import { addonPath, at, node, pythonOf, root } from '../lib/places.mjs';
import { findCompiler } from './compiler.mjs';
import { packageFolder, python } from './python.mjs';
import { buildSentencePiece, sentencePiece } from './sentencepiece.mjs';

const buildFolder = at('build', 'native');
const outputFolder = dirname(addonPath);
const addonHint =
  'If the compiler is too old, install one with C++20 (GCC 12, Clang 15 or newer; CXX=… chooses one). Otherwise report the error: the sources should compile.';

/** Fuzzers have their own build, and a list of findings is not a source. @param {string} path */
const isOfNoBuild = (path) => [at('native', 'fuzz'), at('native', 'test', 'sanitizers')].includes(dirname(path));

const key = () =>
  contentHash({
    base: root,
    files: [
      at('CMakeLists.txt'),
      ...filesUnder(
        [at('native'), at('cmake')],
        (path) => /\.(cpp|cc|c|h|hpp|cmake|in|fbs|txt)$/.test(path) && !isOfNoBuild(path),
      ),
      // Has the versions of the Node-API headers and of cmake-js.
      ...['node-addon-api', 'node-api-headers', 'cmake-js']
        .map((name) => at('node_modules', name, 'package.json'))
        .filter((path) => existsSync(path)),
    ],
    facts: [process.platform, process.arch, python.key(), sentencePiece.key()],
  });

/**
 * The native addon: CMake, Ninja and the ExecuTorch SDK from the Python environment, the C++ compiler from the system.
 * @type {import('./stage.mjs').Stage}
 */
export const addon = {
  name: 'addon',
  title: 'native addon',
  key,
  isThere: () => existsSync(addonPath),
  async make({ run, note, say }) {
    const compiler = await findCompiler(run, say);
    const sdk = await packageFolder(at('.venv'), 'executorch', run);
    const library = await buildSentencePiece({ compiler }, { run, note });
    const folder = await cached({
      kind: 'addon',
      key: contentHash({ base: root, facts: [key(), compiler] }),
      digests: true,
      async make(folder) {
        rmSync(outputFolder, { recursive: true, force: true });
        if (wasConfiguredElsewhere(buildFolder, sdk, library)) rmSync(buildFolder, { recursive: true, force: true });
        await compile(
          {
            ...{ folder: buildFolder, config: 'Release', sdk, defines: { sentencepiece_DIR: library } },
            ...{ what: 'Building the native addon', hint: addonHint },
          },
          { run, note },
        );
        if (!existsSync(addonPath)) throw new Failure(`The build ended without writing ${addonPath}.`);
        copyFiles(outputFolder, folder);
      },
    });
    copyFiles(folder, outputFolder);
  },
};

/**
 * Builds with CMake, Ninja and the compiler, through cmake-js.
 * @param {object} build
 * @param {string} build.folder
 * @param {'Release' | 'RelWithDebInfo'} build.config
 * @param {string} build.sdk Folder of ExecuTorch's package
 * @param {Readonly<Record<string, string>>} [build.defines] More definitions for CMake
 * @param {string} build.what Title for the person
 * @param {string} [build.hint] Next step after a failure
 * @param {Pick<import('./stage.mjs').Context, 'run' | 'note'>} context
 */
export async function compile({ folder, config, sdk, defines = {}, what, hint }, { run, note }) {
  await run(
    node,
    [
      ...[at('node_modules', 'cmake-js', 'bin', 'cmake-js'), 'build', '--log-level', 'warn'],
      ...['--out', folder, '--config', config, '--parallel', String(availableParallelism()), '--generator', 'Ninja'],
      ...Object.entries({ CMAKE_PREFIX_PATH: sdk, ...defines }).map(([name, value]) => `--CD${name}=${value}`),
    ],
    {
      what,
      ...(hint === undefined ? {} : { hint }),
      env: {
        PATH: [dirname(pythonOf(at('.venv'))), process.env['PATH']].join(delimiter),
        // Ignore a configured Node installation's headers: the addon uses its packages' headers.
        npm_config_nodedir: undefined,
      },
      onLine: (line) => {
        const step = /^\[(\d+)\/(\d+)\]/.exec(line);
        if (step !== null) note(`${step[1] ?? ''}/${step[2] ?? ''}`);
      },
    },
  );
}

/**
 * CMake stores paths. After the checkout moved, or with another SDK or compiler, it needs a fresh
 * build folder.
 * @param {string} folder @param {...string} facts The configuration that makes the folder usable.
 */
export function wasConfiguredElsewhere(folder, ...facts) {
  const cacheFile = join(folder, 'CMakeCache.txt');
  if (!existsSync(cacheFile)) return false;
  // CMake writes paths with slashes, and drive letters in either case.
  const written = (/** @type {string} */ text) => text.replaceAll('\\', '/').replaceAll('\r', '').toLowerCase();
  const cache = written(readFileSync(cacheFile, 'utf8'));
  const here = `CMAKE_CACHEFILE_DIR:INTERNAL=${folder}\n`;
  return ![here, ...facts].every((fact) => cache.includes(written(fact)));
}

/** Copies each file and renames it into place, so that nobody loads half a file. @param {string} from @param {string} to */
export function copyFiles(from, to) {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (!entry.isFile() || entry.name.startsWith('.')) continue;
    const target = join(to, entry.name);
    copyFileSync(join(from, entry.name), `${target}.partial`);
    renameSync(`${target}.partial`, target);
  }
}
