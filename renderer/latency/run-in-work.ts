import type { Events, LiveToken, Run } from '../../preload/contract.ts';

/** A run that grows. It takes each token once, even if the stored run already had some. */
export class RunInWork {
  readonly #facts: Omit<Run, 'tokens'>;
  readonly #tokens: LiveToken[];

  constructor({ tokens, ...facts }: Run) {
    this.#facts = facts;
    this.#tokens = [...tokens];
  }

  get messageId(): string {
    return this.#facts.messageId;
  }

  /** @returns false if tokens are missing before these, so the caller must read the run again */
  add({ firstToken, tokens }: Pick<Events['chat.tokens'], 'firstToken' | 'tokens'>): boolean {
    const known = this.#tokens.length - firstToken;
    if (known < 0) return false;
    for (const token of tokens.slice(known)) this.#tokens.push(token);
    return true;
  }

  snapshot(): Run {
    return { ...this.#facts, tokens: this.#tokens.slice() };
  }
}
