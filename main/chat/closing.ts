/** Asks in the window before it closes with a temporary chat that has messages. */
import type { Emit } from '../../preload/contract.ts';

export interface ClosingDependencies {
  /** Whether messages would be lost. */
  readonly hasUnkept: () => boolean;
  readonly emit: Emit;
  /** Asks the window to close. */
  readonly close: () => void;
}

export class Closing {
  readonly #with: ClosingDependencies;
  /** The question is open. Closing again closes, so that a window that does not answer can be closed too. */
  #asked = false;

  constructor(dependencies: ClosingDependencies) {
    this.#with = dependencies;
  }

  /** Whether the window may close now. If not, the window asks the person and calls `app.close`. */
  allows(): boolean {
    if (this.#asked || !this.#with.hasUnkept()) return true;
    this.#asked = true;
    this.#with.emit('app.closing', undefined);
    return false;
  }

  answer(close: boolean): void {
    if (!this.#asked) return;
    if (close) this.#with.close();
    else this.#asked = false;
  }
}
