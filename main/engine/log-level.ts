import type { EngineEvent } from './protocol.ts';

type LogLevel = Extract<EngineEvent, { type: 'log' }>['level'];

/** The log level with this name, as in `WYVERN_LOG`; `warning` for any other text. */
export function logLevelOf(name: string | undefined): LogLevel {
  return name === 'debug' || name === 'info' || name === 'error' ? name : 'warning';
}
