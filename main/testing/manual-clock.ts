/** A clock that goes on when told to, for a machine that can be put to sleep. */
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

  /** The machine is awake for so long. */
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

  /** Time goes on, nothing runs; awake again, what was due comes once, as late timers do. */
  sleep(ms: number): void {
    this.#now += ms;
    for (const ticking of [...this.#ticking]) {
      if (ticking.due > this.#now) continue;
      ticking.due = this.#now + ticking.ms;
      ticking.tick();
    }
  }
}
