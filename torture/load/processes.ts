/** What each of the app's processes holds. Reads /proc, so Linux only. */
import { readdirSync, readFileSync } from 'node:fs';
import { processTree } from '../../e2e/process-tree.ts';

export interface Holding {
  /** Resident memory that no other process shares and that differs from every file, in bytes. */
  readonly memory: number;
  /** Open files, sockets and pipes. */
  readonly handles: number;
  /** User and system time so far, in ms. */
  readonly cpuMs: number;
}

/** Linux counts process time in hundredths of a second on every processor that we run on. */
const tickMs = 10;

/** By role; a role's processes are summed. */
export function holdings(root: number): ReadonlyMap<string, Holding> {
  const found = new Map<string, Holding>();
  for (const { pid } of processTree(root)) {
    const role = pid === root ? 'main' : roleOf(pid);
    const holding = role === undefined ? undefined : holdingOf(pid);
    if (role === undefined || holding === undefined) continue;
    const { memory, handles, cpuMs } = found.get(role) ?? { memory: 0, handles: 0, cpuMs: 0 };
    found.set(role, {
      memory: memory + holding.memory,
      handles: handles + holding.handles,
      cpuMs: cpuMs + holding.cpuMs,
    });
  }
  return found;
}

/** Undefined for a process that has ended. */
function roleOf(pid: number): string | undefined {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    const [, type] = /--type=([\w-]+)/.exec(command) ?? [];
    if (type !== undefined) return type;
    return command.includes('chrom') ? 'browser' : 'engine';
  } catch {
    return undefined;
  }
}

function holdingOf(pid: number): Holding | undefined {
  try {
    const [, kilobytes = '0'] =
      /^Private_Dirty:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? [];
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return {
      memory: 1024 * Number(kilobytes),
      handles: readdirSync(`/proc/${pid}/fd`).length,
      cpuMs: tickMs * (Number(stat[11]) + Number(stat[12])),
    };
  } catch {
    return undefined;
  }
}
