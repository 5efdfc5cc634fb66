/**
 * `npm run check:windows`: compiles the addon's C++ for Windows on Arm on any machine, with the compiler in the Python
 * package ziglang. It does not link, because there is no SDK to link with. It compiles only changed files.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join, relative } from 'node:path';
import { contentHash, filesUnder } from './lib/content-hash.mjs';
import { Failure, runMain } from './lib/failure.mjs';
import { at, pythonOf, root } from './lib/places.mjs';
import { seconds } from './lib/progress.mjs';
import { endChildrenOnExit, run } from './lib/run.mjs';
import { setup } from './setup.mjs';
import { packageFolder, pythonEnvironment } from './setup/python.mjs';
import { sentencePieceSources } from './setup/sentencepiece.mjs';

const outputs = at('build', 'check-windows');
const isHeader = (/** @type {string} */ path) => /\.(h|hpp)$/.test(path);

/** The addon's sources on Windows, as in CMakeLists.txt. */
const sources = [
  '',
  'cage',
  'context',
  'kernels',
  'kernels/linear',
  'kernels/rows',
  'model',
  'node',
  'platform',
  'profile',
  'tokenizer',
  // Stands in for ExecuTorch in `npm run test:windows`.
  'test/windows-parts',
]
  .map((folder) => at('native', folder))
  .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
  .filter((path) => path.endsWith('.cpp') && !/_(posix|linux)\.cpp$/.test(path));

/**
 * @param {string} sdk Folder of the installed ExecuTorch.
 * @param {Awaited<ReturnType<typeof sentencePieceSources>>} sentencePiece
 */
function compilerArguments(sdk, sentencePiece) {
  const defines = [
    ...['C10_USING_CUSTOM_GENERATED_MACROS', 'ET_EVENT_TRACER_ENABLED', 'ET_USE_THREADPOOL'],
    ...['NAPI_VERSION=9', 'NAPI_CPP_EXCEPTIONS', 'NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS'],
    ...['WYVERN_EXECUTORCH_VERSION="check"', 'WYVERN_SENTENCEPIECE_VERSION="check"', 'BUILDING_NODE_EXTENSION'],
    ...['NOMINMAX', 'WIN32_LEAN_AND_MEAN'],
  ];
  const includes = [
    join(sdk, 'include'),
    join(sdk, 'include', 'executorch', 'runtime', 'core', 'portable_type', 'c10'),
    at('node_modules', 'node-api-headers', 'include'),
    at('node_modules', 'node-addon-api'),
    join(sentencePiece.sentencePiece, 'src'),
    join(sentencePiece.thirdParty, 'abseil-cpp'),
  ];
  return [
    ...['-m', 'ziglang', 'c++', '-target', 'aarch64-windows-gnu', '-std=c++20', '-fexceptions'],
    ...['-Wall', '-Wextra', '-Wno-unused-parameter', '-Wno-nullability-completeness'],
    ...defines.map((define) => `-D${define}`),
    ...includes.flatMap((folder) => ['-isystem', folder]),
  ];
}

await runMain(async () => {
  endChildrenOnExit();
  await setup({ windows: true });
  const python = pythonOf(at('.venv-windows'));
  const sdk = await packageFolder(at('.venv'), 'executorch', run);
  const shared = compilerArguments(sdk, await sentencePieceSources({ run }));
  const headers = filesUnder([at('native')], isHeader);
  mkdirSync(outputs, { recursive: true });

  /** @param {string} source @returns {Promise<boolean>} */
  const compile = async (source) => {
    const name = relative(at('native'), source).replaceAll(/[\\/]/g, '-');
    const stamp = join(outputs, `${name}.stamp`);
    const key = contentHash({
      base: root,
      files: [source, ...headers, at('scripts', 'setup', 'windows.txt')],
      facts: shared,
    });
    if (existsSync(stamp) && readFileSync(stamp, 'utf8') === key) return true;
    let output = '';
    try {
      await run(python, [...shared, '-c', source, '-o', join(outputs, `${name}.o`)], {
        env: pythonEnvironment,
        log: (text) => (output += text),
      });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      console.log(`✗ ${relative(root, source)}\n${output.trimEnd()}\n`);
      return false;
    }
    writeFileSync(stamp, key);
    console.log(`✓ ${basename(source)}`);
    return true;
  };

  const since = performance.now();
  // The first compilation builds the compiler's own libraries; the others wait for them.
  const [first, ...rest] = sources;
  const results = [await compile(first ?? '')];
  const work = async () => {
    for (let source = rest.shift(); source !== undefined; source = rest.shift()) results.push(await compile(source));
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  const failed = results.filter((passed) => !passed).length;
  console.log(
    `${results.length - failed} of ${results.length} files compile for Windows on Arm (${seconds(performance.now() - since)})`,
  );
  return failed === 0 ? 0 : 1;
});
