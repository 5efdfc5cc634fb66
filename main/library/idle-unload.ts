/** Unloads an unused model after some time, never during an answer. */
export class IdleUnload {
  readonly #minutes: () => number | undefined;
  readonly #unload: (minutes: number) => void;
  #timer: NodeJS.Timeout | undefined;
  #loaded = false;
  #inUse = false;

  /** @param minutes undefined: never; called each time the wait starts */
  constructor(minutes: () => number | undefined, unload: (minutes: number) => void) {
    this.#minutes = minutes;
    this.#unload = unload;
  }

  /** A model was loaded or unloaded. */
  loaded(loaded: boolean): void {
    this.#loaded = loaded;
    this.#inUse = false;
    this.restart();
  }

  /** The model started or ended an answer. */
  used(inUse: boolean): void {
    this.#inUse = inUse;
    this.restart();
  }

  /** Restarts the wait: the model was used, or the setting changed. */
  restart(): void {
    clearTimeout(this.#timer);
    const minutes = this.#minutes();
    if (!this.#loaded || this.#inUse || minutes === undefined) return;
    this.#timer = setTimeout(() => this.#unload(minutes), minutes * 60_000);
    // The timer must not keep the process alive.
    this.#timer.unref();
  }
}
