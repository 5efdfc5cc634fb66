/** The free memory for a model, of the machine and of a container around this process. */
import { readFileSync } from 'node:fs';
import { freemem } from 'node:os';
import { join } from 'node:path';
import { AppFailure } from '../failure.ts';

/**
 * Available bytes. On Linux, the file cache counts as free, as in the kernel. `WYVERN_MEMORY` sets another number, to test
 * a machine with little memory.
 */
export function availableMemory(environment: NodeJS.ProcessEnv = process.env, groups = '/sys/fs/cgroup'): number {
  const pretended = Number(environment['WYVERN_MEMORY']);
  if (environment['WYVERN_MEMORY'] && pretended >= 0) return pretended;
  return Math.min(freemem(), leftInGroup(groups) ?? Number.POSITIVE_INFINITY);
}

/** The rest of a container's limit (control groups, version 2); undefined without a limit. */
function leftInGroup(folder: string): number | undefined {
  const read = (name: string): string | undefined => {
    try {
      return readFileSync(join(folder, name), 'utf8').trim();
    } catch {
      return undefined;
    }
  };
  const limit = Number(read('memory.max'));
  const used = Number(read('memory.current'));
  if (!Number.isFinite(limit) || !Number.isFinite(used)) return undefined;
  // The kernel counts the file cache as used, but frees it on demand.
  const cached = Number(/^inactive_file (\d+)$/m.exec(read('memory.stat') ?? '')?.[1] ?? 0);
  return Math.max(0, limit - used + cached);
}

/** Memory for a model: its program and weights, and the buffers of the program. */
export interface MemoryNeed {
  readonly fileBytes: number;
  readonly stateBytes: number;
}

/**
 * A warning: the person may load the model anyway.
 * @throws AppFailure `memory-short`, with both numbers
 */
export function requireMemory({ fileBytes, stateBytes }: MemoryNeed, available: number): void {
  const needed = fileBytes + stateBytes;
  if (needed <= available) return;
  throw new AppFailure(
    'memory-short',
    `The model needs about ${megabytes(needed)}: ${megabytes(fileBytes)} for its files and ${megabytes(stateBytes)} for its KV cache and buffers. This computer has ${megabytes(available)} free.`,
    'Close other programs and try again, use a smaller model, or load it anyway: the computer may become slow.',
  );
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6).toLocaleString('en-US')} MB`;
}
