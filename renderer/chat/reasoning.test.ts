import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainText } from './plain-text.ts';
import { ReasoningSplit, separateReasoning } from './reasoning.ts';

describe('reasoning before an answer', () => {
  const text = '<think>\nFirst, I *add*.\n\n- two\n</think>\n\nIt is 4.';

  it('is separated from the answer', () => {
    expect(separateReasoning(text)).toEqual({ thought: 'First, I *add*.\n\n- two', answer: 'It is 4.' });
  });

  it('is not part of a copy', () => {
    expect(plainText(text)).toBe('It is 4.');
  });

  it.each([
    ['an answer without it', 'It is 4.', undefined, 'It is 4.'],
    ['an answer that mentions the tag', 'Use `<think>` here.', undefined, 'Use `<think>` here.'],
    ['another tag', '<thing>\nx', undefined, '<thing>\nx'],
    ['half a tag', ' <thi', undefined, ' <thi'],
    ['reasoning that was stopped', '<think>Still', 'Still', ''],
    ['empty reasoning', '<think>\n\n</think>\n\nYes.', '', 'Yes.'],
    ['white space before it', '\n<think>a</think>b', 'a', 'b'],
    ['a second tag', '<think>a</think>b </think>', 'a', 'b </think>'],
  ])('%s', (_what, source, thought, answer) => {
    expect(separateReasoning(source)).toEqual({ thought, answer });
  });

  it('is the same however it arrives, and nothing moves between the two', () => {
    const pieces = fc.array(fc.constantFrom('<', 'think', '>', '/', 'x', ' ', '\n', '<think>', '</think>'));
    fc.assert(
      fc.property(pieces, (parts) => {
        const split = new ReasoningSplit();
        let answer = '';
        let thought = '';
        for (const part of parts) {
          answer += split.append(part);
          const now = split.thought ?? '';
          expect(now.startsWith(thought.replace(/<\/?[a-z]*$/, '').trim())).toBe(true);
          thought = now;
        }
        const whole = separateReasoning(parts.join(''));
        expect(split.thought).toBe(whole.thought);
        expect((answer + split.end()).trim()).toBe(whole.answer.trim());
      }),
    );
  });
});
