/** Time that a simulation passes itself: every timer, date and watch of the app. */
import { mock } from 'node:test';
import { ManualClock } from '../../main/testing/manual-clock.ts';

/** A watch looks each second, so time passes in parts of a second. */
const sliceMs = 500;
/** Node's names of file operations that are under way. */
const fileWork = /^(FSReq|CloseReq|FileHandleCloseReq)/;
/** Real reads and writes of files end within a few rounds of the event loop. */
const quietRounds = 3;

export class VirtualTime {
  readonly clock = new ManualClock();

  begin(): void {
    mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: this.clock.now() });
    performance.now = this.clock.now;
  }

  end(): void {
    mock.timers.reset();
    performance.now = realNow;
  }

  /** The machine is awake for this time. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= sliceMs) {
      const slice = Math.min(sliceMs, left);
      mock.timers.tick(slice);
      this.clock.pass(slice);
      await quiet();
    }
  }

  /** The machine sleeps: timers that are due fire once after the wake-up. */
  async sleep(ms: number): Promise<void> {
    this.clock.sleep(ms);
    mock.timers.tick(ms);
    await quiet();
  }
}

/** Waits until no promise and no file operation of this process is under way. */
export async function quiet(): Promise<void> {
  for (let rounds = 0; rounds < quietRounds; rounds += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    if (process.getActiveResourcesInfo().some((name) => fileWork.test(name))) rounds = -1;
  }
}

const realTimeout = setTimeout;
const realNow = performance.now.bind(performance);
const realPatienceMs = 60_000;

/** Waits for work in other threads, which virtual time does not hasten. */
export async function realTimeUntil(ended: () => boolean): Promise<void> {
  const until = realNow() + realPatienceMs;
  while (!ended() && realNow() < until) await new Promise((resolve) => realTimeout(resolve, 1));
}
