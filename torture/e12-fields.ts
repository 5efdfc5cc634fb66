/** E12: whatever field of a model file is missing or wrong, it is a typed error or a model that runs, never a signal. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildForNode } from './build.ts';
import { fieldCases, type FieldCase } from './fields/cases.ts';
import { emulatorFolder } from '../main/engine/testing/qnn-stand-in.ts';
import type { Reply } from './fields/worker.ts';
import type { Outcome, TriedPromise } from './promise.ts';
import { inFolder } from './sample-store.ts';
import { hasEmulator, root } from './windowless-app.ts';

/** Processes side by side. */
const width = 2;
/** A step that takes this long will not end. */
const patienceMs = 120_000;
const shownFailures = 40;

let known: readonly FieldCase[] | undefined;
const all = (): readonly FieldCase[] => (known ??= fieldCases().filter(({ npu }) => !npu || hasEmulator));

class Worker {
  readonly #entry: string;
  #child: ChildProcess | undefined;

  constructor(entry: string) {
    this.#entry = entry;
  }

  /** @returns What the process says, or how it ended. */
  async try(program: string, weights: string | undefined): Promise<Reply | string> {
    const child = this.#child ?? (await this.#start());
    const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
    const answered = Promise.withResolvers<Reply | string>();
    const exited = (code: number | null, signal: string | null): void => {
      this.#child = undefined;
      answered.resolve(`ended by ${signal ?? `status ${String(code)}`}`);
    };
    child.once('exit', exited);
    child.once('message', answered.resolve);
    child.send({ program, weights });
    const answer = await answered.promise;
    clearTimeout(timer);
    child.off('exit', exited);
    child.off('message', answered.resolve);
    return answer;
  }

  end(): void {
    if (this.#child?.connected === true) this.#child.disconnect();
  }

  async #start(): Promise<ChildProcess> {
    const own = { WYVERN_ADDON: join(root, 'resources/native/wyvern.node'), WYVERN_QNN: emulatorFolder };
    const child = fork(this.#entry, [], {
      env: { ...process.env, ...own },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#child = child;
    await once(child, 'message');
    return child;
  }
}

async function tryCase(worker: Worker, folder: string, one: FieldCase): Promise<Reply | string> {
  const changed = join(folder, one.changesWeights ? 'model.ptd' : 'model.pte');
  writeFileSync(changed, one.make());
  return one.changesWeights ? await worker.try(one.program, changed) : await worker.try(changed, one.weights);
}

/** Of a case: why it has not survived. */
function faultOf(answer: Reply | string): string | undefined {
  if (typeof answer === 'string') return answer;
  return answer.code === 'internal' ? `no code: ${answer.message ?? ''}` : undefined;
}

export const fields: TriedPromise = {
  id: 'E12',
  says: 'no field of a model file ends the engine',
  get cases() {
    return all().length;
  },
  get most() {
    return all().length;
  },
  attempt: ({ cases, mayGoOn }) =>
    inFolder(async (folder): Promise<Outcome> => {
      const entry = await buildForNode('torture/fields/worker.ts', 'fields-worker', join(folder, 'built'));
      const chosen = all().slice(0, cases);
      const tally = { refused: 0, failed: 0, ran: 0, tried: 0, survived: 0 };
      const failures: string[] = [];
      await Promise.all(
        Array.from({ length: width }, async (_, index) => {
          const own = join(folder, String(index));
          mkdirSync(own);
          const worker = new Worker(entry);
          while (tally.tried < chosen.length && mayGoOn()) {
            const one = chosen[tally.tried++];
            if (one === undefined) break;
            const answer = await tryCase(worker, own, one);
            const fault = faultOf(answer);
            if (typeof answer !== 'string') tally[answer.outcome] += 1;
            if (fault === undefined) tally.survived += 1;
            else if (failures.length < shownFailures) failures.push(`${one.name}: ${fault}`);
          }
          worker.end();
        }),
      );
      const named = new Set(chosen.slice(0, tally.tried).map(({ field }) => field)).size;
      const note = `${named} fields; ${tally.refused} refused before native code, ${tally.failed} by it, ${tally.ran} ran`;
      return { cases: tally.tried, survived: tally.survived, lost: 0, failures, note };
    }),
};
