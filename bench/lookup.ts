/** Measures prompt lookup: the decode speed of editing prompts with it and without, in turns. The texts must be the same. */
import type { Engine } from '../main/engine/engine.ts';
import type { StepOptions } from '../native/index.d.ts';
import type { Figure } from './figure.ts';

const rounds = 5;
const answerTokens = 160;
const greedy = { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 };

const story =
  'The harbour was quiet when the first boats came in. Two men carried crates of herring up the steps while a woman ' +
  'counted them aloud and wrote the numbers on a slate. Behind the church the road climbs for an hour through beech ' +
  'woods, and from the top one sees both the lake and the old railway bridge, which nobody has crossed since 1962.';
const letter =
  'Dear Ms. Keller,\n\nthank you for your letter of 3 March. We have recieved the three chairs and the lamp, but the ' +
  'table is still missing. Could you please tell us when it will arive? Our address has not changed: 12 Mill Lane, ' +
  'Ashford. We will pay the bill as soon as the table is here.\n\nKind regards,\nTom Baker';
const minutes =
  'The meeting began at nine. Anna reported that the new printer had arrived and that it works. Ben asked for a second ' +
  'monitor. Clara said that the budget for this year is spent. The group decided to buy the monitor in January. The ' +
  'next meeting is on 14 May at ten in room 4.';
const code =
  'function total(items) {\n  let sum = 0;\n  for (const item of items) {\n    if (item.count > 0) {\n      sum += ' +
  'item.price * item.count;\n    }\n  }\n  return sum;\n}\n\nfunction average(items) {\n  if (items.length === 0) {\n    ' +
  'return 0;\n  }\n  return total(items) / items.length;\n}';
const python =
  'def read_names(path):\n    names = []\n    with open(path) as file:\n        for line in file:\n            name = ' +
  'line.strip()\n            if name:\n                names.append(name)\n    return names\n\ndef count_names(path):\n' +
  '    return len(read_names(path))';
const table =
  'name,city,age\nAnna,Berlin,31\nBen,Paris,28\nClara,Rome,45\nDavid,Madrid,39\nEva,Vienna,52\nFrank,Oslo,24';

const prompts = [
  `Correct the spelling in this letter and repeat the whole letter:\n\n${letter}`,
  `Repeat this text and replace "herring" with "salmon":\n\n${story}`,
  `Write this text again with each sentence on a line of its own:\n\n${story}`,
  `Write the minutes of this meeting again as a list:\n\n${minutes}`,
  `Summarise this text with its own words in three sentences:\n\n${minutes}`,
  `Repeat this code and rename "sum" to "result":\n\n${code}`,
  `Add a comment above each function of this code and repeat the code:\n\n${code}`,
  `Repeat this Python code with type annotations:\n\n${python}`,
  `Write this CSV table again without the column "age":\n\n${table}`,
  `Write this CSV table as a Markdown table:\n\n${table}`,
];

interface Run {
  readonly text: string;
  readonly tokens: number;
  readonly accepted: number;
  /** Of the tokens after the first. */
  readonly us: number;
}

export async function lookupFigures(engine: Engine): Promise<readonly Figure[]> {
  const ratios: number[] = [];
  const sum = { off: 0, measured: 0, tokens: 0, accepted: 0 };
  for (const content of prompts) {
    const best = { off: Infinity, measured: Infinity };
    for (let round = 0; round < rounds; round++) {
      const plain = await answer(engine, content, 'off');
      const looking = await answer(engine, content, 'measured');
      if (plain.text !== looking.text)
        throw new Error(`Prompt lookup changed the answer to “${content.slice(0, 60)}…”.`);
      best.off = Math.min(best.off, plain.us);
      best.measured = Math.min(best.measured, looking.us);
      if (round > 0) continue;
      sum.tokens += looking.tokens;
      sum.accepted += looking.accepted;
    }
    ratios.push(best.off / best.measured);
    sum.off += best.off;
    sum.measured += best.measured;
  }
  const shown = ratios.map((ratio) => ratio.toFixed(2)).join(', ');
  const rate = (us: number): string => ((sum.tokens / us) * 1e6).toFixed(0);
  return [
    {
      name: 'decode with prompt lookup / without, edits',
      value: sum.off / sum.measured,
      unit: '×',
      target: { atLeast: 1.5 },
      detail: `${rate(sum.measured)} and ${rate(sum.off)} tokens/s; ${sum.accepted} of ${sum.tokens} tokens accepted; by prompt ${shown}; the faster of ${rounds} turns each`,
    },
  ];
}

async function answer(
  engine: Engine,
  content: string,
  promptLookup: NonNullable<StepOptions['promptLookup']>,
): Promise<Run> {
  const input = {
    prompt: { kind: 'messages', messages: [{ role: 'user', content }] },
    sampling: greedy,
    maxTokens: answerTokens,
  } as const;
  let us = 0;
  for await (const event of engine.generate(input, { promptLookup })) {
    if (event.type === 'token' && event.token.timeToFirstTokenUs === undefined) us += event.token.stepUs;
    if (event.type !== 'done') continue;
    const { generatedTokens, acceptedTokens = 0 } = event.statistics;
    return { text: event.text, tokens: generatedTokens, accepted: acceptedTokens, us };
  }
  throw new Error('The answer has no end.');
}
