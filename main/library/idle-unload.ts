/** Unloads a model that nobody has used for a while: never in the middle of an answer. */
export class IdleUnload {
  readonly #minutes: () => number | undefined;
  readonly #unload: (minutes: number) => void;
  #timer: NodeJS.Timeout | undefined;
  #loaded = false;
  #inUse = false;

  /** @param minutes undefined: never; asked each time that waiting begins */
  constructor(minutes: () => number | undefined, unload: (minutes: number) => void) {
    this.#minutes = minutes;
    this.#unload = unload;
  }

  /** A model is there to be used, or no longer. */
  loaded(loaded: boolean): void {
    this.#loaded = loaded;
    this.#inUse = false;
    this.restart();
  }

  /** It answers, or has ended. */
  used(inUse: boolean): void {
    this.#inUse = inUse;
    this.restart();
  }

  /** Waiting begins anew: the model was used, or the person has chosen another time. */
  restart(): void {
    clearTimeout(this.#timer);
    const minutes = this.#minutes();
    if (!this.#loaded || this.#inUse || minutes === undefined) return;
    this.#timer = setTimeout(() => this.#unload(minutes), minutes * 60_000);
    // Waiting alone keeps no process alive.
    this.#timer.unref();
  }
}
