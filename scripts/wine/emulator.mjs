/** Qualcomm's HTP emulator for Windows on x64, of the release of the emulator for Linux. */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from '../lib/cache.mjs';
import { contentHash } from '../lib/content-hash.mjs';
import { Failure } from '../lib/failure.mjs';
import { at, cacheFolder, pythonOf, root } from '../lib/places.mjs';
import { pythonEnvironment } from '../setup/python.mjs';

const requirement = at('scripts', 'wine', 'qnn-x64.txt');
/** The emulator and the licence that it came with. */
const members = ['libs/amd64/QnnHtp.dll', 'libs/amd64/QnnSystem.dll', 'Qualcomm_LICENSE.pdf'];
const unpack = `
import os, shutil, sys, zipfile
wheel, folder, *names = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for name in names:
        with archive.open("onnxruntime_qnn/" + name) as source, open(folder + "/" + os.path.basename(name), "wb") as target:
            shutil.copyfileobj(source, target)
`;

const key = () => contentHash({ base: root, files: [requirement, at('scripts', 'wine', 'emulator.mjs')] });

/**
 * Returns a folder to lay over the checkout.
 * @param {Pick<import('../setup/stage.mjs').Context, 'run'>} context
 */
export async function windowsEmulator({ run }) {
  return await cached({
    kind: 'windows-qnn',
    key: key(),
    async make(folder) {
      const python = pythonOf(at('.venv'));
      const download = join(folder, 'download');
      mkdirSync(download);
      const wheel = ['--python-version', '3.12', '--platform', 'win_amd64', '--only-binary', ':all:'];
      const pip = ['-m', 'pip', 'download', '--no-deps', '--progress-bar', 'off', '--require-hashes'];
      await run(python, [...pip, ...wheel, '-r', requirement, '-d', download], {
        what: 'Downloading the HTP emulator for Windows',
        hint: 'If the lines above report a network error, check the network, then run the same command again.',
        env: pythonEnvironment,
      });
      const [file] = readdirSync(download).filter((name) => name.endsWith('.whl'));
      if (file === undefined) throw new Failure('pip downloaded no wheel of the HTP emulator for Windows.');
      const target = join(folder, 'resources', 'qnn');
      mkdirSync(target, { recursive: true });
      await run(python, ['-c', unpack, join(download, file), target, ...members], {
        what: 'Unpacking the HTP emulator for Windows',
        env: pythonEnvironment,
      });
      rmSync(download, { recursive: true });
    },
  });
}

/** @type {import('../setup/stage.mjs').Stage} */
export const windowsEmulatorStage = {
  name: 'windows-qnn',
  title: 'HTP emulator for Windows on x64',
  key,
  isThere: () => existsSync(join(cacheFolder(), 'windows-qnn', key())),
  async make(context) {
    await windowsEmulator(context);
  },
};
