import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../lib/failure.mjs';
import { at, node } from '../lib/places.mjs';
import { run } from '../lib/run.mjs';
import { collectNotices, noticesText } from '../notices/collect.mjs';
import { qnnWindowsFolder } from '../setup/qnn-windows.mjs';
import { verifyNative } from '../windows/verify-native.mjs';
import { signingOptions } from './signing.mjs';

/** What electron-builder.yml takes its resources from. */
const staging = at('build', 'package');

/**
 * Packages the app that lies in `out/`.
 * @param {object} options
 * @param {string} options.native Folder of the native libraries for Windows on Arm.
 * @param {string} [options.output] Default: `dist`.
 * @param {string} [options.electron] An Electron distribution, instead of the one electron-builder downloads.
 * @param {boolean} [options.unpacked] Only the folder: no installer, no archive.
 * @param {(text: string) => void} [options.log]
 * @returns {Promise<string>} The folder with the unpacked app.
 * @throws {Failure}
 */
export async function pack({ native, output = at('dist'), electron, unpacked = false, log }) {
  const problems = verifyNative(native);
  if (problems.length > 0) throw new Failure(`${native} is not what an installation needs. ${problems.join(' ')}`);
  rmSync(staging, { recursive: true, force: true });
  cpSync(native, join(staging, 'native'), { recursive: true });
  cpSync(qnnWindowsFolder, join(staging, 'qnn'), { recursive: true, dereference: true });
  const licenses = join(staging, 'licenses');
  mkdirSync(licenses);
  cpSync(at('LICENSE'), join(licenses, 'LICENSE.txt'));
  writeFileSync(join(licenses, 'THIRD-PARTY-NOTICES.txt'), noticesText(collectNotices()));

  rmSync(output, { recursive: true, force: true });
  await run(
    node,
    [
      ...[at('node_modules', 'electron-builder', 'cli.js'), '--win', ...(unpacked ? ['dir'] : []), '--arm64'],
      ...['--publish', 'never', '--config', at('electron-builder.yml'), `--config.directories.output=${output}`],
      ...signingOptions(process.env),
      ...(electron === undefined ? [] : [`--config.electronDist=${electron}`]),
    ],
    { what: 'Packaging', ...(log === undefined ? {} : { log }) },
  );
  return join(output, 'win-arm64-unpacked');
}
