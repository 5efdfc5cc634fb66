/**
 * Collects Qualcomm's libraries for Windows on Arm in a folder, or checks such a folder.
 *
 *   node scripts/collect-qnn.mjs            into build/qnn-windows
 *   node scripts/collect-qnn.mjs --check FOLDER
 */
import { Failure, runMain } from './lib/failure.mjs';
import { endChildrenOnExit } from './lib/run.mjs';
import { setup } from './setup.mjs';
import { qnnWindowsFolder } from './setup/qnn-windows.mjs';
import { verifyQnn } from './windows/verify-qnn.mjs';

await runMain(async () => {
  const [option, asked, ...rest] = process.argv.slice(2);
  if (rest.length > 0 || (option !== undefined && (option !== '--check' || asked === undefined))) {
    throw new Failure('The arguments are not valid.', {
      hint: 'node scripts/collect-qnn.mjs [--check FOLDER]',
    });
  }
  endChildrenOnExit();
  if (option === undefined) await setup({ package: true });
  const folder = asked ?? qnnWindowsFolder;
  const problems = verifyQnn(folder);
  if (problems.length > 0) {
    throw new Failure(`${folder} does not hold the NPU libraries that may be shipped. ${problems.join(' ')}`, {
      hint: 'Run node scripts/collect-qnn.mjs to download them.',
    });
  }
  console.log(`${folder}: complete and unchanged`);
  return 0;
});
