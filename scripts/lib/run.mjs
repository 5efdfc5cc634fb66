import { spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { Failure } from './failure.mjs';
import { root } from './places.mjs';

const tailLines = 15;
const windows = process.platform === 'win32';

/** Running children, so that an interrupted set-up can end them. @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd] Default: the checkout.
 * @property {Record<string, string | undefined>} [env] Added to the environment; undefined removes.
 * @property {(text: string) => void} [log] Receives the command line and everything the command prints.
 * @property {(line: string) => void} [onLine] Receives each line of output.
 * @property {string} [what] Subject of the failure's sentence, e.g. "npm ci".
 * @property {string} [hint] What to do when it fails.
 * @property {number} [timeoutMs]
 */

/**
 * Runs a command without printing its output: the log gets all of it, a failure the last lines.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<string>} Its standard output.
 * @throws {Failure} If it cannot be started, fails or takes too long.
 */
export async function run(command, args, options = {}) {
  const { log, onLine, hint, timeoutMs } = options;
  const what = options.what ?? [command, ...args].join(' ');
  log?.(`$ ${[command, ...args].join(' ')}\n`);

  const child = spawn(command, args, {
    cwd: options.cwd ?? root,
    env: environment(options.env),
    stdio: ['ignore', 'pipe', 'pipe'],
    // Start a new process group, so that we can end it with its children.
    detached: !windows,
    windowsHide: true,
  });
  running.add(child);
  let timedOut = false;
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          end(child);
        }, timeoutMs);

  let output = '';
  /** @type {string[]} */
  const tail = [];
  /** @param {string} line */
  const takeLine = (line) => {
    if (line.trim() === '') return;
    onLine?.(line);
    tail.push(line);
    if (tail.length > tailLines) tail.shift();
  };
  // Each stream has its own unfinished line.
  const lines = { stdout: lineReader(takeLine), stderr: lineReader(takeLine) };
  child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
    output += text;
    log?.(text);
    lines.stdout.read(text);
  });
  child.stderr.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
    log?.(text);
    lines.stderr.read(text);
  });

  try {
    /** @type {{ code: number | null, signal: string | null }} */
    const end = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, endSignal) => resolve({ code, signal: endSignal }));
    });
    lines.stdout.end();
    lines.stderr.end();
    if (timedOut) throw new Failure(`${what} took longer than ${String(timeoutMs)} ms.`, failureDetail(tail, hint));
    if (end.code !== 0) {
      throw new Failure(
        `${what} failed (${end.signal === null ? `exit status ${String(end.code)}` : end.signal}).`,
        failureDetail(tail, hint),
      );
    }
    return output;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new Failure(`${what} failed: ${command} was not found.`, failureDetail([], hint));
    }
    throw error;
  } finally {
    clearTimeout(timer);
    running.delete(child);
  }
}

/**
 * Cuts a stream's chunks into lines.
 * @param {(line: string) => void} onLine
 */
function lineReader(onLine) {
  let rest = '';
  return {
    /** @param {string} text */
    read(text) {
      const lines = (rest + stripVTControlCharacters(text)).split(/\r?\n|\r/);
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    },
    /** Takes the last line, which may have no end. */
    end() {
      onLine(rest);
      rest = '';
    },
  };
}

/** @param {string[]} log @param {string | undefined} hint */
function failureDetail(log, hint) {
  return { log, ...(hint === undefined ? {} : { hint }) };
}

/**
 * Runs a command in the foreground, with this process's own input and output.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: Record<string, string | undefined>, cwd?: string }} [options]
 * @returns {Promise<number>} Its exit status; 128 + n if signal n ended it, as in shells.
 */
export async function runInForeground(command, args, { env, cwd = root } = {}) {
  const child = spawn(command, args, { cwd, env: environment(env), stdio: 'inherit' });
  // The terminal sends Ctrl+C to both; wait for the child's own end.
  const ignore = () => undefined;
  process.on('SIGINT', ignore);
  /** @param {NodeJS.Signals} name */
  const pass = (name) => child.kill(name);
  process.on('SIGTERM', pass);
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, name) => resolve(code ?? (name === 'SIGINT' ? 130 : name === 'SIGTERM' ? 143 : 1)));
    });
  } finally {
    process.off('SIGINT', ignore);
    process.off('SIGTERM', pass);
  }
}

/** @param {Record<string, string | undefined>} [changes] */
function environment(changes = {}) {
  return Object.fromEntries(Object.entries({ ...process.env, ...changes }).filter(([, value]) => value !== undefined));
}

/** @param {import('node:child_process').ChildProcess} child */
function end(child) {
  if (child.pid === undefined) return;
  try {
    if (windows) spawn('taskkill', ['/pid', String(child.pid), '/t', '/f'], { stdio: 'ignore', windowsHide: true });
    else process.kill(-child.pid, 'SIGTERM');
  } catch {
    // It already ended.
  }
}

/** Ends every running command when a signal asks this process to end. */
export function endChildrenOnExit() {
  for (const [name, status] of /** @type {const} */ ([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])) {
    process.once(name, () => {
      for (const child of running) end(child);
      process.exit(status);
    });
  }
}
