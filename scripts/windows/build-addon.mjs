/**
 * Builds `wyvern.node` for Windows on Arm, and copies the QNN backend and Microsoft's C runtime beside it. Runs on
 * Windows.
 *
 *   node scripts/windows/build-addon.mjs --sdk C:\w\sdk-clangcl --compiler clangcl [--print]
 */
import { copyFileSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { filesUnder } from '../lib/content-hash.mjs';
import { Failure, runMain } from '../lib/failure.mjs';
import { readPe } from '../lib/pe.mjs';
import { addonPath, at, node } from '../lib/places.mjs';
import { endChildrenOnExit, run } from '../lib/run.mjs';
import { buildSentencePiece } from '../setup/sentencepiece.mjs';
import { compilers, executorch, generator, toolset } from './executorch-build.mjs';
import { isRuntime, verifyNative } from './verify-native.mjs';

const native = dirname(addonPath);

await runMain(async () => {
  const { values } = parseArgs({
    options: { sdk: { type: 'string' }, compiler: { type: 'string' }, print: { type: 'boolean', default: false } },
  });
  const compiler = compilers.find((one) => one === values.compiler);
  if (values.sdk === undefined || compiler === undefined) {
    throw new Failure('--sdk and --compiler must be given.', { hint: `--compiler ${compilers.join(' or ')}` });
  }
  endChildrenOnExit();
  const sdk = resolve(values.sdk);
  const tools = toolset(compiler);
  const chosen = tools === undefined ? [] : ['-T', tools];
  const log = (/** @type {string} */ text) => process.stdout.write(text);
  const sentencePiece = values.print
    ? '(SentencePiece)'
    : await buildSentencePiece(
        { compiler, generator: ['-G', generator, '-A', 'ARM64', ...chosen] },
        { run: (command, args, options) => run(command, args, { log, ...options }), note: () => undefined },
      );
  const args = [
    ...[at('node_modules', 'cmake-js', 'bin', 'cmake-js'), 'rebuild', '--arch', 'arm64', '--config', 'Release'],
    ...['--out', at('build', `native-${compiler}`), '--generator', generator],
    ...(tools === undefined ? [] : ['--toolset', tools]),
    ...['--parallel', String(availableParallelism())],
    ...[`--CDCMAKE_PREFIX_PATH=${sdk.replaceAll('\\', '/')}`, `--CDWYVERN_EXECUTORCH_VERSION=${executorch.version}`],
    `--CDsentencepiece_DIR=${sentencePiece.replaceAll('\\', '/')}`,
  ];
  console.log([node, ...args].join(' '));
  if (values.print) return;
  rmSync(native, { recursive: true, force: true });
  await run(node, args, { what: 'Building the native addon', log });

  const [backend] = filesUnder([sdk], (path) => path.endsWith('qnn_executorch_backend.dll'));
  if (backend === undefined) throw new Failure(`There is no qnn_executorch_backend.dll in ${sdk}.`);
  copyFileSync(backend, join(native, basename(backend)));
  const runtime = await findRuntime();
  copyRuntime(native, runtime);
  for (const name of readdirSync(native)) if (/\.(pdb|lib|exp|ilk)$/.test(name)) rmSync(join(native, name));

  const problems = verifyNative(native);
  if (problems.length > 0) throw new Failure(`The addon would not load on another machine. ${problems.join(' ')}`);
  console.log(`${native}: ${readdirSync(native).join(', ')}`);
});

/** Finds Microsoft's runtime libraries for Arm in the newest installed tools. */
async function findRuntime() {
  const finder = join(
    process.env['ProgramFiles(x86)'] ?? 'C:\\Program Files (x86)',
    'Microsoft Visual Studio\\Installer\\vswhere.exe',
  );
  const found = await run(finder, ['-latest', '-products', '*', '-property', 'installationPath'], {
    what: 'Finding Visual Studio',
  });
  const redistributables = join(found.trim(), 'VC', 'Redist', 'MSVC');
  const folders = existsSync(redistributables)
    ? readdirSync(redistributables)
        .filter((name) => /^\d+\./.test(name))
        .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
        .map((name) => join(redistributables, name, 'arm64'))
        .filter((folder) => existsSync(folder))
    : [];
  for (const folder of folders) {
    const [runtime] = readdirSync(folder).filter((name) => /^Microsoft\.VC\d+\.CRT$/.test(name));
    if (runtime !== undefined) return join(folder, runtime);
  }
  throw new Failure(`Visual Studio has no runtime libraries for Arm in ${redistributables}.`, {
    hint: 'Install its component “C++ Universal Windows/MSVC redistributables, ARM64”.',
  });
}

/**
 * Copies the runtime libraries that a folder's libraries import, directly and indirectly.
 * @param {string} folder @param {string} runtime
 */
function copyRuntime(folder, runtime) {
  const waiting = readdirSync(folder).map((name) => join(folder, name));
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    for (const name of readPe(path)?.imports.filter(isRuntime) ?? []) {
      const target = join(folder, name);
      if (existsSync(target)) continue;
      const source = join(runtime, name);
      if (!existsSync(source)) throw new Failure(`${basename(path)} needs ${name}, which is not in ${runtime}.`);
      copyFileSync(source, target);
      waiting.push(target);
    }
  }
}
