/** Says at once if a build machine is not what the build needs: a Node that is emulated would build for another processor. */
import { Failure, runMain } from '../lib/failure.mjs';

await runMain(() => {
  if (process.platform !== 'win32' || process.arch !== 'arm64') {
    throw new Failure(`This is Node for ${process.platform} on ${process.arch}; Windows on arm64 is needed.`);
  }
  console.log(`Node ${process.versions.node} for Windows on Arm`);
  return Promise.resolve();
});
