/**
 * Notices that an answer has stopped coming, or a load has stopped going on. An accelerator that hangs gives no error:
 * only tokens that stay away, or an end. A machine that sleeps is silent too, and that is no hang: whether the system said
 * so or time merely jumped, the silence counts from when it is awake again.
 */
import type { Clock } from '../clock.ts';

/** As often as this the answer is looked at. */
const lookIntervalMs = 1000;
/** Hung after this many looks without a sign, or after this many times the slowest step if that is longer. */
const patienceLooks = 10;
const patienceSteps = 20;
/** For what may be silent for long: gigabytes go to the accelerator, or a first prompt into a model, without a word. */
const longPatienceLooks = 300;
/** Who was asked to end is not borne with for longer, whatever it does. */
const lastPatienceLooks = 30;
/** Two looks further apart than this: the machine slept in between, or this process was kept from running. */
const longestGapMs = 3 * lookIntervalMs;
/** A machine that was said to fall asleep and is looked at this often in a row is awake, whatever was not said. */
const awakeAfterLooks = 60;

export class HangWatch {
  readonly #clock: Clock;
  readonly #endTicks: () => void;
  readonly #onHang: (seconds: number) => void;
  #leastLooks: number;
  #lookedAt: number;
  #looks = 0;
  #slowestStepMs = 0;
  #asleep = false;

  /** `onHang` is told how many seconds there was no sign. It bears at least `leastLooks` looks without one. */
  constructor(clock: Clock, onHang: (seconds: number) => void, leastLooks = longPatienceLooks) {
    this.#clock = clock;
    this.#onHang = onHang;
    this.#leastLooks = leastLooks;
    this.#lookedAt = clock.now();
    this.#endTicks = clock.every(lookIntervalMs, () => this.#look());
  }

  /** A sign of life. */
  progress(): void {
    this.#looks = 0;
    this.#asleep = false;
  }

  /** A sign of life that tells how long the next may take to come: steps of µs. The first of them ends long patience. */
  steps(took: readonly number[]): void {
    this.progress();
    if (took.length === 0) return;
    this.#leastLooks = patienceLooks;
    this.#slowestStepMs = Math.max(this.#slowestStepMs, ...took.map((us) => us / 1000));
  }

  /** Something else begins, whose steps are not like those before. */
  restart(): void {
    this.progress();
    this.#leastLooks = patienceLooks;
    this.#slowestStepMs = 0;
  }

  /** It was asked to end. */
  ending(): void {
    this.progress();
    this.#leastLooks = Math.min(this.#leastLooks, lastPatienceLooks);
  }

  /** The machine is about to sleep. */
  suspend(): void {
    this.progress();
    this.#asleep = true;
  }

  /** It is awake. */
  resume(): void {
    this.progress();
  }

  end(): void {
    this.#endTicks();
  }

  #look(): void {
    const now = this.#clock.now();
    const passed = now - this.#lookedAt;
    this.#lookedAt = now;
    if (passed > longestGapMs) {
      this.#looks = 0;
      return;
    }
    this.#looks++;
    if (this.#asleep) {
      if (this.#looks >= awakeAfterLooks) this.progress();
      return;
    }
    const patience = Math.max(this.#leastLooks, (patienceSteps * this.#slowestStepMs) / lookIntervalMs);
    if (this.#looks > patience) this.#onHang((this.#looks * lookIntervalMs) / 1000);
  }
}
