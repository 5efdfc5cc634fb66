/**
 * `npm run torture -- load [--turns N] [--minutes M]`: uses the built app over Chromium and compares its end with its
 * beginning: 1,000 turns spread over 60 minutes by default, with switches of the model, imports of chats and the system's
 * notices of sleep between them. Needs /proc and `npm run build`.
 */
import { canReadProcesses } from '../../e2e/process-tree.ts';
import type { Holding } from './processes.ts';
import { LoadedApp } from './app.ts';

interface Sample {
  readonly turn: number;
  readonly holdings: ReadonlyMap<string, Holding>;
  readonly storeBytes: number;
}

interface Verdict {
  readonly line: string;
  readonly held: boolean;
}

const sampleEvery = 20;
const turnsPerChat = 5;
const leastTurns = 300;
const promised = { memory: 1.03, latency: 1.1, store: 1.1 };

/** @returns whether memory, handles, store and CPU time of a turn stayed as promised */
export async function runLoad(turns: number, minutes: number): Promise<boolean> {
  if (!canReadProcesses) throw new Error('The load test reads /proc, which only Linux has.');
  if (turns < leastTurns) throw new Error(`--turns must be ${leastTurns} or more, to compare its parts.`);
  const app = await LoadedApp.start();
  const samples: Sample[] = [];
  const begun = performance.now();
  try {
    for (let turn = 0; turn < turns; turn += 1) {
      if (turn % turnsPerChat === 0) await app.newChat();
      await app.turn(`Question ${turn}`);
      if (turn % 50 === 25) await app.switchModel();
      if (turn % 50 === 40) await app.importChat();
      if (turn % 50 === 45) await app.sleep();
      if ((turn + 1) % sampleEvery === 0)
        samples.push({ turn: turn + 1, holdings: await app.holdings(), storeBytes: app.storeBytes() });
      const due = begun + (minutes * 60_000 * (turn + 1)) / turns;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    }
  } finally {
    await app.quit();
  }
  console.log(`load: ${turns} turns in ${((performance.now() - begun) / 60_000).toFixed(1)} min`);
  const verdicts = judge(samples);
  for (const { line } of verdicts) console.log(`   ${line}`);
  return verdicts.every(({ held }) => held);
}

/** The first fifth warms up; the next fifth is compared with the last. */
function judge(samples: readonly Sample[]): readonly Verdict[] {
  const size = Math.max(2, Math.floor(samples.length / 5));
  const early = samples.slice(size, 2 * size);
  const late = samples.slice(-size);
  const roles = [...new Set(samples.flatMap(({ holdings }) => [...holdings.keys()]))];
  const perRole = roles.flatMap((role) => {
    const [memory, handles] = [ratio(early, late, role, 'memory'), ratio(early, late, role, 'handles')];
    if (memory === undefined || handles === undefined) return [];
    const megabytes = (least(late, role, 'memory') / 1e6).toFixed(0);
    return [
      { line: `${role}: memory × ${memory.toFixed(3)} (${megabytes} MB)`, held: memory < promised.memory },
      { line: `${role}: handles × ${handles.toFixed(3)} (${least(late, role, 'handles')})`, held: handles <= 1 },
    ];
  });
  const [first, last] = [cpuPerTurn(early), cpuPerTurn(late)];
  const stored = (part: readonly Sample[]): number =>
    ((part.at(-1)?.storeBytes ?? 0) - (part[0]?.storeBytes ?? 0)) / ((part.length - 1) * sampleEvery);
  return [
    ...perRole,
    {
      line: `CPU time of a turn × ${(last / first).toFixed(3)} (${last.toFixed(0)} ms)`,
      held: last < first * promised.latency,
    },
    {
      line: `store: ${stored(early).toFixed(0)}, then ${stored(late).toFixed(0)} bytes a turn`,
      held: stored(late) < stored(early) * promised.store,
    },
  ];
}

/** The least of a part of the samples: what a process holds between two garbage collections varies. */
function least(part: readonly Sample[], role: string, what: 'memory' | 'handles'): number {
  return Math.min(...part.flatMap(({ holdings }) => holdings.get(role)?.[what] ?? []));
}

function ratio(early: readonly Sample[], late: readonly Sample[], role: string, what: 'memory' | 'handles') {
  const [before, after] = [least(early, role, what), least(late, role, what)];
  return Number.isFinite(before) && Number.isFinite(after) ? after / before : undefined;
}

/** Of the processes that live as long as the app. */
function cpuPerTurn(part: readonly Sample[]): number {
  const cpuOf = ({ holdings }: Sample): number =>
    (holdings.get('main')?.cpuMs ?? 0) + (holdings.get('renderer')?.cpuMs ?? 0);
  const [first, last] = [part[0], part.at(-1)];
  if (first === undefined || last === undefined) return Number.NaN;
  return (cpuOf(last) - cpuOf(first)) / (last.turn - first.turn);
}
