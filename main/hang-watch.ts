/**
 * Notices that an answer has stopped coming, or a load has stopped going on. An accelerator that hangs gives no error:
 * only tokens that stay away, or an end.
 */
import type { TokenEvent } from './engine/protocol.ts';

/** As often as this the answer is looked at. A machine that sleeps does not look, so sleep is no hang. */
const lookIntervalMs = 1000;
/** Hung after this many looks without a token, or after this many times the slowest step if that is longer. */
const patienceLooks = 10;
const patienceSteps = 20;
/** A load may be silent for long: gigabytes go to the accelerator without a word. */
export const loadPatienceLooks = 300;

export class HangWatch {
  readonly #timer: NodeJS.Timeout;
  /** Undefined while the prompt is read, which takes as long as it takes. */
  #looks: number | undefined;
  #slowestStepMs = 0;

  /** `onHang` is told how many seconds there was no progress. It bears at least `leastPatience` looks without. */
  constructor(onHang: (seconds: number) => void, leastPatience = patienceLooks) {
    this.#timer = setInterval(() => {
      if (this.#looks === undefined) return;
      this.#looks++;
      const patience = Math.max(leastPatience, (patienceSteps * this.#slowestStepMs) / lookIntervalMs);
      if (this.#looks > patience) onHang((this.#looks * lookIntervalMs) / 1000);
    }, lookIntervalMs);
  }

  /** The prompt has been read, or tokens have come. */
  progress(tokens: readonly Pick<TokenEvent, 'stepUs'>[]): void {
    this.#looks = 0;
    for (const { stepUs } of tokens) this.#slowestStepMs = Math.max(this.#slowestStepMs, stepUs / 1000);
  }

  end(): void {
    clearInterval(this.#timer);
  }
}
