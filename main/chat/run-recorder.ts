/** Records the time of every token while an answer is written. */
import type { LiveToken, Run, RunPlace, RunPrefill } from '../../preload/contract.ts';

export class RunRecorder {
  readonly #messageId: string;
  #place: RunPlace | undefined;
  #prefill: RunPrefill | undefined;
  #tokens: LiveToken[] = [];

  constructor(messageId: string) {
    this.#messageId = messageId;
  }

  get tokens(): readonly LiveToken[] {
    return this.#tokens;
  }

  /** The engine was asked. The earlier part of a continued answer belongs to its run if the same model and backend made it. */
  begin(place: RunPlace, before?: Run): void {
    this.#place = place;
    if (before?.model === place.model && before.backend === place.backend) this.#tokens = [...before.tokens];
  }

  prefilled(prefill: RunPrefill): void {
    this.#prefill = prefill;
  }

  push(token: LiveToken): void {
    this.#tokens.push(token);
  }

  /** The record so far; undefined before the engine was asked. */
  get run(): Run | undefined {
    if (!this.#place) return undefined;
    const prefill = this.#prefill && { prefill: this.#prefill };
    return { messageId: this.#messageId, ...this.#place, ...prefill, tokens: [...this.#tokens] };
  }
}
