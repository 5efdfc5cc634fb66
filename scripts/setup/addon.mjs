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
  'If the lines above speak of a compiler, it must know C++20 (GCC 12, Clang 15 or newer; CXX=… chooses one). Sources that do not compile are a bug.';

/** Fuzzers are built by themselves, and a list of findings is no source. @param {string} path */
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
      // The versions of the Node-API headers and of cmake-js.
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
 * CMake, Ninja and the compiler, by cmake-js.
 * @param {object} build
 * @param {string} build.folder
 * @param {'Release' | 'RelWithDebInfo'} build.config
 * @param {string} build.sdk Folder of ExecuTorch's package
 * @param {Readonly<Record<string, string>>} [build.defines] More for CMake
 * @param {string} build.what For who waits
 * @param {string} [build.hint] If it fails
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
        // A Node installation's own headers, if someone configured them: the addon uses those of its packages.
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
 * CMake remembers where it is and where it found things; a checkout that was moved, another SDK or compiler needs a fresh
 * build folder.
 * @param {string} folder @param {...string} facts What the folder was configured with if it is of use.
 */
export function wasConfiguredElsewhere(folder, ...facts) {
  const cacheFile = join(folder, 'CMakeCache.txt');
  if (!existsSync(cacheFile)) return false;
  // CMake writes all paths with slashes, and the letter of a drive as it likes.
  const written = (/** @type {string} */ text) => text.replaceAll('\\', '/').replaceAll('\r', '').toLowerCase();
  const cache = written(readFileSync(cacheFile, 'utf8'));
  const here = `CMAKE_CACHEFILE_DIR:INTERNAL=${folder}\n`;
  return ![here, ...facts].every((fact) => cache.includes(written(fact)));
}

/** Each by rename, so that nobody loads half a file. @param {string} from @param {string} to */
export function copyFiles(from, to) {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (!entry.isFile() || entry.name.startsWith('.')) continue;
    const target = join(to, entry.name);
    copyFileSync(join(from, entry.name), `${target}.partial`);
    renameSync(`${target}.partial`, target);
  }
}
