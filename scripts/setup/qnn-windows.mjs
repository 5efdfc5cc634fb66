import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from '../lib/cache.mjs';
import { contentHash } from '../lib/content-hash.mjs';
import { Failure } from '../lib/failure.mjs';
import { linkFolder } from '../lib/link.mjs';
import { at, pythonOf, root } from '../lib/places.mjs';
import { qnnFiles, qnnWheel } from '../windows/qnn-libraries.mjs';
import { verifyQnn } from '../windows/verify-qnn.mjs';
import { pythonEnvironment } from './python.mjs';

const requirement = at('scripts', 'setup', 'qnn-windows.txt');

/** Source folder of a package. */
export const qnnWindowsFolder = at('build', 'qnn-windows');

const key = () => contentHash({ base: root, files: [requirement, at('scripts', 'windows', 'qnn-libraries.mjs')] });

/** Extracts the named files of a wheel into one folder. */
const unpack = `
import shutil, sys, zipfile
wheel, folder, *names = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for name in names:
        with archive.open("onnxruntime_qnn/" + name) as source, open(folder + "/" + name, "wb") as target:
            shutil.copyfileobj(source, target)
`;

/**
 * The installer's libraries, for packaging and its rehearsal on any machine.
 * @type {import('./stage.mjs').Stage}
 */
export const qnnWindows = {
  name: 'qnn-windows',
  title: 'NPU libraries for Windows on Arm',
  key,
  isThere: () => existsSync(join(qnnWindowsFolder, 'QnnHtp.dll')),
  async make({ run }) {
    const folder = await cached({
      kind: 'qnn-windows',
      key: key(),
      async make(cache) {
        const folder = join(cache, 'libraries');
        mkdirSync(folder);
        const python = pythonOf(at('.venv'));
        const download = join(cache, 'download');
        mkdirSync(download);
        const wheel = ['--python-version', '3.12', '--platform', 'win_arm64', '--only-binary', ':all:'];
        const pip = ['-m', 'pip', 'download', '--no-deps', '--progress-bar', 'off', '--require-hashes'];
        await run(python, [...pip, ...wheel, '-r', requirement, '-d', download], {
          what: 'Downloading the NPU libraries for Windows on Arm',
          hint: 'If the lines above report a network error, check the network, then run the same command again.',
          env: pythonEnvironment,
        });
        await run(python, ['-c', unpack, join(download, qnnWheel), folder, ...qnnFiles.map(({ name }) => name)], {
          what: 'Unpacking the NPU libraries for Windows on Arm',
          env: pythonEnvironment,
        });
        rmSync(download, { recursive: true });
        const problems = verifyQnn(folder);
        if (problems.length > 0)
          throw new Failure(`The NPU libraries differ from the pinned ones. ${problems.join(' ')}`);
      },
    });
    linkFolder(qnnWindowsFolder, join(folder, 'libraries'));
  },
};
