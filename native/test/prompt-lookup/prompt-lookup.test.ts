/** Drafts by prompt lookup, and the decision by measured times whether they pay. */
import { describe, expect, test } from 'vitest';
import { PromptLookup } from './prompt-lookup-test-addon.ts';

const mostRows = 8;
const room = 100;

/** Drafts whatever is found after the last token. */
function found(tokens: readonly number[], limit = room): number[] {
  const lookup = new PromptLookup(mostRows);
  return [...lookup.draft(Int32Array.from(tokens.slice(0, -1)), tokens.at(-1)!, limit, 'always')];
}

describe('a draft', () => {
  test('has the tokens after the longest match', () => {
    expect(found([1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 3, 20, 21, 22, 1, 2, 3])).toEqual([4, 5, 6, 7, 8, 9, 9]);
  });

  test('has those after the latest of equal matches', () => {
    expect(found([5, 1, 1, 5, 2, 2, 5]).slice(0, 2)).toEqual([2, 2]);
  });

  test('repeats a sequence that reaches the end', () => {
    expect(found([7, 8, 9, 7, 8])).toEqual([9, 7, 8, 9, 7, 8, 9]);
    expect(found([4, 4])).toEqual([4, 4, 4, 4, 4, 4, 4]);
  });

  test('leaves no more tokens than there is room for', () => {
    expect(found([7, 8, 9, 7, 8], 2)).toEqual([9, 7]);
    expect(found([7, 8, 9, 7, 8], 0)).toEqual([]);
  });

  test('is empty without a match', () => {
    expect(found([1])).toEqual([]);
    expect(found([1, 2, 3])).toEqual([]);
  });

  test('is empty for a model that gives the logits of one token', () => {
    expect([...new PromptLookup(1).draft(Int32Array.of(1, 2), 1, room, 'always')]).toEqual([]);
  });
});

interface Played {
  readonly us: number;
  readonly steps: number;
}

/** Decodes `answer` after `prompt` as a session does, with a model that takes these times. */
function play(
  lookup: InstanceType<typeof PromptLookup>,
  prompt: readonly number[],
  answer: readonly number[],
  costUs: (rows: number) => number,
): Played {
  const tokens = [...prompt];
  let [us, steps] = [0, 0];
  for (let at = 0; at < answer.length;) {
    const draft = lookup.draft(Int32Array.from(tokens.slice(0, -1)), tokens.at(-1)!, answer.length - at, 'measured');
    const rows = 1 + draft.length;
    us += costUs(rows);
    steps++;
    lookup.measured(rows, costUs(rows));
    for (let row = 0; row < rows && at < answer.length; row++) {
      const token = answer[at++]!;
      lookup.sampled(token);
      tokens.push(token);
      if (token !== draft[row]) break;
    }
  }
  return { us, steps };
}

const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, index) => from + index);
const oneRowUs = 1000;
/** Several rows cost little more than one, as where memory is the limit. */
const flat = (rows: number): number => oneRowUs * (1 + 0.1 * (rows - 1));
/** Several rows cost more than as many steps. */
const steep = (rows: number): number => oneRowUs * (rows === 1 ? 1 : 1.3 * rows);

describe('by the measured times', () => {
  test('a copied text takes several tokens a step', () => {
    const text = range(10, 200);
    const { us } = play(new PromptLookup(mostRows), text.concat(1, 10), text.slice(1), flat);
    expect((199 * oneRowUs) / us).toBeGreaterThan(3);
  });

  test('a copied text takes a token a step where several rows cost too much', () => {
    const text = range(10, 1000);
    const { us, steps } = play(new PromptLookup(mostRows), text.concat(1, 10), text.slice(1), steep);
    expect(us / (999 * oneRowUs)).toBeLessThan(1.05);
    expect(steps).toBeGreaterThan(700);
  });

  test('a text without copies costs next to nothing, however often single tokens come again', () => {
    // Each token occurs many times, and what follows it does not depend on it.
    let state = 7;
    const noise = Array.from({ length: 2000 }, () => (state = (state * 48_271) % 2_147_483_647) % 50);
    const { us } = play(new PromptLookup(mostRows), noise.slice(0, 500), noise.slice(500), flat);
    expect(us / (1500 * oneRowUs)).toBeLessThan(1.05);
  });

  test('it finds a copied part after a long text without copies', () => {
    let state = 7;
    const noise = Array.from({ length: 1500 }, () => (state = (state * 48_271) % 2_147_483_647) % 50);
    const text = range(100, 200);
    const lookup = new PromptLookup(mostRows);
    play(lookup, noise.slice(0, 500), noise.slice(500), flat);
    expect((199 * oneRowUs) / play(lookup, text.concat(1, 100), text.slice(1), flat).us).toBeGreaterThan(3);
  });

  test('one slow step does not end it', () => {
    const text = range(10, 1000);
    let drafts = 0;
    const { us } = play(new PromptLookup(mostRows), text.concat(1, 10), text.slice(1), (rows) =>
      rows > 1 && ++drafts === 3 ? 100 * flat(rows) : flat(rows),
    );
    expect((us - 100 * flat(mostRows)) / oneRowUs).toBeLessThan(999 / 2.5);
  });

  test('it begins again after the machine was busy for a while', () => {
    const text = range(10, 1000);
    const lookup = new PromptLookup(mostRows);
    play(lookup, text.concat(1, 10), text.slice(1), steep);
    play(lookup, text.concat(1, 10), text.slice(1), flat);
    expect((999 * oneRowUs) / play(lookup, text.concat(1, 10), text.slice(1), flat).us).toBeGreaterThan(3);
  });
});
