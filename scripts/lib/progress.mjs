import { closeSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const frameMs = 250;
const heartbeatMs = 30_000;

/**
 * Shows the running stages and their times on standard error, and keeps the full log. On a terminal it rewrites one
 * line. Otherwise it prints one line at the end of each stage, and one every half minute.
 */
export class Progress {
  #start = performance.now();
  /** @type {Map<string, { since: number, note: string }>} */
  #stages = new Map();
  /** The open log file. @type {number | undefined} */
  #log;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  #lastLine = performance.now();

  /**
   * @param {string} folder Where `setup.log` is written.
   * @param {{ out?: NodeJS.WriteStream }} [options]
   */
  constructor(folder, { out = process.stderr } = {}) {
    this.out = out;
    this.logPath = join(folder, 'setup.log');
    this.folder = folder;
  }

  /** Whether any stage ran. */
  get worked() {
    return this.#log !== undefined;
  }

  /** Milliseconds since the start. */
  get elapsedMs() {
    return performance.now() - this.#start;
  }

  /** @param {string} title */
  begin(title) {
    this.#stages.set(title, { since: performance.now(), note: '' });
    this.log(`\n== ${title} (${new Date().toISOString()})\n`);
    this.#timer ??= setInterval(() => this.#tick(), frameMs).unref();
  }

  /** Shows a short note on a stage's progress. @param {string} title @param {string} note */
  note(title, note) {
    const stage = this.#stages.get(title);
    if (stage !== undefined) stage.note = note;
  }

  /** @param {string} title @param {'done' | 'failed'} outcome @param {string} [remark] */
  end(title, outcome, remark = '') {
    const stage = this.#stages.get(title);
    if (stage === undefined) return;
    this.#stages.delete(title);
    const mark = outcome === 'done' ? '✓' : '✗';
    this.say(`${mark} ${title}${remark === '' ? '' : ` (${remark})`} ${seconds(performance.now() - stage.since)}`);
  }

  /** Prints a line for the person. @param {string} line */
  say(line) {
    if (this.out.isTTY) this.out.write('\r\u001b[K');
    this.out.write(`setup: ${line}\n`);
    this.#lastLine = performance.now();
    this.log(`${line}\n`);
  }

  /** Writes to the log file only. @param {string} text */
  log(text) {
    if (this.#log === undefined) {
      mkdirSync(this.folder, { recursive: true });
      try {
        renameSync(this.logPath, join(this.folder, 'setup.previous.log'));
      } catch {
        // There was no file.
      }
      this.#log = openSync(this.logPath, 'w');
    }
    writeSync(this.#log, text);
  }

  close() {
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (this.out.isTTY && this.worked) this.out.write('\r\u001b[K');
    if (this.#log !== undefined) closeSync(this.#log);
    this.#log = undefined;
  }

  #tick() {
    if (this.#stages.size === 0) return;
    const status = [...this.#stages]
      .map(
        ([title, { since, note }]) => `${title} ${seconds(performance.now() - since)}${note === '' ? '' : ` ${note}`}`,
      )
      .join(' · ');
    if (this.out.isTTY) {
      const width = Math.max(20, (this.out.columns ?? 80) - 10);
      this.out.write(`\r\u001b[Ksetup: … ${status.length > width ? `${status.slice(0, width - 1)}…` : status}`);
    } else if (performance.now() - this.#lastLine > heartbeatMs) this.say(`… ${status}`);
  }
}

/** @param {number} ms */
export function seconds(ms) {
  return ms < 60_000
    ? `${(ms / 1000).toFixed(1)} s`
    : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}
