/** D7: whatever fails and in whatever order, what the window has shown is on the disk, and every wait ends. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TriedPromise } from './promise.ts';
import { inFolder } from './sample-store.ts';
import { buildPage } from './simulation/build-page.ts';

const useElectron = join(import.meta.dirname, 'simulation', 'use-electron.ts');
const worker = join(import.meta.dirname, 'simulation', 'worker.ts');
const diskLog = join(import.meta.dirname, '..', 'resources', 'native', 'disk_log.so');
/** Lives of one process: starting it takes as long as several lives. */
const livesPerProcess = 25;
const shownFailures = 5;

export const simulatedLives: TriedPromise = {
  id: 'D7',
  says: 'what the window has shown survives every order of faults and power cuts, and every wait ends',
  cases: 200,
  unable: process.platform === 'linux' ? undefined : 'the virtual disk needs LD_PRELOAD, which only Linux has',
  attempt: ({ cases, seed, mayGoOn }) =>
    inFolder(async (folder) => {
      const page = await buildPage(folder);
      const disks = placeForDisks(folder);
      const failures: string[] = [];
      let tried = 0;
      let survived = 0;
      while (tried < cases && mayGoOn()) {
        const lines = await liveSome(disks, page, seed, tried, Math.min(livesPerProcess, cases - tried));
        const failed = lines.filter((line) => line !== 'ok');
        survived += lines.length - failed.length;
        failures.push(...failed.slice(0, shownFailures - failures.length));
        tried += lines.length;
      }
      rmSync(disks, { recursive: true, force: true });
      return { cases: tried, survived, lost: 0, failures };
    }),
};

/** A folder in memory if the system has one: the virtual disk gains nothing from a real one, which flushes slowly. */
function placeForDisks(folder: string): string {
  try {
    accessSync('/dev/shm', constants.W_OK);
    return mkdtempSync('/dev/shm/wyvern-lives-');
  } catch {
    return mkdtempSync(join(folder, 'lives-'));
  }
}

/** @returns `ok` for each life, until one fails */
async function liveSome(
  folder: string,
  page: string,
  seed: number,
  first: number,
  count: number,
): Promise<readonly string[]> {
  const root = join(folder, `disks-${first}`);
  const log = `${root}.log`;
  mkdirSync(root);
  writeFileSync(log, '');
  const child = spawn(
    process.execPath,
    ['--import', useElectron, worker, ...[seed, first, count].map(String), root, log, page],
    {
      // One thread: reads of files end in the order in which they began, so that a case replays.
      env: { ...process.env, UV_THREADPOOL_SIZE: '1', LD_PRELOAD: diskLog, DISK_LOG_ROOT: root, DISK_LOG_FILE: log },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const exited = once(child, 'exit');
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) lines.push(line.replaceAll('\\n', '\n'));
  await exited;
  if (lines.length === 0)
    throw new Error(`The simulation ended with ${child.exitCode ?? child.signalCode} and no life`);
  return lines;
}
