/** Whether a process that died may be started again by itself: one that keeps dying is left to the person. */
const windowMs = 5 * 60_000;

export class CrashLimit {
  /** This many deaths within five minutes are too many. */
  static readonly crashes = 3;
  #times: readonly number[] = [];

  /** Counts a death at `now`, ms. */
  allows(now: number): boolean {
    // A clock that was set back makes deaths of the future: they are not counted for hours.
    this.#times = [...this.#times.filter((at) => at <= now && now - at < windowMs), now];
    return this.#times.length < CrashLimit.crashes;
  }

  /** A person has asked for it: counting begins anew. */
  reset(): void {
    this.#times = [];
  }
}
