/** Makes `electron.exe` of this folder, which is committed: `node scripts/packaging/stand-in/make.mjs`. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { runMain } from '../../lib/failure.mjs';
import { at, pythonOf } from '../../lib/places.mjs';
import { run } from '../../lib/run.mjs';
import { setup } from '../../setup.mjs';

const folder = import.meta.dirname;

await runMain(async () => {
  await setup({ windows: true });
  const compiler = ['-m', 'ziglang', 'cc', '-target', 'aarch64-windows-gnu', '-nostdlib', '-O1', '-Wl,--entry=start'];
  await run(pythonOf(at('.venv-windows')), [...compiler, 'electron.c', 'electron.rc', '-o', 'electron.exe'], {
    cwd: folder,
    what: 'Compiling the stand-in for Electron',
  });
  rmSync(join(folder, 'electron.pdb'), { force: true });
});
