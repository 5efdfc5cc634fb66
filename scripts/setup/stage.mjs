import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../lib/run.mjs';

/**
 * Tools for a running stage.
 * @typedef {object} Context
 * @property {(command: string, args: readonly string[], options?: import('../lib/run.mjs').RunOptions) => Promise<string>} run
 *   Runs a command; its output goes to the log.
 * @property {(note: string) => void} note Shows the progress.
 * @property {(line: string) => void} say Prints a line for the person.
 */

/**
 * One result of set-up.
 * @typedef {object} Stage
 * @property {string} name File name of its stamp.
 * @property {string} title The title that set-up shows.
 * @property {() => string} key Hash of all inputs that are known without running a command. Fast.
 * @property {() => boolean} isThere Whether the result is still in place. Fast.
 * @property {(context: Context) => Promise<string | void>} make Makes the result; may resolve to a remark for the person.
 */

/**
 * Returns whether a stage is up to date.
 * @param {Stage} stage @param {string} folder Where the stamps are.
 */
export function isFresh(stage, folder) {
  return readStamp(stage, folder) === stage.key() && stage.isThere();
}

/**
 * Runs a stage and writes its stamp.
 * @param {Stage} stage
 * @param {string} folder Where the stamps are.
 * @param {import('../lib/progress.mjs').Progress} progress
 */
export async function perform(stage, folder, progress) {
  // Take the key before the work: an edit during the work must not count as done.
  const key = stage.key();
  progress.begin(stage.title);
  try {
    const remark = await stage.make({
      run: (command, args, options = {}) => run(command, args, { log: (text) => progress.log(text), ...options }),
      note: (note) => progress.note(stage.title, note),
      say: (line) => progress.say(line),
    });
    writeStamp(stage, folder, key);
    progress.end(stage.title, 'done', remark ?? '');
  } catch (error) {
    rmSync(stampPath(stage, folder), { force: true });
    progress.end(stage.title, 'failed', error instanceof Error ? error.message : String(error));
    throw error;
  }
}

/** @param {Stage} stage @param {string} folder */
const stampPath = (stage, folder) => join(folder, `${stage.name}.stamp`);

/** @param {Stage} stage @param {string} folder */
function readStamp(stage, folder) {
  try {
    return readFileSync(stampPath(stage, folder), 'utf8');
  } catch {
    return undefined;
  }
}

/** @param {Stage} stage @param {string} folder @param {string} key */
function writeStamp(stage, folder, key) {
  mkdirSync(folder, { recursive: true });
  const path = stampPath(stage, folder);
  writeFileSync(`${path}.partial`, key);
  renameSync(`${path}.partial`, path);
}
