/** Reads the processes from /proc. Linux only. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
}

export const canReadProcesses = existsSync('/proc/self/stat');

function allProcesses(): readonly ProcessEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const [, command = '', rest = ''] =
          /^\d+ \((.*)\) (.*)$/s.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? [];
        const [state, parent] = rest.split(' ');
        // A zombie ended; its parent did not wait for it yet.
        return state === 'Z' ? [] : [{ pid: Number(name), parent: Number(parent), name: command }];
      } catch {
        return [];
      }
    });
}

/** The process and its running descendants. */
export function processTree(root: number): readonly ProcessEntry[] {
  const all = allProcesses();
  const below = (pid: number): readonly ProcessEntry[] =>
    all.filter(({ parent }) => parent === pid).flatMap((entry) => [entry, ...below(entry.pid)]);
  return [...all.filter(({ pid }) => pid === root), ...below(root)];
}

/** The `entries` that still run. */
export function stillRunning(entries: readonly ProcessEntry[]): readonly ProcessEntry[] {
  const now = new Map(allProcesses().map((entry) => [entry.pid, entry]));
  return entries.filter(({ pid, name }) => now.get(pid)?.name === name);
}

/** Ports, of any address, that these processes listen on. */
export function listeningPorts(entries: readonly ProcessEntry[]): readonly number[] {
  const inodes = new Set(entries.flatMap(({ pid }) => socketInodes(pid)));
  const listening = '0A';
  return ['/proc/net/tcp', '/proc/net/tcp6']
    .flatMap((table) => readFileSync(table, 'utf8').trim().split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === listening && inodes.has(fields[9] ?? ''))
    .map((fields) => Number.parseInt(fields[1]?.split(':')[1] ?? '', 16));
}

function socketInodes(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((descriptor) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${descriptor}`))?.[1] ?? [];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}
