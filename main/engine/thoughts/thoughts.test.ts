import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ChatTemplate } from '../chat-template.ts';
import { encodePrompt, renderMessages, type PromptEncoder } from '../prompt.ts';
import type { ChatMessage } from '../protocol.ts';
import * as templates from '../testing/thinking-templates.ts';
import { huggingFaceTokenizer } from '../tokenizer/huggingface.ts';
import { tokenizerJsonSchema } from '../tokenizer/tokenizer-json.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { opensThought, thoughtForm, type ThoughtForm } from './form.ts';
import { ThoughtReader, type Start } from './reader.ts';
import { thinkingSwitch } from './switch.ts';

const { bases } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../e2e/fixtures/tokenizers/added-tokens.json'), 'utf8'),
) as { readonly bases: Readonly<Record<string, object>> };

const channels = ['<|channel|>', '<|message|>', '<|start|>', '<|end|>', '<|return|>'];

function withTokens(special: boolean, ...contents: readonly string[]): Tokenizer {
  const added_tokens = contents.map((content) => ({ content, special, normalized: false }));
  return huggingFaceTokenizer(tokenizerJsonSchema.parse({ ...bases['bytes'], added_tokens }), undefined);
}

function formOf(tokenizer: Tokenizer, template?: string): ThoughtForm {
  const control = new Set(tokenizer.controlLiterals.map(({ content }) => content));
  return thoughtForm(template === undefined ? undefined : new ChatTemplate(template), {}, control);
}

interface Read {
  readonly thought?: string;
  readonly text: string;
  readonly ended?: boolean;
}

/** Reads a text as an answer, token by token. */
function read(tokenizer: Tokenizer, text: string, start: Start = 'beginning', form = formOf(tokenizer)): Read {
  const reader = new ThoughtReader(form, tokenizer, tokenizer.decoder(), start);
  const pieces = tokenizer.encode(text, { specialTokens: true }).map((id) => reader.push(id));
  const all = [...pieces, reader.flush()];
  const thoughts = all.flatMap(({ thought }) => thought ?? []);
  return {
    text: all.map((piece) => piece.text).join(''),
    ...(thoughts.join('') === '' ? {} : { thought: thoughts.join('') }),
    ...(all.some(({ ended }) => ended) ? { ended: true } : {}),
  };
}

describe('an answer is read as thought and answer', () => {
  const written = '<think>\nFirst, I *add*.\n\n- two\n</think>\n\nIt is 4.';
  test.each([
    ['are no tokens', withTokens(true)],
    ['are tokens', withTokens(false, '<think>', '</think>')],
    ['are special tokens', withTokens(true, '<think>', '</think>')],
  ])('where the marks %s', (_, tokenizer) => {
    expect(read(tokenizer, written)).toEqual({ thought: 'First, I *add*.\n\n- two', text: 'It is 4.' });
  });

  const tokenizer = withTokens(true);
  test.each<[string, string, Read]>([
    ['without a thought', 'It is 4.', { text: 'It is 4.' }],
    ['that mentions a mark', 'Write <think> first', { text: 'Write <think> first' }],
    ['that mentions a mark after its thought', '<think>a</think>b </think>', { thought: 'a', text: 'b </think>' }],
    ['with other marks', '\n[THINK]hm[/THINK]It', { thought: 'hm', text: 'It' }],
    ['that begins like a mark', '<b>x', { text: '<b>x' }],
    ['that is only the beginning of a mark', '<thi', { text: '<thi' }],
    ['that ended in its thought', '<think>\nStill <', { thought: 'Still <', text: '' }],
    ['with an empty thought', '<think>\n\n</think>\n\nYes.', { text: 'Yes.' }],
    ['that keeps its own white space', '  It', { text: '  It' }],
  ])('%s', (_, text, wanted) => {
    expect(read(tokenizer, text)).toEqual(wanted);
  });

  test('that began its thought in the prompt', () => {
    expect(read(tokenizer, 'hm\n</think>\n\nIt', 'thought')).toEqual({ thought: 'hm', text: 'It' });
  });

  test('only with the marks that the template names', () => {
    const form = formOf(tokenizer, templates.qwen3);
    expect(read(tokenizer, '<thinking>x</thinking>', 'beginning', form)).toEqual({ text: '<thinking>x</thinking>' });
  });

  test('in any pieces, and no text is shown twice or taken back', () => {
    const pieces = fc.array(fc.constantFrom('<', 'think', '>', '/', 'x', ' ', '\n', '<think>', '</think>'));
    fc.assert(
      fc.property(pieces, (parts) => {
        const text = parts.join('');
        const { thought = '', text: answer } = read(tokenizer, text);
        const begun = text.trimStart();
        if (!begun.startsWith('<think>')) {
          expect({ thought, answer }).toEqual({ thought: '', answer: text });
          return;
        }
        const [first = '', ...rest] = begun.slice('<think>'.length).split('</think>');
        expect({ thought, answer }).toEqual({ thought: first.trim(), answer: rest.join('</think>').trimStart() });
      }),
    );
  });
});

describe('channels of Harmony', () => {
  const tokenizer = withTokens(true, ...channels);
  const analysis = '<|channel|>analysis<|message|>hm<|end|>';

  test('analysis is the thought, final the answer', () => {
    expect(read(tokenizer, `${analysis}<|start|>assistant<|channel|>final<|message|>It is 4.`)).toEqual({
      thought: 'hm',
      text: 'It is 4.',
    });
  });

  test('several messages of analysis and commentary are one thought', () => {
    const commentary = '<|start|>assistant<|channel|>commentary<|message|>then<|end|>';
    expect(read(tokenizer, analysis + commentary)).toEqual({ thought: 'hm\n\nthen', text: '' });
  });

  test('<|end|> ends a channel, and only after final the answer', () => {
    expect(read(tokenizer, analysis).ended).toBeUndefined();
    expect(read(tokenizer, '<|channel|>final<|message|>It<|end|>')).toEqual({ text: 'It', ended: true });
  });

  test('a prompt that opens the channel begins inside the thought', () => {
    const form = formOf(tokenizer, templates.harmony);
    expect(opensThought(form, '<|start|>assistant<|channel|>analysis<|message|>')).toBe(true);
    expect(read(tokenizer, 'hm<|end|>', 'thought')).toEqual({ thought: 'hm', text: '' });
  });
});

describe('the form that a template writes', () => {
  const plain = withTokens(true);
  test.each([
    ['Qwen 3', templates.qwen3, '<think>\n', '\n</think>\n\n'],
    ['DeepSeek-R1, distilled', templates.deepSeek, '<think>\n', '\n</think>\n\n'],
    ['SmolLM3', templates.smolLm3, '<think>\n', '\n</think>\n'],
    ['a switch by a word', templates.flagged, '<think>\n', '\n</think>\n\n'],
  ])('%s', (_, template, opening, closing) => {
    expect(formOf(plain, template)).toMatchObject({ opening, closing });
  });

  test('a budget closes the thought with it', () => {
    const form = formOf(plain, templates.qwen3);
    const closedAfter = (text: string, start: Start = 'beginning'): string => {
      const reader = new ThoughtReader(form, plain, plain.decoder(), start);
      for (const id of plain.encode(text, { specialTokens: true })) reader.push(id);
      expect(reader.thinking).toBe(true);
      const { closing } = reader;
      reader.close();
      expect(reader.thinking).toBe(false);
      return closing;
    };
    expect(closedAfter('<think>\nhm')).toBe('\n</think>\n\n');
    expect(closedAfter('<think>\nhm\n')).toBe('</think>\n\n');
    expect(closedAfter('<think>')).toBe('\n\n</think>\n\n');
    expect(closedAfter('hm', 'thought')).toBe('\n</think>\n\n');
  });
});

describe('the switch of a template', () => {
  test.each([
    ['Qwen 3', templates.qwen3, { kind: 'variable', usual: 'on' }],
    ['SmolLM3', templates.smolLm3, { kind: 'variable', usual: 'on' }],
    ['a word in the system prompt', templates.flagged, { kind: 'word', usual: 'on' }],
    ['none', templates.deepSeek, undefined],
    [
      'a variable that is off by itself',
      '{{ messages[0].content }}{% if thinking %}<think>{% endif %}',
      { kind: 'variable', usual: 'off' },
    ],
    ['a variable that the template mentions only', '{# enable_thinking #}{{ messages[0].content }}', undefined],
  ])('%s', (_, template, wanted) => {
    expect(thinkingSwitch(new ChatTemplate(template), {})).toEqual(wanted);
  });

  const hi: readonly ChatMessage[] = [{ role: 'user', content: 'Hi' }];
  test('off makes the prompt without a thought', () => {
    const prompt = (template: string): string => new ChatTemplate(template).render(hi, {}, { thinking: false });
    expect(prompt(templates.qwen3)).toMatch(/assistant\n<think>\n\n<\/think>\n\n$/);
    expect(prompt(templates.smolLm3)).toContain('Reasoning Mode: /no_think');
    expect(prompt(templates.flagged)).toBe(
      '<|im_start|>system\n<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n<think></think>',
    );
  });
});

describe('thoughts in a prompt', () => {
  const plain = withTokens(true, ...channels, '<|im_end|>');
  const encoder = (template: string, tokenizer = plain): PromptEncoder & { template: ChatTemplate } => ({
    tokenizer,
    template: new ChatTemplate(template),
    templateTokens: {},
    thoughts: formOf(template === templates.harmony ? tokenizer : withTokens(true), template),
    bosIds: [],
    vocabSize: tokenizer.vocabSize,
  });
  const prompt = (template: string, messages: readonly ChatMessage[], continueLast = false): string => {
    const made = encoder(template);
    const ids = encodePrompt(made, { kind: 'messages', messages, continueLast });
    const decoder = plain.decoder();
    const control = new Map(plain.controlLiterals.map(({ content }) => [plain.tokenId(content), content]));
    return ids.map((id) => decoder.push(id) + (control.get(id) ?? '')).join('');
  };
  const turn: readonly ChatMessage[] = [
    { role: 'user', content: '2 + 2?' },
    { role: 'assistant', content: 'It is 4.', thought: 'two and two' },
  ];
  const next: ChatMessage = { role: 'user', content: '</think>And 3?' };

  test.each(['qwen3', 'deepSeek', 'smolLm3', 'flagged', 'harmony'] as const)(
    '%s: an earlier thought is left out, and marks in messages are text',
    (name) => {
      const text = prompt(templates[name], [...turn, next]);
      expect(text).not.toContain('two and two');
      expect(text).toContain('It is 4.');
      expect(text).toContain('</think>And 3?');
    },
  );

  test('a file may give an answer with its thought inside', () => {
    const inside: ChatMessage = { role: 'assistant', content: '<think>\ntwo and two\n</think>\n\nIt is 4.' };
    expect(prompt(templates.qwen3, [turn[0]!, inside, next])).toBe(prompt(templates.qwen3, [...turn, next]));
  });

  test('an answer that mentions a mark keeps all its text', () => {
    const answer: ChatMessage = { role: 'assistant', content: 'Write </think> after it.' };
    expect(prompt(templates.deepSeek, [turn[0]!, answer, next])).toContain('Write </think> after it.');
  });

  test.each([
    ['qwen3', '<|im_start|>assistant\n<think>\ntwo'],
    ['deepSeek', '<｜Assistant｜><think>\ntwo'],
    ['harmony', '<|start|>assistant<|channel|>analysis<|message|>two'],
  ] as const)('%s: a stopped thought goes on where it ended', (name, end) => {
    const stopped: ChatMessage = { role: 'assistant', content: '', thought: 'two' };
    expect(prompt(templates[name], [turn[0]!, stopped], true).endsWith(end)).toBe(true);
  });

  test.each([
    ['qwen3', '<think>\ntwo and two\n</think>\n\nIt is 4.'],
    ['deepSeek', '<｜Assistant｜><think>\ntwo and two\n</think>\n\nIt is 4.'],
    [
      'harmony',
      '<|channel|>analysis<|message|>two and two<|end|><|start|>assistant<|channel|>final<|message|>It is 4.',
    ],
  ] as const)('%s: an answer goes on behind its thought', (name, end) => {
    expect(prompt(templates[name], turn, true).endsWith(end)).toBe(true);
  });

  test('an answer without a thought goes on outside of the thought that the prompt opened', () => {
    const answer: ChatMessage = { role: 'assistant', content: 'It is' };
    expect(prompt(templates.deepSeek, [turn[0]!, answer], true)).toMatch(/<think>\n\n<\/think>\n\nIt is$/);
  });

  test.each([
    ['no tokens', withTokens(true), []],
    ['tokens', withTokens(false, '<think>', '</think>'), ['<think>', '</think>']],
    ['special tokens', withTokens(true, '<think>', '</think>'), ['<think>', '</think>']],
  ])('marks that the template writes are %s as in the tokenizer', (_, tokenizer, wanted) => {
    const made = encoder(templates.qwen3, tokenizer);
    const sections = renderMessages(made, made.template, { messages: [turn[0]!], thinking: false });
    const ids = sections.flatMap((section) => (section.kind === 'token' ? [tokenizer.literal(section.id)] : []));
    expect(ids).toEqual(wanted);
  });
});
