/** D6: a full or read-only disk causes an error message and no loss. */
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Outcome, TriedPromise } from './promise.ts';
import { inFolder } from './sample-store.ts';

/** Command that makes a small file system, if the user may mount one; otherwise a limit on file sizes. */
const diskBytes = 4_000_000;
const longestMinutes = 10;

function canMount(): boolean {
  return spawnSync('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs -o size=1m none /mnt']).status === 0;
}

export const fullDisk: TriedPromise = {
  id: 'D6',
  says: 'a full disk is a message, not a loss',
  cases: 24,
  unable:
    process.platform === 'win32' ? 'Windows makes no small disk and limits no file size of one process' : undefined,
  attempt: ({ cases, seed }) =>
    inFolder((folder) => {
      const mounts = canMount();
      const program = [process.execPath, join(import.meta.dirname, 'small-disk.ts')];
      const args = [folder, String(cases), String(seed), String(longestMinutes), mounts ? 'yes' : 'no'];
      const run = '"$@"';
      const output = mounts
        ? execFileSync('unshare', [
            '-rm',
            'sh',
            '-c',
            `mount -t tmpfs -o size=${diskBytes} none "$3" && exec ${run}`,
            'sh',
            ...program,
            ...args,
          ])
        : execFileSync('sh', [
            '-c',
            `trap '' XFSZ; ulimit -f ${diskBytes / 1024}; exec ${run}`,
            'sh',
            ...program,
            ...args,
          ]);
      const outcome = JSON.parse(output.toString()) as Outcome;
      const note = mounts ? 'on a tmpfs of 4 MB, read-only too' : 'with files limited to 4 MB';
      return Promise.resolve({ ...outcome, note });
    }),
};
