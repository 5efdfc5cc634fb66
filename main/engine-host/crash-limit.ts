/** Decides whether a crashed process restarts automatically. After too many crashes the person decides. */
const windowMs = 5 * 60_000;

export class CrashLimit {
  /** This many crashes within five minutes are too many. */
  static readonly crashes = 3;
  #times: readonly number[] = [];

  /** Counts a crash at `now`, ms. */
  allows(now: number): boolean {
    // After the clock was set back, crashes lie in the future. They must not count for hours.
    this.#times = [...this.#times.filter((at) => at <= now && now - at < windowMs), now];
    return this.#times.length < CrashLimit.crashes;
  }

  /** Starts counting again, after a person asked for a restart. */
  reset(): void {
    this.#times = [];
  }
}
