/** Compares each family with the output of `transformers` for the same chats, from `python -m export template_goldens`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ChatTemplate } from '../chat-template.ts';
import { templateFamilies } from '../../../preload/contract/values.ts';
import { chooseTemplate, type TemplateSources } from './choose.ts';
import { families, familyOf, recognise } from './families.ts';

const goldens = z
  .object({
    chats: z.record(
      z.string(),
      z.array(z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() })),
    ),
    families: z.record(
      z.string(),
      z.object({ bos: z.string(), eos: z.string(), prompts: z.record(z.string(), z.string()) }),
    ),
  })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, 'goldens.json'), 'utf8')));

describe.each(families)('$name', ({ id, template }) => {
  const golden = goldens.families[id];
  test.each(Object.entries(goldens.chats))('%s', (name, messages) => {
    const tokens = { bos_token: golden?.bos ?? '', eos_token: golden?.eos ?? '', unk_token: '', pad_token: '' };
    expect(new ChatTemplate(template).render(messages, tokens)).toBe(golden?.prompts[name]);
  });
});

test('the protocol and the goldens have the same families', () => {
  expect(families.map(({ id }) => id)).toEqual([...templateFamilies]);
  expect(Object.keys(goldens.families)).toEqual([...templateFamilies]);
});

/** The control tokens of these models' tokenizers. */
const tokenizers: Readonly<Record<string, readonly string[]>> = {
  'SmolLM2 135M': ['<|endoftext|>', '<|im_start|>', '<|im_end|>', '<repo_name>', '<file_sep>'],
  'Llama 3.2': [
    ...['<|begin_of_text|>', '<|end_of_text|>', '<|start_header_id|>', '<|end_header_id|>'],
    ...['<|eom_id|>', '<|eot_id|>', '<|python_tag|>'],
  ],
  'Qwen 3': [
    '<|endoftext|>',
    '<|im_start|>',
    '<|im_end|>',
    '<|object_ref_start|>',
    '<|vision_start|>',
    '<|fim_prefix|>',
  ],
  'Gemma 3': ['<bos>', '<eos>', '<start_of_turn>', '<end_of_turn>', '<start_of_image>'],
  'Phi 3 mini': ['<s>', '<|endoftext|>', '<|assistant|>', '<|system|>', '<|end|>', '<|user|>', '<|placeholder1|>'],
  'Phi 4': ['<|endoftext|>', '<|fim_prefix|>', '<|im_start|>', '<|im_end|>', '<|im_sep|>'],
  'Phi 4 mini': ['<|endoftext|>', '<|assistant|>', '<|end|>', '<|user|>', '<|system|>', '<|tool|>', '<|tool_call|>'],
  'Mistral 7B v0.3': ['<s>', '</s>', '[INST]', '[/INST]', '[TOOL_CALLS]', '[AVAILABLE_TOOLS]'],
  'Mistral Small 3': ['<s>', '</s>', '[INST]', '[/INST]', '[SYSTEM_PROMPT]', '[/SYSTEM_PROMPT]'],
  'Llama 2': ['<unk>', '<s>', '</s>'],
  'GPT 2': ['<|endoftext|>'],
};

test.each([
  ['SmolLM2 135M', 'chatml'],
  ['Llama 3.2', 'llama-3'],
  ['Qwen 3', 'qwen'],
  ['Gemma 3', 'gemma'],
  ['Phi 3 mini', 'phi-3'],
  ['Phi 4', 'phi-4'],
  ['Phi 4 mini', 'phi-4-mini'],
  ['Mistral 7B v0.3', 'mistral-3'],
  ['Mistral Small 3', 'mistral-7'],
] as const)('%s is recognised by its control tokens, and by them alone', (name, family) => {
  expect(recognise(new Set(tokenizers[name])).map(({ id }) => id)).toEqual([family]);
});

test.each(['Llama 2', 'GPT 2'])('%s has no recognisable control tokens', (name) => {
  expect(recognise(new Set(tokenizers[name]))).toEqual([]);
});

describe('the template in use', () => {
  const sources = (name: string, more: Partial<TemplateSources> = {}): TemplateSources => ({
    own: undefined,
    completion: false,
    controlTokens: new Set(tokenizers[name]),
    tokens: {},
    ...more,
  });
  const ownText = '{% for m in messages %}{{ m.content }}{% endfor %}';
  const own = { source: 'file', template: new ChatTemplate(ownText) } as const;

  test('is the bundle’s own if it has one', () => {
    const chosen = chooseTemplate({ kind: 'automatic' }, sources('Llama 3.2', { own }));
    expect([chosen.info, chosen.template?.text]).toEqual([{ source: 'file' }, ownText]);
  });

  test('is none for a base model with any tokens, and for a tokenizer of no known family', () => {
    const none = { info: { source: 'none' }, endTexts: [] };
    for (const source of [sources('Llama 3.2', { completion: true }), sources('Llama 2')]) {
      const chosen = chooseTemplate({ kind: 'automatic' }, source);
      expect(chosen).toEqual({ ...none, thoughts: chosen.thoughts });
    }
  });

  test('is not guessed if the tokens fit two families', () => {
    const both = [...(tokenizers['Llama 3.2'] ?? []), ...(tokenizers['Gemma 3'] ?? [])];
    expect(chooseTemplate({ kind: 'automatic' }, sources('', { controlTokens: new Set(both) })).info).toEqual({
      source: 'none',
      candidates: ['llama-3', 'gemma'],
    });
  });

  test('is the person’s choice even if the bundle has its own', () => {
    const all = sources('Llama 3.2', { own });
    expect(chooseTemplate({ kind: 'family', family: 'gemma' }, all)).toMatchObject({
      info: { source: 'chosen', family: 'gemma' },
      template: { text: familyOf('gemma').template },
      // This tokenizer lacks the token, so its text must end the answer.
      endTexts: ['<end_of_turn>'],
    });
    expect(chooseTemplate({ kind: 'completion' }, all)).toMatchObject({ info: { source: 'completion' }, endTexts: [] });
    expect(chooseTemplate({ kind: 'own', text: 'x' }, all)).toMatchObject({
      info: { source: 'own' },
      template: { text: 'x' },
    });
    expect(() => chooseTemplate({ kind: 'own', text: '{% for' }, all)).toThrow('The chat template cannot be used');
  });
});
