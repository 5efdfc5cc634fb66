/** A clock that the test advances, with a machine that can sleep. */
import type { Clock } from '../clock.ts';

interface Ticking {
  readonly ms: number;
  readonly tick: () => void;
  due: number;
}

export class ManualClock implements Clock {
  #now = 1_700_000_000_000;
  readonly #ticking = new Set<Ticking>();

  readonly now = (): number => this.#now;

  readonly every = (ms: number, tick: () => void): (() => void) => {
    const ticking = { ms, tick, due: this.#now + ms };
    this.#ticking.add(ticking);
    return () => this.#ticking.delete(ticking);
  };

  /** The machine is awake for this time. */
  pass(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#ticking].sort((a, b) => a.due - b.due);
      if (next === undefined || next.due > end) break;
      this.#now = next.due;
      next.due += next.ms;
      next.tick();
    }
    this.#now = end;
  }

  /** Time passes and nothing runs. After the wake-up each late timer fires once. */
  sleep(ms: number): void {
    this.#now += ms;
    for (const ticking of [...this.#ticking]) {
      if (ticking.due > this.#now) continue;
      ticking.due = this.#now + ticking.ms;
      ticking.tick();
    }
  }
}
