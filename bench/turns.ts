/** Compares the time to first token of a chat's tenth turn with that of its first: the cost of the history. */
import type { Engine } from '../main/engine/engine.ts';
import type { ChatMessage } from '../main/engine/protocol.ts';
import { median, type Figure } from './figure.ts';

const turns = 10;
const chats = 5;
const answerTokens = 24;
const greedy = { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 };

/** Messages of equal length, so that the turns differ only in their history. */
const questions = Array.from(
  { length: turns },
  (_, index) => `Tell me one short thing about the number ${index + 10}.`,
);

export async function turnsFigure(engine: Engine): Promise<Figure> {
  const times = questions.map((): number[] => []);
  for (let chat = -1; chat < chats; chat++) {
    const messages: ChatMessage[] = [];
    for (const [turn, question] of questions.entries()) {
      messages.push({ role: 'user', content: question });
      const input = { prompt: { kind: 'messages', messages }, sampling: greedy, maxTokens: answerTokens } as const;
      // Unload the cache, so that a chat's first turn does not find the previous chat.
      for await (const event of engine.generate(input, { fromEmptyCache: turn === 0 })) {
        if (event.type !== 'done') continue;
        const { timeToFirstTokenUs } = event.statistics;
        if (chat >= 0 && timeToFirstTokenUs !== undefined) times[turn]?.push(timeToFirstTokenUs);
        messages.push({ role: 'assistant', content: event.text });
      }
    }
  }
  const first = median(times[0] ?? []);
  const last = median(times[turns - 1] ?? []);
  return {
    name: `time to first token: turn ${turns} / turn 1`,
    value: last / first,
    unit: '×',
    target: { atMost: 1.2 },
    detail: `${(last / 1000).toFixed(0)} and ${(first / 1000).toFixed(0)} ms`,
  };
}
