/** The clock for hangs and crashes. Tests have their own. */
export interface Clock {
  /** ms. Runs on while the machine sleeps; a person may set it. */
  readonly now: () => number;
  /** Calls `tick` at intervals while the machine is awake. @returns a function that stops it */
  readonly every: (ms: number, tick: () => void) => () => void;
}

export const systemClock: Clock = {
  now: Date.now,
  every(ms, tick) {
    const timer = setInterval(tick, ms);
    return () => clearInterval(timer);
  },
};
