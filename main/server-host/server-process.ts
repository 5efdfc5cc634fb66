/** The host's view of the server process. Electron or a test forks it. */
import type { ServerEvent, ServerRequest } from '../server/protocol.ts';

export interface ServerProcess {
  post(request: ServerRequest): void;
  onEvent(listener: (event: ServerEvent) => void): void;
  /** Called once. */
  onExit(listener: (code: number) => void): void;
  /** Ends the process at once. */
  destroy(): void;
}
