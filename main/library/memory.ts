/** What memory is left for a model: of the machine, and of the container that this process may be in. */
import { readFileSync } from 'node:fs';
import { freemem } from 'node:os';
import { join } from 'node:path';
import { AppFailure } from '../failure.ts';

/**
 * Bytes that can be had without taking them from others. On Linux files that are only cached count as free, as the
 * kernel counts them. `WYVERN_MEMORY` says another number, to see what a machine with so little would be told.
 */
export function availableMemory(environment: NodeJS.ProcessEnv = process.env, groups = '/sys/fs/cgroup'): number {
  const pretended = Number(environment['WYVERN_MEMORY']);
  if (environment['WYVERN_MEMORY'] && pretended >= 0) return pretended;
  return Math.min(freemem(), leftInGroup(groups) ?? Number.POSITIVE_INFINITY);
}

/** Of a container's limit (control groups, version 2); undefined where there is none. */
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
  // Counted as used, and given up as soon as someone needs it.
  const cached = Number(/^inactive_file (\d+)$/m.exec(read('memory.stat') ?? '')?.[1] ?? 0);
  return Math.max(0, limit - used + cached);
}

/** What loading a model takes: its program and weights, and what the program wants beside them. */
export interface MemoryNeed {
  readonly fileBytes: number;
  readonly stateBytes: number;
}

/**
 * A warning, not a judgement: the person may load the model all the same.
 * @throws AppFailure `memory-short`, with both numbers
 */
export function requireMemory({ fileBytes, stateBytes }: MemoryNeed, available: number): void {
  const needed = fileBytes + stateBytes;
  if (needed <= available) return;
  throw new AppFailure(
    'memory-short',
    `Loading it takes about ${megabytes(needed)}: ${megabytes(fileBytes)} for its files and ${megabytes(stateBytes)} for its KV cache and buffers. This computer has ${megabytes(available)} free.`,
    'Close other programs and try again, use a smaller model, or load it anyway: the computer may become slow.',
  );
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6).toLocaleString('en-US')} MB`;
}
