/** The log: lines on standard error, warnings and worse unless `WYVERN_LOG` says otherwise. Never carries chat text. */
import { inspect } from 'node:util';

const levels = ['debug', 'info', 'warning', 'error'] as const;
export type LogLevel = (typeof levels)[number];

function thresholdFrom(value: string | undefined): number {
  const index = levels.findIndex((level) => level === value);
  return index === -1 ? levels.indexOf('warning') : index;
}

const threshold = thresholdFrom(process.env['WYVERN_LOG']);

export function log(level: LogLevel, message: string, cause?: unknown): void {
  if (levels.indexOf(level) < threshold) return;
  const detail =
    cause === undefined ? '' : `: ${cause instanceof Error ? (cause.stack ?? cause.message) : inspect(cause)}`;
  process.stderr.write(`${new Date().toISOString()} ${level} ${message}${detail}\n`);
}
