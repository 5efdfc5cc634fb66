import type { EngineEvent } from './protocol.ts';

type LogLevel = Extract<EngineEvent, { type: 'log' }>['level'];

/** The level of this name, as `WYVERN_LOG` gives it; anything else is `warning`. */
export function logLevelOf(name: string | undefined): LogLevel {
  return name === 'debug' || name === 'info' || name === 'error' ? name : 'warning';
}
