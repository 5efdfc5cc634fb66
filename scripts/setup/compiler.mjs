import { Failure } from '../lib/failure.mjs';
import { installDebianPackages } from './debian.mjs';

/**
 * Returns the first line of the compiler's version. The cache's key uses it for the compiler.
 * @param {import('./stage.mjs').Context['run']} run @param {import('./stage.mjs').Context['say']} say
 * @returns {Promise<string>}
 */
export async function findCompiler(run, say) {
  const { CXX: chosen } = process.env;
  for (const command of chosen === undefined ? ['c++', 'g++', 'clang++'] : [chosen]) {
    try {
      return (await run(command, ['--version'])).split('\n')[0] ?? command;
    } catch {
      continue;
    }
  }
  if (chosen === undefined && (await installDebianPackages(['g++'], 'building the native addon', { run, say }))) {
    return findCompiler(run, say);
  }
  throw new Failure(`No C++ compiler was found${chosen === undefined ? '' : ` at CXX=${chosen}`}.`, {
    hint:
      process.platform === 'darwin'
        ? 'xcode-select --install'
        : 'Install one, on Debian and Ubuntu: sudo apt-get install g++',
  });
}
