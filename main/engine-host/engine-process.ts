/** The host's view of an engine process. Electron or a test forks it. */
import type { EngineEvent, EngineRequest } from '../engine/protocol.ts';

export interface EngineProcess {
  /** The last lines that the process and its libraries printed. After a crash, nothing else says why. */
  readonly lastOutput: string;
  /** Undefined once the process has ended. */
  readonly pid: number | undefined;
  post(request: EngineRequest): void;
  onEvent(listener: (event: EngineEvent) => void): void;
  /** Called once; `code` is the exit status or the signal that ended it. */
  onExit(listener: (code: number) => void): void;
  /** Asks the system to end the process. */
  kill(): void;
  /** Ends the process at once, whatever it is doing. */
  destroy(): void;
}
