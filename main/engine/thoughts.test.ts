import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { splitThought, startsLikeThought } from '../../preload/contract/values.ts';
import { ChatTemplate } from './chat-template.ts';
import { renderMessages } from './prompt.ts';
import { opensThought, thoughtDecoder } from './thoughts.ts';
import { huggingFaceTokenizer } from './tokenizer/huggingface.ts';
import { tokenizerJsonSchema } from './tokenizer/tokenizer-json.ts';
import type { Tokenizer } from './tokenizer/tokenizer.ts';

const { bases } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../e2e/fixtures/tokenizers/added-tokens.json'), 'utf8'),
) as { readonly bases: Readonly<Record<string, object>> };
const withTokens = (special: boolean, ...contents: readonly string[]): Tokenizer =>
  huggingFaceTokenizer(
    tokenizerJsonSchema.parse({
      ...bases['bytes'],
      added_tokens: contents.map((content) => ({ content, special, normalized: false })),
    }),
    undefined,
  );

function decoded(tokenizer: Tokenizer, text: string, open = false): string {
  const decoder = thoughtDecoder(tokenizer, tokenizer.decoder(), open);
  return (
    tokenizer
      .encode(text, { specialTokens: true })
      .map((id) => decoder.push(id))
      .join('') + decoder.flush()
  );
}

describe('an answer is cut into thought and answer', () => {
  test.each([
    ['It is 4.', { answer: 'It is 4.', open: false }],
    ['<think>\nhm\n</think>\n\nIt is 4.', { thought: 'hm', answer: 'It is 4.', open: false }],
    ['\n[THINK]hm[/THINK]It', { thought: 'hm', answer: 'It', open: false }],
    ['<think>\nhm', { thought: 'hm', answer: '', open: true }],
    ['Write <think> first', { answer: 'Write <think> first', open: false }],
    ['', { answer: '', open: false }],
  ])('%j', (text, wanted) => {
    expect(splitThought(text)).toEqual(wanted);
  });

  test('an answer that has only begun may still be a thought', () => {
    expect(['', '\n', '<', '<thin', '[TH'].map(startsLikeThought)).toEqual([true, true, true, true, true]);
    expect(['It', '<b', '<think>x'].map(startsLikeThought)).toEqual([false, false, false]);
  });
});

describe('marks of a thought are text in an answer', () => {
  const thought = '<think>hm</think>It is 4.';

  test.each([
    ['that are not tokens', withTokens(true)],
    ['that are tokens', withTokens(false, '<think>', '</think>')],
    ['that are special tokens', withTokens(true, '<think>', '</think>')],
  ])('%s', (_, tokenizer) => {
    expect(decoded(tokenizer, thought)).toBe(thought);
  });

  test('other special tokens have no text', () => {
    expect(decoded(withTokens(true, '<think>', '<|x|>'), '<think><|x|>a')).toBe('<think>a');
  });

  test('a thought that began in the prompt gets its opening mark', () => {
    expect(['<|im_start|>assistant\n<think>\n', '<think>'].map(opensThought)).toEqual([true, true]);
    expect(['<think>\n\n</think>\n\n', 'assistant\n', '<think> hm'].map(opensThought)).toEqual([false, false, false]);
    expect(splitThought(decoded(withTokens(true), 'hm</think>It', true))).toMatchObject({
      thought: 'hm',
      answer: 'It',
    });
  });

  test('Harmony’s channels: analysis is the thought, final the answer', () => {
    const harmony = withTokens(true, '<|channel|>', '<|message|>', '<|start|>', '<|end|>');
    const text = '<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>It is 4.';
    expect(splitThought(decoded(harmony, text))).toEqual({ thought: 'hm', answer: 'It is 4.', open: false });
  });
});

test.each([
  ['no tokens', withTokens(true)],
  ['tokens', withTokens(false, '<think>', '</think>')],
  ['special tokens', withTokens(true, '<think>', '</think>')],
])('a template that leaves earlier thoughts out sees their marks where they are %s', (_, tokenizer) => {
  const template = new ChatTemplate(
    "{% for m in messages %}{{ m.content.split('</think>')[-1].lstrip('\\n') }}|{% endfor %}",
  );
  const messages = [
    { role: 'user', content: '2 + 2?' },
    { role: 'assistant', content: '<think>\n2+2 is 4\n</think>\n\nIt is 4.' },
    { role: 'user', content: '</think>And 3?' },
  ] as const;
  const encoder = { tokenizer, template, templateTokens: {}, bosIds: [], vocabSize: tokenizer.vocabSize };
  const text = renderMessages(encoder, template, messages).map((part) => (part.kind === 'text' ? part.text : '?'));
  expect(text.join('')).toBe('2 + 2?|It is 4.|</think>And 3?|');
});
