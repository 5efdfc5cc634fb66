/**
 * Makes the installer and the archive for Windows on Arm, in `dist/`, and checks their contents.
 *
 *   node scripts/package.mjs --native FOLDER [--unpacked]
 *
 * `--native`: folder with `wyvern.node` for Windows on Arm and its libraries (scripts/windows/build-addon.mjs). On other
 * systems only `--unpacked` works, because the installer's maker is a Windows program.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Failure, runMain } from './lib/failure.mjs';
import { endChildrenOnExit } from './lib/run.mjs';
import { checkPackage } from './packaging/check-package.mjs';
import { pack } from './packaging/pack.mjs';
import { setup } from './setup.mjs';

await runMain(async () => {
  const { values } = parseArgs({
    options: { native: { type: 'string' }, unpacked: { type: 'boolean', default: false } },
  });
  if (values.native === undefined) {
    throw new Failure('--native must be given.', {
      hint: 'Run scripts/windows/build-addon.mjs on Windows to make that folder.',
    });
  }
  endChildrenOnExit();
  await setup({ app: true, package: true });
  const folder = await pack({
    native: resolve(values.native),
    unpacked: values.unpacked,
    log: (text) => process.stdout.write(text),
  });
  const problems = await checkPackage(folder);
  if (problems.length > 0) throw new Failure(`The package is not ready to publish. ${problems.join(' ')}`);
  console.log(`${folder} is ready to publish`);
});
