import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from '../lib/cache.mjs';
import { contentHash } from '../lib/content-hash.mjs';
import { Failure } from '../lib/failure.mjs';
import { at, pythonOf, root } from '../lib/places.mjs';
import { linkFolder } from '../lib/link.mjs';
import { pythonEnvironment } from './python.mjs';

const requirement = at('scripts', 'setup', 'qnn.txt');
const link = at('resources', 'qnn');

const key = () => contentHash({ base: root, files: [requirement], facts: [process.platform, process.arch] });

/**
 * Returns the reason why a machine has no HTP emulator, or undefined if it has one. Tests that need it are skipped with
 * this reason.
 * @param {NodeJS.Platform} platform @param {string} arch Of Node
 */
export function whyNoEmulator(platform = process.platform, arch = process.arch) {
  if (platform === 'linux' && arch === 'x64') return undefined;
  return `there is no HTP emulator for ${platform} on ${arch}`;
}

/**
 * Qualcomm's HTP emulator for the tests of the NPU path. Set-up unpacks the wheel and does not install it: tests use only
 * its libraries, under the licence in the same folder.
 * @type {import('./stage.mjs').Stage}
 */
export const qnnEmulator = {
  name: 'qnn',
  title: 'HTP emulator',
  key,
  isThere: () => existsSync(join(link, 'libQnnHtp.so')),
  async make({ run }) {
    const folder = await cached({
      kind: 'qnn',
      key: key(),
      async make(folder) {
        const python = pythonOf(at('.venv'));
        const download = join(folder, 'download');
        mkdirSync(download);
        // Take one wheel for any Python: only its libraries matter, and its hash is pinned.
        const wheel = ['--python-version', '3.11', '--platform', 'manylinux_2_35_x86_64', '--only-binary', ':all:'];
        const pip = ['-m', 'pip', 'download', '--no-deps', '--progress-bar', 'off', '--require-hashes'];
        await run(python, [...pip, ...wheel, '-r', requirement, '-d', download], {
          what: 'Downloading the HTP emulator',
          hint: 'If the lines above report a network error, check the network, then run the same command again.',
          env: pythonEnvironment,
        });
        const [file] = readdirSync(download).filter((name) => name.endsWith('.whl'));
        if (file === undefined) throw new Failure('pip downloaded no wheel of the HTP emulator.');
        await run(python, ['-m', 'zipfile', '-e', join(download, file), folder], {
          what: 'Unpacking the HTP emulator',
          env: pythonEnvironment,
        });
        rmSync(download, { recursive: true });
      },
    });
    linkFolder(link, join(folder, 'onnxruntime_qnn'));
  },
};
