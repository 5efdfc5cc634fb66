/**
 * Builds ExecuTorch for Windows on Arm from source, because upstream publishes no library for it. Runs on Windows.
 *
 *   node scripts/windows/build-executorch.mjs --root C:\w --qairt C:\qairt\2.37.0.250724 --compiler clangcl [--print]
 *
 * `--root`: a short path; sources go to `executorch`, results to `sdk-clangcl` or `sdk-msvc` in it. `--print` shows the commands.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { filesUnder } from '../lib/content-hash.mjs';
import { Failure, runMain } from '../lib/failure.mjs';
import { pythonOf } from '../lib/places.mjs';
import { endChildrenOnExit, run } from '../lib/run.mjs';
import { compilers, configureArguments, executorch, pythonPackages } from './executorch-build.mjs';

/** Longest root: upstream's submodules are so deep that a longer path would exceed the compiler's limit. */
const longestRoot = 24;

function options() {
  const { values } = parseArgs({
    options: {
      root: { type: 'string' },
      qairt: { type: 'string' },
      compiler: { type: 'string' },
      print: { type: 'boolean', default: false },
    },
  });
  const { root, qairt, print } = values;
  const compiler = compilers.find((one) => one === values.compiler);
  if (root === undefined || qairt === undefined || compiler === undefined) {
    throw new Failure('--root, --qairt and --compiler must be given.', {
      hint: `--compiler ${compilers.join(' or ')}`,
    });
  }
  if (root.length > longestRoot) {
    throw new Failure(`${root} is too long a path.`, { hint: 'Use a short one, such as --root C:\\w.' });
  }
  if (!print && !existsSync(join(qairt, 'include', 'QNN', 'QnnInterface.h'))) {
    throw new Failure(`There is no QAIRT SDK at ${qairt}: include/QNN/QnnInterface.h is missing.`, {
      hint: 'Run scripts/windows/fetch-qairt.mjs to download it.',
    });
  }
  return { root: resolve(root), qairt: resolve(qairt), compiler, print };
}

await runMain(async () => {
  const { root, qairt, compiler, print } = options();
  endChildrenOnExit();
  const source = join(root, 'executorch');
  const build = join(root, `build-${compiler}`);
  const sdk = join(root, `sdk-${compiler}`);
  const environment = join(root, 'python');
  const python = pythonOf(environment);

  /** @param {string} what @param {string} command @param {readonly string[]} args @param {string} [cwd] */
  const step = async (what, command, args, cwd = root) => {
    console.log(`\n── ${what}\n${[command, ...args].join(' ')}`);
    return print ? '' : run(command, args, { what, cwd, log: (text) => process.stdout.write(text) });
  };

  if (!print) mkdirSync(root, { recursive: true });
  if (!existsSync(source)) {
    await step('Fetching ExecuTorch', 'git', [
      // The tree links its folders into each other.
      ...['-c', 'core.longpaths=true', '-c', 'core.symlinks=true', 'clone', '--branch', executorch.tag, '--depth', '1'],
      ...['--recurse-submodules', '--shallow-submodules', executorch.repository, source],
    ]);
  }
  const commit = await step('Checking the sources', 'git', ['-C', source, 'rev-parse', 'HEAD']);
  if (!print && commit.trim() !== executorch.commit) {
    throw new Failure(`The sources in ${source} are ${commit.trim()}, not those of ExecuTorch ${executorch.version}.`, {
      hint: `Delete the folder and start again; ${executorch.tag} must be ${executorch.commit}.`,
    });
  }
  if (!existsSync(python)) await step('Making a Python environment', 'python', ['-m', 'venv', environment]);
  await step('Installing the code generators’ packages', python, ['-m', 'pip', 'install', ...pythonPackages]);

  if (!print) rmSync(sdk, { recursive: true, force: true });
  await step('Configuring', 'cmake', configureArguments({ source, build, sdk, python, qairt }, compiler));
  const parallel = String(availableParallelism());
  const target = ['--config', 'Release', '--target', 'install', '--parallel', parallel];
  await step('Building', 'cmake', ['--build', build, ...target]);
  if (!print) checkSdk(sdk);
});

/**
 * Checks the parts that the addon's build and the app need.
 * @param {string} sdk
 */
function checkSdk(sdk) {
  const targets = join(sdk, 'lib', 'cmake', 'ExecuTorch', 'ExecuTorchTargets.cmake');
  if (!existsSync(targets)) throw new Failure(`The build installed no CMake package: ${targets} is missing.`);
  const text = readFileSync(targets, 'utf8');
  const needed = ['executorch', 'optimized_native_cpu_ops_lib', 'quantized_ops_lib', 'xnnpack_backend'];
  const missing = needed.filter((name) => !new RegExp(`add_library\\(${name} `).test(text));
  if (missing.length > 0) throw new Failure(`The package has no ${missing.join(', ')}.`);
  const backends = filesUnder([sdk], (path) => path.endsWith('qnn_executorch_backend.dll'));
  if (backends.length !== 1) {
    throw new Failure(`The build installed ${backends.length} files qnn_executorch_backend.dll instead of one.`);
  }
  console.log(`\nExecuTorch ${executorch.version} is in ${sdk}`);
}
