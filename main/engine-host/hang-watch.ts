/**
 * Detects a hanging answer or load. A hanging accelerator gives no error: tokens or the end just do not arrive. A sleeping
 * machine is silent too, and does not hang. After the system's notice or a jump in time, silence counts from the wake-up.
 */
import type { Clock } from '../clock.ts';

/** Interval between two checks. */
const lookIntervalMs = 1000;
/** An answer hangs after this many checks without progress, or after this many times its slowest step if that is longer. */
const patienceLooks = 10;
const patienceSteps = 20;
/** For long silent work: copying gigabytes to the accelerator, or the first prompt of a model. */
const longPatienceLooks = 300;
/** Time to react to a stop, whatever the work. */
const lastPatienceLooks = 30;
/** If two checks are further apart, the machine slept between them, or this process did not run. */
const longestGapMs = 3 * lookIntervalMs;
/** After this many checks in a row, a machine that announced sleep is awake, even without a notice. */
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

  /** `onHang` gets the seconds without progress. At least `leastLooks` checks without progress are allowed. */
  constructor(clock: Clock, onHang: (seconds: number) => void, leastLooks = longPatienceLooks) {
    this.#clock = clock;
    this.#onHang = onHang;
    this.#leastLooks = leastLooks;
    this.#lookedAt = clock.now();
    this.#endTicks = clock.every(lookIntervalMs, () => this.#look());
  }

  /** Reports progress. */
  progress(): void {
    this.#looks = 0;
    this.#asleep = false;
  }

  /** Reports steps with their duration in µs, which sets the patience for the next ones. The first ends the long patience. */
  steps(took: readonly number[]): void {
    this.progress();
    if (took.length === 0) return;
    this.#leastLooks = patienceLooks;
    this.#slowestStepMs = Math.max(this.#slowestStepMs, ...took.map((us) => us / 1000));
  }

  /** Starts another phase with steps of another length. */
  restart(): void {
    this.progress();
    this.#leastLooks = patienceLooks;
    this.#slowestStepMs = 0;
  }

  /** The work was asked to stop. */
  ending(): void {
    this.progress();
    this.#leastLooks = Math.min(this.#leastLooks, lastPatienceLooks);
  }

  /** The machine is about to sleep. */
  suspend(): void {
    this.progress();
    this.#asleep = true;
  }

  /** The machine is awake. */
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
