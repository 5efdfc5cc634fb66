/** Damaged model files, one after another in a process that is replaced when one of them ends it. */
import { fork } from 'node:child_process';
import { at, node } from './places.mjs';

const worker = at('native', 'test', 'sanitizers', 'mutant-worker.ts');
/** A step that takes this long will not end. */
const patienceMs = 60_000;
const progressMs = 10_000;

/**
 * What became of one file: how far it came, or what became of its process.
 * @typedef {'refused-by-pre-flight' | 'refused-by-engine' | 'loaded' | 'ran' | 'ended' | 'hung'} End
 */
/** @typedef {{ outcome: End, code?: string, about?: string }} Reply */

class Worker {
  /** @param {Record<string, string | undefined>} env */
  constructor(env) {
    this.child = fork(worker, [], {
      execPath: node,
      env: Object.fromEntries(Object.entries({ ...process.env, ...env }).filter(([, value]) => value !== undefined)),
      // What ExecuTorch prints before it aborts stands in the report's stack.
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.ready = this.#next();
  }

  /** The next message, or the end of the process. @returns {Promise<Reply>} */
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
 * Tries them and prints a line a figure.
 * @param {{ env: Record<string, string | undefined>, seed: number, from: number, inputs: number, untilMs: number }} plan
 *   `untilMs`: on the clock of `performance.now()`.
 * @returns {Promise<boolean>} Whether all were tried, and every failure had a code.
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
  console.log(`refused before native code saw them: ${ends['refused-by-pre-flight']}`);
  console.log(`refused by the engine with a code: ${ends['refused-by-engine']}`);
  console.log(`loaded: ${ends.loaded + ends.ran}, of which ${ends.ran} ran`);
  console.log(`ended their process: ${ends.ended}`);
  console.log(`did not end in ${patienceMs / 1000} s, as the engine's watchdog would notice: ${ends.hung}`);
  if (ending.length > 0) console.log(`  by number (--from N --inputs 1 tries one again): ${ending.join(', ')}`);
  console.log(`failed without a code: ${unforeseen.length}`);
  for (const line of unforeseen) console.log(`  ${line}`);
  return unforeseen.length === 0 && tried === inputs;
}
