/** Loads damaged model files one after another in a process, and starts a new process when a file ends it. */
import { fork } from 'node:child_process';
import { at, node } from './places.mjs';

const worker = at('native', 'test', 'sanitizers', 'mutant-worker.ts');
/** A step that takes longer counts as hung. */
const patienceMs = 60_000;
const progressMs = 10_000;

/**
 * The result for one file: how far it came, or the end of its process.
 * @typedef {'refused-by-pre-flight' | 'refused-by-engine' | 'loaded' | 'ran' | 'ended' | 'hung'} End
 */
/** @typedef {{ outcome: End, code?: string, about?: string }} Reply */

class Worker {
  /** @param {Record<string, string | undefined>} env */
  constructor(env) {
    this.child = fork(worker, [], {
      execPath: node,
      env: Object.fromEntries(Object.entries({ ...process.env, ...env }).filter(([, value]) => value !== undefined)),
      // The report's stack contains ExecuTorch's last message.
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.ready = this.#next();
  }

  /** Waits for the next message or the end of the process. @returns {Promise<Reply>} */
  #next() {
    const { promise, resolve } = Promise.withResolvers();
    const timer = setTimeout(() => {
      resolve({ outcome: 'hung' });
      this.child.kill('SIGKILL');
    }, patienceMs);
    const exited = () => resolve({ outcome: 'ended' });
    this.child.once('exit', exited);
    this.child.once('message', resolve);
    return promise.finally(() => {
      clearTimeout(timer);
      this.child.off('exit', exited);
      this.child.off('message', resolve);
    });
  }

  /** @param {number} seed @param {number} index */
  async try(seed, index) {
    await this.ready;
    const reply = this.#next();
    this.child.send({ seed, index });
    return await reply;
  }

  end() {
    if (this.child.connected) this.child.disconnect();
  }
}

/**
 * Loads the files and prints one line per figure.
 * @param {{ env: Record<string, string | undefined>, seed: number, from: number, inputs: number, untilMs: number }} plan
 *   `untilMs`: on the clock of `performance.now()`.
 * @returns {Promise<boolean>} Whether every file was loaded and every failure had a code.
 */
export async function tryMutants({ env, seed, from, inputs, untilMs }) {
  /** @type {Record<End, number>} */
  const ends = { 'refused-by-pre-flight': 0, 'refused-by-engine': 0, loaded: 0, ran: 0, ended: 0, hung: 0 };
  /** @type {string[]} */
  const unforeseen = [];
  /** @type {number[]} */
  const ending = [];
  let one = new Worker(env);
  let tried = 0;
  let said = performance.now();
  for (; tried < inputs && performance.now() < untilMs; tried += 1) {
    const index = from + tried;
    const { outcome, code, about = '' } = await one.try(seed, index);
    ends[outcome] += 1;
    if (code === 'internal') unforeseen.push(`--seed ${seed} --from ${index} --inputs 1: ${about}`);
    if (outcome === 'ended' || outcome === 'hung') {
      ending.push(index);
      one = new Worker(env);
    }
    if (performance.now() - said > progressMs) {
      said = performance.now();
      console.log(`… ${tried + 1} of ${inputs}`);
    }
  }
  one.end();
  const missing = tried < inputs ? ` of ${inputs} wanted: no time for more` : '';
  console.log(`damaged files tried: ${tried}${missing} (seed ${seed})`);
  console.log(`refused before native code: ${ends['refused-by-pre-flight']}`);
  console.log(`refused by the engine with a code: ${ends['refused-by-engine']}`);
  console.log(`loaded: ${ends.loaded + ends.ran}, of which ${ends.ran} ran`);
  console.log(`ended their process: ${ends.ended}`);
  console.log(`hung for ${patienceMs / 1000} s, which the engine's watchdog would detect: ${ends.hung}`);
  if (ending.length > 0) console.log(`  by number (--from N --inputs 1 tries one again): ${ending.join(', ')}`);
  console.log(`failed without a code: ${unforeseen.length}`);
  for (const line of unforeseen) console.log(`  ${line}`);
  return unforeseen.length === 0 && tried === inputs;
}
