/** Lives simulated lives in processes of their own, on the virtual disk. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Outcome, Trial } from '../promise.ts';
import { inFolder } from '../sample-store.ts';
import { buildPage } from './build-page.ts';
import type { plans } from './life.ts';

const useElectron = join(import.meta.dirname, 'use-electron.ts');
const worker = join(import.meta.dirname, 'worker.ts');
const diskLog = join(import.meta.dirname, '../../resources', 'native', 'disk_log.so');
/** Lives of one process: starting it takes as long as several lives. */
const livesPerProcess = 25;
const shownFailures = 5;

export const noVirtualDisk =
  process.platform === 'linux' ? undefined : 'the virtual disk needs LD_PRELOAD, which only Linux has';

export async function simulate(plan: keyof typeof plans, { cases, seed, mayGoOn }: Trial): Promise<Outcome> {
  return await inFolder(async (folder) => {
    const page = await buildPage(folder);
    const disks = placeForDisks(folder);
    const failures: string[] = [];
    let tried = 0;
    let survived = 0;
    try {
      while (tried < cases && mayGoOn()) {
        const count = Math.min(livesPerProcess, cases - tried);
        const lines = await liveSome(disks, [seed, tried, count].map(String), page, plan);
        const failed = lines.filter((line) => line !== 'ok');
        survived += lines.length - failed.length;
        failures.push(...failed.slice(0, shownFailures - failures.length));
        tried += lines.length;
      }
    } finally {
      rmSync(disks, { recursive: true, force: true });
    }
    return { cases: tried, survived, lost: 0, failures };
  });
}

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
  range: readonly string[],
  page: string,
  plan: string,
): Promise<readonly string[]> {
  const root = join(folder, `disks-${range.join('-')}`);
  const log = `${root}.log`;
  mkdirSync(root);
  writeFileSync(log, '');
  const child = spawn(process.execPath, ['--import', useElectron, worker, ...range, root, log, page, plan], {
    // One thread: reads of files end in the order in which they began, so that a case replays.
    env: { ...process.env, UV_THREADPOOL_SIZE: '1', LD_PRELOAD: diskLog, DISK_LOG_ROOT: root, DISK_LOG_FILE: log },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) lines.push(line.replaceAll('\\n', '\n'));
  await exited;
  if (lines.length === 0)
    throw new Error(`The simulation ended with ${child.exitCode ?? child.signalCode} and no life`);
  return lines;
}
