/** Logs to standard error: warnings and errors, unless `WYVERN_LOG` names another level or `none`. Never contains chat text. */
import { inspect } from 'node:util';

const levels = ['debug', 'info', 'warning', 'error'] as const;
export type LogLevel = (typeof levels)[number];

function thresholdFrom(value: string | undefined): number {
  if (value === 'none') return levels.length;
  const index = levels.findIndex((level) => level === value);
  return index === -1 ? levels.indexOf('warning') : index;
}

const threshold = thresholdFrom(process.env['WYVERN_LOG']);

/** A logged warning or error. */
export interface LoggedLine {
  /** Unix time, ms. */
  readonly at: number;
  readonly level: LogLevel;
  readonly text: string;
}

const linesKept = 100;
const charactersKept = 1500;
const lastLines: LoggedLine[] = [];

/** The last warnings and errors of this run, oldest first, whatever the log level. */
export function lastTroubles(): readonly LoggedLine[] {
  return [...lastLines];
}

export function log(level: LogLevel, message: string, cause?: unknown): void {
  const wanted = levels.indexOf(level) >= threshold;
  const trouble = level === 'warning' || level === 'error';
  if (!wanted && !trouble) return;
  const detail =
    cause === undefined ? '' : `: ${cause instanceof Error ? (cause.stack ?? cause.message) : inspect(cause)}`;
  if (trouble) {
    lastLines.push({ at: Date.now(), level, text: `${message}${detail}`.slice(0, charactersKept) });
    if (lastLines.length > linesKept) lastLines.shift();
  }
  if (wanted) process.stderr.write(`${new Date().toISOString()} ${level} ${message}${detail}\n`);
}
