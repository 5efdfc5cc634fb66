/** Runs the worker in a cage, and says which layers this system lacks. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Cage, CageOptions } from '../../index.d.ts';
import { besideAddon } from '../addon-path.ts';

export interface CagedRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const worker = fileURLToPath(new URL('worker.ts', import.meta.url));

/** @param preload loads the library that hides io_uring from Node, as the app does */
export function runInCage(
  options: CageOptions | 'none',
  program: string,
  { execArgv = ['--disable-sigusr1'], preload = true, env = {} }: RunOptions = {},
): CagedRun {
  const argument = options === 'none' ? options : JSON.stringify(options);
  return spawnSync(process.execPath, [...execArgv, worker, argument, program], {
    encoding: 'utf8',
    env: { ...process.env, ...env, ...(preload ? { LD_PRELOAD: preloaded() } : {}) },
  });
}

interface RunOptions {
  readonly execArgv?: readonly string[];
  readonly preload?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** A sanitizer's runtime, if there is one, stays the first. */
function preloaded(): string {
  return [process.env['LD_PRELOAD'], besideAddon('without_rings.so')].filter(Boolean).join(':');
}

/** Why this system has no Landlock; undefined if it has. The engine's report says so too. */
export function whyNoLandlock({ missing }: Pick<Cage, 'missing'>): string | undefined {
  return missing.some((reason) => reason.includes('has no Landlock')) ? 'this kernel has no Landlock' : undefined;
}

/** Why this system takes no filter of system calls, as in some containers; undefined if it does. */
export function whyNoSeccomp({ missing }: Pick<Cage, 'missing'>): string | undefined {
  return missing.some((reason) => reason.includes('takes no filters'))
    ? 'this system takes no filters of system calls'
    : undefined;
}
