/**
 * Collects an answer in progress outside React. Text arrives faster than the screen can draw, so subscribers get one
 * snapshot per frame. One instance per running answer.
 */
import type { Events, LiveToken, Message, Thought } from '../../preload/contract.ts';
import { type Block, MarkdownBlocks } from './markdown-blocks.ts';

export interface LiveSnapshot {
  readonly blocks: readonly Block[];
  /** The thought before the answer. */
  readonly thought?: Thought;
  /** The answer has not begun yet. */
  readonly thinking: boolean;
  readonly tokens: number;
  /** Tokens per second over the last steps; absent until there are enough steps. */
  readonly rate?: number;
  readonly prefill?: Omit<Events['chat.prefilled'], 'answerId' | 'conversationId'>;
}

type Schedule = (flush: () => void) => void;

const rateWindow = 48;
const stepsKept = 160;

export class LiveAnswer {
  readonly #markdown = new MarkdownBlocks();
  readonly #listeners = new Set<() => void>();
  readonly #schedule: Schedule;
  #length = 0;
  #thought = '';
  #thoughtTokens = 0;
  #thoughtUs = 0;
  #tokens = 0;
  #steps: LiveToken[] = [];
  #prefill: LiveSnapshot['prefill'];
  #snapshot: LiveSnapshot = { blocks: [], thinking: true, tokens: 0 };
  #scheduled = false;

  constructor(schedule: Schedule = (flush) => requestAnimationFrame(flush)) {
    this.#schedule = schedule;
  }

  /** The last steps, oldest first. */
  readonly steps = (): readonly LiveToken[] => this.#steps;

  /** The part that was written before: of a continued answer, or before the window was loaded. */
  begin({ text, thought }: Pick<Message, 'text' | 'thought'>): void {
    this.#thoughtTokens = thought?.tokens ?? 0;
    this.#thoughtUs = (thought?.ms ?? 0) * 1000;
    this.append(text, [], 0, { offset: 0, text: thought?.text ?? '' });
  }

  /** @param offset Position of `text` in the answer, in UTF-16 units. Text that is already here is ignored. */
  append(
    text: string,
    tokens: readonly LiveToken[] = [],
    offset = this.#length,
    thought?: Events['chat.tokens']['thought'],
  ): void {
    const fresh = text.slice(Math.max(0, this.#length - offset));
    this.#length += fresh.length;
    this.#markdown.append(fresh);
    if (thought) this.#thought += thought.text.slice(Math.max(0, this.#thought.length - thought.offset));
    for (const { stepUs } of tokens.filter((token) => token.thought !== undefined)) {
      this.#thoughtTokens++;
      this.#thoughtUs += stepUs;
    }
    this.#tokens += tokens.length;
    this.#steps = [...this.#steps, ...tokens].slice(-stepsKept);
    this.#flushSoon();
  }

  prefilled(prefill: NonNullable<LiveSnapshot['prefill']>): void {
    this.#prefill = prefill;
    this.#flushSoon();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly snapshot = (): LiveSnapshot => this.#snapshot;

  #flushSoon(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#schedule(() => {
      this.#scheduled = false;
      const rate = decodeRate(this.#steps);
      const [tokens, ms] = [this.#thoughtTokens, Math.round(this.#thoughtUs / 1000)];
      const text = this.#thought;
      this.#snapshot = {
        blocks: this.#markdown.blocks(true),
        tokens: this.#tokens,
        thinking: this.#length === 0,
        ...(text !== '' && { thought: { text, ...(tokens > 0 && { tokens, ms }) } }),
        ...(rate !== undefined && { rate }),
        ...(this.#prefill && { prefill: this.#prefill }),
      };
      for (const listener of this.#listeners) listener();
    });
  }
}

/** Uses the step times from the engine, so the window's own speed does not affect the rate. */
function decodeRate(steps: readonly LiveToken[]): number | undefined {
  const last = steps.slice(-rateWindow);
  const us = last.reduce((sum, step) => sum + step.stepUs, 0);
  return last.length >= 4 && us > 0 ? (last.length / us) * 1e6 : undefined;
}
