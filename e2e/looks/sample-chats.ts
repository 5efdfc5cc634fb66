/** Chats with everything that a screen can show, the same each time, with made-up words, figures and times. */
import { openStore } from '../../main/store/store.ts';
import type { AnswerFigures, LiveToken, Message, Run } from '../../preload/contract.ts';

const minute = 60_000;

const answer = `Tides follow the **Moon**, and a little the Sun. The pull falls with the cube of the distance:

$$F = \\frac{2 G M m r}{d^3}$$

| Sea | Range | Why |
| --- | ---: | --- |
| North Sea | 4 m | shallow, wide open to the Atlantic |
| Baltic Sea | 0.2 m | nearly closed |

1. Twice a day the water comes and goes.
2. At \`new moon\` it comes higher.

> Time and tide wait for no one.

\`\`\`python
def tide(hours: float) -> str:
    """High or low, roughly."""
    return "high" if hours % 12.4 < 6.2 else "low"
\`\`\``;

/** Milliseconds per token, like a laptop’s, with an occasional slow token. */
const stepMs = (index: number): number => 32 + ((index * 37) % 11) + (index % 23 === 7 ? 24 : 0);

/** @param from Tokens before these in the run */
function tokensOf(text: string, from = 0): LiveToken[] {
  const pieces = text.match(/\s*\S{1,6}|\s+$/g) ?? [];
  return pieces.map((piece, index) => {
    const stepUs = 1000 * stepMs(index);
    return {
      text: piece,
      stepUs,
      acceleratorUs: stepUs * 0.81,
      backendUs: stepUs * 0.93,
      samplingUs: 420,
      hvxThreads: 4,
      ...(from + index === 0 ? { timeToFirstTokenUs: 486_000 } : {}),
    };
  });
}

const place = { model: 'Sample, not measured', backend: 'HTP (emulator)', contextLength: 4096 } as const;
const prefill = {
  promptTokens: 214,
  reusedTokens: 86,
  prefillUs: 486_000,
  chunks: [{ tokens: 128, wallUs: 486_000, acceleratorUs: 441_000, backendUs: 470_000 }],
  residentBytes: 1_420_000_000,
} as const;

function figuresOf(tokens: readonly LiveToken[]): AnswerFigures {
  return {
    model: place.model,
    backend: place.backend,
    promptTokens: prefill.promptTokens,
    reusedTokens: prefill.reusedTokens,
    generatedTokens: tokens.length,
    timeToFirstTokenUs: 486_000,
    prefillRate: 263,
    decodeRate: 26.4,
    stepUs: { p50: 37_000, p95: 61_000, p99: 66_000 },
    hvxThreads: 4,
    residentBytes: prefill.residentBytes,
    contextUsed: 214 + tokens.length,
    contextLength: place.contextLength,
    reason: 'stop',
  };
}

/** @param path The store's file; it must be missing or hold no chats. @param now Unix time, ms */
export function storeSampleChats(path: string, now: number): void {
  const store = openStore(path);
  store.transaction(() => {
    const older = ['Bread for beginners', 'Names for a dragon', 'Regular expressions', 'A letter to the landlord'];
    for (const [index, title] of older.entries()) {
      const id = `older${index}`;
      store.conversations.create(id, now - (older.length - index) * minute);
      store.conversations.rename(id, title);
      store.tree.append(id, say(`${id}q`, 'user', title, now));
      if (index === 1) store.conversations.pin(id, true);
    }
    const tokens = tokensOf(answer);
    const run: Run = { messageId: 'answer', ...place, prefill, tokens };
    store.conversations.create('tides', now);
    store.conversations.rename('tides', 'What are tides?');
    store.tree.append('tides', say('question', 'user', 'What are tides, and how high do they get?', now));
    store.tree.append('tides', { ...say('answer', 'assistant', answer, now), figures: figuresOf(tokens) });
    store.runs.put(run);
  });
  store.close();
}

const thought = `The harbour has a light on each pier, one at the entrance and four along the quay.

Two and one and four: that is seven. The moon is not a lantern, although the fishermen call it the eighth.

- Piers: 2
- Entrance: 1
- Quay: 4`;

/** A chat whose answer has a thought. @param path The store's file; it must be missing. @param now Unix time, ms */
export function storeThoughtChat(path: string, now: number): void {
  const store = openStore(path);
  const text = 'Seven lanterns hang above the harbour, and the eighth one is the moon.';
  const thoughts = tokensOf(thought).map(({ text: piece, ...token }) => ({ ...token, text: '', thought: piece }));
  const tokens = [...thoughts, ...tokensOf(text, thoughts.length)];
  store.transaction(() => {
    store.conversations.create('lights', now);
    store.conversations.rename('lights', 'Harbour lights');
    store.tree.append('lights', say('question', 'user', 'How many lanterns hang above the harbour?', now));
    store.tree.append('lights', {
      ...say('answer', 'assistant', text, now),
      thought: { text: thought, tokens: thoughts.length, ms: 2340 },
      figures: figuresOf(tokens),
    });
    store.runs.put({ messageId: 'answer', ...place, prefill, tokens });
  });
  store.close();
}

function say(id: string, role: Message['role'], text: string, createdAt: number): Message {
  return { id, role, text, state: 'complete', createdAt };
}
