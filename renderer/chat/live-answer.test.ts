import { describe, expect, it } from 'vitest';
import { LiveAnswer } from './live-answer.ts';

function withFrames(): { readonly answer: LiveAnswer; readonly frame: () => void; readonly frames: () => number } {
  let pending: (() => void)[] = [];
  let asked = 0;
  const answer = new LiveAnswer((flush) => {
    asked++;
    pending.push(flush);
  });
  const frame = (): void => {
    const due = pending;
    pending = [];
    for (const flush of due) flush();
  };
  return { answer, frame, frames: () => asked };
}

const step = { text: 'a', stepUs: 1000, samplingUs: 10 };

describe('an answer in progress', () => {
  it('shows new text once per frame, in order', () => {
    const { answer, frame, frames } = withFrames();
    let shown = 0;
    answer.subscribe(() => shown++);
    for (let index = 0; index < 500; index++) answer.append(`${index} `, [step]);
    expect(answer.snapshot().blocks).toEqual([]);
    frame();
    expect({ frames: frames(), shown }).toEqual({ frames: 1, shown: 1 });
    expect(answer.snapshot()).toMatchObject({ tokens: 500, rate: 1000 });
    expect(answer.snapshot().blocks).toEqual([
      { kind: 'text', text: Array.from({ length: 500 }, (_, index) => `${index} `).join('') },
    ]);
  });

  it('keeps finished blocks identical, so React does not draw them again', () => {
    const { answer, frame } = withFrames();
    answer.append('One.\n\nTwo');
    frame();
    const [first] = answer.snapshot().blocks;
    answer.append(' more.\n\nThree');
    frame();
    answer.append('.');
    frame();
    expect(answer.snapshot().blocks).toHaveLength(3);
    expect(answer.snapshot().blocks[0]).toEqual(first);
  });

  it('ignores text that it already has', () => {
    const { answer, frame } = withFrames();
    answer.append('One two');
    answer.append('two three', [step], 4);
    frame();
    expect(answer.snapshot().blocks).toEqual([{ kind: 'text', text: 'One two three' }]);
  });

  it('gives no rate before there are enough steps', () => {
    const { answer, frame } = withFrames();
    answer.append('a', [step]);
    frame();
    expect(answer.snapshot()).not.toHaveProperty('rate');
  });
});

describe('a thought in progress', () => {
  const thinking = { ...step, text: '', thought: 'hm' };

  it('grows apart from the answer, with its tokens and their time', () => {
    const { answer, frame } = withFrames();
    answer.append('', [thinking, thinking], 0, { offset: 0, text: 'hmhm' });
    frame();
    expect(answer.snapshot()).toMatchObject({
      thinking: true,
      thought: { text: 'hmhm', tokens: 2, ms: 2 },
      blocks: [],
    });
    answer.append('It', [{ ...step, text: 'It' }], 0);
    frame();
    expect(answer.snapshot()).toMatchObject({
      thinking: false,
      thought: { text: 'hmhm', tokens: 2, ms: 2 },
      tokens: 3,
    });
  });

  it('goes on after the part that was written before, and ignores text that it already has', () => {
    const { answer, frame } = withFrames();
    answer.begin({ text: '', thought: { text: 'hm', tokens: 5, ms: 40 } });
    answer.append('', [thinking], 0, { offset: 1, text: 'm and' });
    frame();
    expect(answer.snapshot()).toMatchObject({ thinking: true, thought: { text: 'hm and', tokens: 6, ms: 41 } });
  });
});
