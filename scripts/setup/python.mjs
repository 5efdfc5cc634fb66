import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from '../lib/cache.mjs';
import { contentHash } from '../lib/content-hash.mjs';
import { Failure } from '../lib/failure.mjs';
import { linkFolder } from '../lib/link.mjs';
import { at, pythonOf, root } from '../lib/places.mjs';
import { installDebianPackages } from './debian.mjs';

const windows = process.platform === 'win32';
const oldest = [3, 10];

/** Overrides the caller's settings that would make pip install elsewhere or import foreign packages. */
export const pythonEnvironment = {
  PYTHONHOME: undefined,
  PYTHONPATH: undefined,
  PYTHONNOUSERSITE: '1',
  PIP_USER: '0',
  PIP_DISABLE_PIP_VERSION_CHECK: '1',
  PIP_NO_INPUT: '1',
};

/**
 * A virtual environment in the cache, by the hash of its requirements, with a link in the checkout.
 * @param {object} about
 * @param {string} about.name Name of its link in the checkout, e.g. `.venv`.
 * @param {string} about.title
 * @param {readonly string[]} about.requirements Requirement files, installed with their dependencies.
 * @param {readonly string[]} [about.alone] Requirement files, installed without their dependencies.
 * @returns {import('./stage.mjs').Stage}
 */
function environmentStage({ name, title, requirements, alone = [] }) {
  const link = at(name);
  const key = () =>
    contentHash({ base: root, files: [...requirements, ...alone], facts: [process.platform, process.arch] });
  return {
    name: `python${name}`,
    title,
    key,
    isThere: () => existsSync(pythonOf(link)),
    async make({ run, note, say }) {
      const python = await findPython(run, say);
      const folder = await cached({
        kind: 'python',
        key: contentHash({ base: root, facts: [key(), python.path, python.version] }),
        async make(folder) {
          const hint = `Read the lines above. If the network failed, check it with ${python.path} -m pip download pip, then run the same command again.`;
          await run(python.path, ['-m', 'venv', folder], {
            what: 'Making a virtual environment',
            env: pythonEnvironment,
          });
          const pip = [
            ...['-m', 'pip', 'install', '--no-compile', '--progress-bar', 'off'],
            // Wheels only: a source package would need compilers halfway through.
            ...['--only-binary', ':all:'],
          ];
          /** @param {string} line */
          const onLine = (line) => {
            const match = /^(?:Collecting|Downloading|Installing collected packages) ?:? ?([\w.-]+)?/.exec(line);
            if (match !== null) note(line.startsWith('Installing') ? 'installing' : (match[1] ?? ''));
          };
          const options = { what: 'pip install', hint, env: pythonEnvironment, onLine };
          await run(pythonOf(folder), [...pip, ...requirements.flatMap((file) => ['-r', file])], options);
          if (alone.length > 0) {
            await run(pythonOf(folder), [...pip, '--no-deps', ...alone.flatMap((file) => ['-r', file])], options);
          }
        },
      });
      linkFolder(link, folder);
      return `Python ${python.version}`;
    },
  };
}

/** Small packages: tools for building, ExecuTorch's libraries, the default model's GGUF. No torch. */
export const python = environmentStage({
  name: '.venv',
  title: 'Python packages',
  requirements: [at('scripts', 'setup', 'tools.txt')],
  alone: [at('scripts', 'setup', 'without-dependencies.txt')],
});

/** torch and the exporter, for making other model bundles; several GB. */
export const pythonForExport = environmentStage({
  name: '.venv-export',
  title: 'Python packages for exporting (torch)',
  requirements: [at('export', 'requirements-export.txt')],
  // The second file brings the default model's GGUF, which `python -m export measure` reads.
  alone: [
    at('scripts', 'setup', 'export-without-dependencies.txt'),
    at('scripts', 'setup', 'without-dependencies.txt'),
  ],
});

/** optimum-executorch, which needs another release of transformers than `.venv-export`. */
export const pythonForOptimum = environmentStage({
  name: '.venv-optimum',
  title: 'Python packages for exporting (optimum)',
  requirements: [at('export', 'requirements-optimum.txt')],
});

/** The compiler of `npm run check:windows`. */
export const pythonForWindows = environmentStage({
  name: '.venv-windows',
  title: 'compiler for Windows on Arm',
  requirements: [at('scripts', 'setup', 'windows.txt')],
});

/**
 * The folder of an installed Python package.
 * @param {string} environment Folder of the virtual environment.
 * @param {string} name
 * @param {import('./stage.mjs').Context['run']} run
 */
export async function packageFolder(environment, name, run) {
  const code = 'import sysconfig; print(sysconfig.get_path("purelib"))';
  const folder = (await run(pythonOf(environment), ['-c', code], { env: pythonEnvironment })).trim();
  // Resolve the link, so that builds against it do not depend on the checkout's path.
  return join(realpathSync(folder), name);
}

/**
 * Finds a Python that is new enough and can make environments.
 * @param {import('./stage.mjs').Context['run']} run
 * @param {(line: string) => void} say
 * @returns {Promise<{ path: string, version: string }>}
 */
async function findPython(run, say) {
  const names = windows
    ? [['py', '-3'], ['python'], ['python3']]
    : [['python3'], ['python3.13'], ['python3.12'], ['python3.11'], ['python3.10'], ['python']];
  const { WYVERN_PYTHON: chosen } = process.env;
  const candidates = chosen === undefined ? names : [[chosen]];
  const probe =
    'import sys, importlib.util as u; print(sys.executable, "%d.%d.%d" % sys.version_info[:3], ' +
    'int(all(u.find_spec(m) for m in ("venv", "ensurepip"))), sep="\\n")';
  /** @type {{ path: string, version: string } | undefined} */
  let withoutVenv;
  /** @type {string[]} */
  const tooOld = [];
  for (const [command = '', ...args] of candidates) {
    let lines;
    try {
      lines = (await run(command, [...args, '-c', probe], { env: pythonEnvironment })).trim().split(/\r?\n/);
    } catch {
      continue;
    }
    const [path = command, version = '0.0.0', complete = '0'] = lines;
    const [major = 0, minor = 0] = version.split('.').map(Number);
    if (major !== oldest[0] || minor < (oldest[1] ?? 0)) tooOld.push(`${path} is ${version}`);
    else if (complete !== '1') withoutVenv ??= { path, version };
    else return { path, version };
  }
  if (withoutVenv !== undefined) {
    // Debian and Ubuntu have these two modules in a separate package.
    if (await installDebianPackages(['python3-venv'], 'virtual environments', { run, say }))
      return findPython(run, say);
    throw new Failure(
      `Python ${withoutVenv.version} at ${withoutVenv.path} cannot make virtual environments: its modules venv and ensurepip are missing.`,
      {
        hint: 'On Debian and Ubuntu: sudo apt-get install python3-venv',
      },
    );
  }
  throw new Failure(
    tooOld.length === 0
      ? 'No Python was found.'
      : `Wyvern needs Python ${oldest.join('.')} or newer; ${tooOld.join(', ')}.`,
    { hint: 'Install Python 3.10 or newer, or name one: WYVERN_PYTHON=/path/to/python3 npm start' },
  );
}
