/** Loads a model, asks it, and loads another, repeatedly; sends an `Outcome`. `e9-switching-models.ts` runs it. */
import './quiet.ts';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { percentile } from '../bench/figure.ts';
import type { EngineProcess } from '../main/engine-host/engine-process.ts';
import { tryCases } from './promise.ts';
import { fixture, forkBuilt, must, WindowlessApp } from './windowless-app.ts';

const [, , folder = '', entry = '', cases = '', seed = ''] = process.argv;
/** Switches before the first measurement, which fill caches and compile code. */
const warmUps = 10;
const allowedGrowth = 0.05;
/** One measurement is noise. */
const measured = 10;

let goOn = true;
process.on('message', () => (goOn = false));

const models = ['one', 'two'].map((name) => join(folder, name));
for (const model of models) cpSync(fixture('tiny-llama'), model, { recursive: true });
const pids: number[] = [];
const fork = (): EngineProcess => {
  const engine = forkBuilt(entry);
  if (engine.pid !== undefined) pids.push(engine.pid);
  return engine;
};
const app = new WindowlessApp(folder, { fork });

/** The running engines among all started ones. */
function running(): number {
  return pids.filter((pid) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  }).length;
}

/** This process's memory in bytes, after garbage collection. */
async function residentBytes(): Promise<number> {
  await new Promise((resolve) => setImmediate(resolve));
  globalThis.gc?.();
  return process.memoryUsage.rss();
}

async function turn(index: number): Promise<number> {
  await app.open(models[index % models.length] ?? '');
  const { text } = await app.ask('Hello!').ended;
  must(text === 'Hello! I am a very small model.', `the model's words, not ${text}`);
  must(running() === 1, `one engine, not ${running()}`);
  return await residentBytes();
}

for (let index = 0; index < warmUps; index++) await turn(index);
const bytes: number[] = [];
const outcome = await tryCases({ cases: Number(cases), seed: Number(seed), mayGoOn: () => goOn }, async (_, index) => {
  bytes.push(await turn(index));
  return 0;
});
await app.quit();
const left = running();
const [before, after] = [bytes.slice(0, measured), bytes.slice(-measured)].map((some) => percentile(some, 0.5));
const growth = before && after ? after / before - 1 : 0;
const failures = [
  ...outcome.failures,
  ...(growth > allowedGrowth ? [`memory grew by ${(100 * growth).toFixed(1)} %`] : []),
  ...(left > 0 ? [`${left} processes are left`] : []),
];
const note = `memory of the app ${growth < 0 ? 'shrank' : 'grew'} by ${Math.abs(100 * growth).toFixed(1)} %, ${left} processes left`;
process.send?.({ ...outcome, lost: left, failures, note });
// An open channel would keep it.
process.disconnect();
