/**
 * The model answers one request at a time. Whoever wants it waits here for a turn, in the order of asking: the window's
 * answers and titles, benchmarks, and requests of the local server.
 */
export type Party = 'window' | 'title' | 'benchmark' | 'server';

export interface TurnOptions {
  /** Called once somebody else waits. The holder then ends its turn early. */
  readonly giveWay?: () => void;
  /** Leaves the line. */
  readonly signal?: AbortSignal;
}

interface Place {
  readonly by: Party;
  readonly giveWay: () => void;
}

interface Waiting extends Place {
  readonly call: (end: () => void) => void;
}

export class Turns {
  readonly #onChange: () => void;
  #holder: Place | undefined;
  #waiting: readonly Waiting[] = [];

  /** @param onChange the holder or the line has changed */
  constructor(onChange: () => void = () => undefined) {
    this.#onChange = onChange;
  }

  get holder(): Party | undefined {
    return this.#holder?.by;
  }

  /** Whether this party waits. */
  waits(by: Party): boolean {
    return this.#waiting.some((place) => place.by === by);
  }

  /**
   * Resolves when it is this party's turn, with the function that ends the turn.
   * @throws the signal's reason
   */
  async take(by: Party, { giveWay = () => undefined, signal }: TurnOptions = {}): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.#holder === undefined) return this.#begin({ by, giveWay });
    const turn = Promise.withResolvers<() => void>();
    const place: Waiting = { by, giveWay, call: turn.resolve };
    const leave = (): void => {
      this.#waiting = this.#waiting.filter((other) => other !== place);
      turn.reject(signal?.reason);
      this.#onChange();
    };
    this.#waiting = [...this.#waiting, place];
    signal?.addEventListener('abort', leave, { once: true });
    this.#onChange();
    this.#holder.giveWay();
    try {
      return await turn.promise;
    } finally {
      signal?.removeEventListener('abort', leave);
    }
  }

  /** The turn, if nobody has it or waits for it; otherwise undefined. @param giveWay as in {@link TurnOptions} */
  takeNow(by: Party, giveWay: () => void): (() => void) | undefined {
    return this.#holder === undefined ? this.#begin({ by, giveWay }) : undefined;
  }

  #begin(place: Place): () => void {
    this.#holder = place;
    this.#onChange();
    return () => {
      if (this.#holder !== place) return;
      const [next, ...others] = this.#waiting;
      this.#holder = undefined;
      this.#waiting = others;
      if (next === undefined) this.#onChange();
      else {
        next.call(this.#begin(next));
        // The holder has just begun, but others may wait for it already.
        if (others.length > 0) next.giveWay();
      }
    };
  }
}
