/**
 * The run that the panel shows: the tokens of the answer that was begun last, live or done. Outside React, since tokens
 * come faster than a screen shows them; who looks is told once a frame.
 */
import type { AnswerFigures, Events, LiveToken } from '../../preload/contract.ts';
import { on } from '../bridge.ts';

export interface Run {
  readonly answerId: string;
  readonly tokens: readonly LiveToken[];
  readonly prefill?: Omit<Events['chat.prefilled'], 'answerId' | 'conversationId'>;
  /** Once it is done. */
  readonly figures?: AnswerFigures;
}

/** More than any context holds; a run that goes on longer keeps its last ones. */
const mostTokens = 131_072;

let answerId: string | undefined;
let tokens: LiveToken[] = [];
let prefill: Run['prefill'];
let figures: AnswerFigures | undefined;
let current: Run | undefined;
let scheduled = false;
const listeners = new Set<() => void>();

export function listenToRuns(): void {
  on('chat.prefilled', ({ answerId: id, promptTokens, reusedTokens, prefillUs }) => {
    begin(id);
    prefill = { promptTokens, reusedTokens, prefillUs };
    changed();
  });
  on('chat.tokens', (event) => {
    if (event.answerId !== answerId) begin(event.answerId);
    for (const token of event.tokens) tokens.push(token);
    if (tokens.length > mostTokens) tokens = tokens.slice(-mostTokens);
    changed();
  });
  on('chat.finished', ({ message }) => {
    if (message.id !== answerId) return;
    figures = message.figures;
    changed();
  });
}

function begin(id: string): void {
  answerId = id;
  tokens = [];
  prefill = undefined;
  figures = undefined;
}

/** Nothing is made of what came while nobody looks. */
function changed(): void {
  if (scheduled || listeners.size === 0) return;
  scheduled = true;
  requestAnimationFrame(() => {
    scheduled = false;
    current = snapshot();
    for (const listener of listeners) listener();
  });
}

function snapshot(): Run | undefined {
  if (answerId === undefined) return undefined;
  return {
    answerId,
    tokens: tokens.slice(),
    ...(prefill === undefined ? {} : { prefill }),
    ...(figures === undefined ? {} : { figures }),
  };
}

export function subscribeToRun(listener: () => void): () => void {
  if (listeners.size === 0) current = snapshot();
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export function currentRun(): Run | undefined {
  return current;
}
