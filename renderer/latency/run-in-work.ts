import type { Events, LiveToken, Run } from '../../preload/contract.ts';

/** A run that tokens are added to. Each is taken once, whatever of them was known when the run was read. */
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

  /** @returns false if tokens before these are missing: the run has to be read again. */
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
