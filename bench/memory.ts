/** Measures the resident memory of a process that loaded the model and answered, against the least that it needs. */
import { readFileSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { LoadedModel } from '../main/engine/protocol.ts';
import type { Figure } from './figure.ts';
import { startOurs, type ProgramFiles } from './speed.ts';

/** Undefined if it cannot be read. */
export async function memoryFigure({ program, data }: ProgramFiles, model: LoadedModel): Promise<Figure | undefined> {
  if (process.platform !== 'linux') {
    console.error('No figure of resident memory: it is read from /proc, which only Linux has.');
    return undefined;
  }
  const resident = await residentAfterAnswer({ program, data });
  const weights = [program, ...data].reduce((sum, file) => sum + statSync(file).size, 0);
  const needed = weights + (model.facts.stateBytes ?? 0);
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);
  return {
    name: 'resident memory / (weights + KV cache)',
    value: resident / needed,
    unit: '×',
    target: { atMost: 1.3 },
    detail: `${megabytes(resident)} MB, of ${megabytes(weights)} MB weights and ${megabytes(model.facts.stateBytes ?? 0)} MB cache`,
  };
}

/** Returns the bytes of a process that runs only the native loop. */
async function residentAfterAnswer(files: ProgramFiles): Promise<number> {
  const ours = await startOurs(files, availableParallelism());
  try {
    await ours.measure({ do: 'prefill', tokens: 800 });
    await ours.measure({ do: 'decode', tokens: 16 });
    const status = readFileSync(`/proc/${ours.processId ?? 'self'}/status`, 'utf8');
    return 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
  } finally {
    await ours.end();
  }
}
