/** Checks the build machine: an emulated Node would build for another processor. */
import { Failure, runMain } from '../lib/failure.mjs';

await runMain(() => {
  if (process.platform !== 'win32' || process.arch !== 'arm64') {
    throw new Failure(
      `The build needs Node for Windows on arm64; this is Node for ${process.platform} on ${process.arch}.`,
    );
  }
  console.log(`Node ${process.versions.node} for Windows on Arm`);
  return Promise.resolve();
});
