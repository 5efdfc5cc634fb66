/** The time that faults are judged by; tests have one of their own. */
export interface Clock {
  /** ms. Goes on while the machine sleeps; a person may set it. */
  readonly now: () => number;
  /** Calls `tick` again and again while the machine is awake. @returns Ends that. */
  readonly every: (ms: number, tick: () => void) => () => void;
}

export const systemClock: Clock = {
  now: Date.now,
  every(ms, tick) {
    const timer = setInterval(tick, ms);
    return () => clearInterval(timer);
  },
};
