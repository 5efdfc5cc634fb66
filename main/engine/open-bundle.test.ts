/** Reads bundles as their makers write them: tokens, stop tokens, templates and values. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { foundFile } from '../models/addition/parts.ts';
import { loadAddon } from './addon.ts';
import { Engine } from './engine.ts';
import { nativeRunners } from './native-runner.ts';
import { checkVocabulary, openBundle, promptEncoder, type OpenBundle } from './open-bundle.ts';
import { encodePrompt } from './prompt.ts';
import type { BundlePaths, ChatMessage } from './protocol.ts';
import { fixtureBundle, fixtureFolder, greedy } from './testing/bundles.ts';

const { bases } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../e2e/fixtures/tokenizers/added-tokens.json'), 'utf8'),
) as { readonly bases: Readonly<Record<string, object>> };

type Files = Readonly<Record<string, object | string>>;

/** A bundle of these files, found by their names. */
function bundleOf(files: Files, program = 'model.pte'): BundlePaths {
  const folder = mkdtempSync(join(tmpdir(), 'wyvern-files-'));
  const parts = Object.entries(files).map(([name, content]) => {
    const path = join(folder, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return [foundFile(path, true).part ?? 'manifest', path] as const;
  });
  return { tokenizer: '', ...Object.fromEntries<string>(parts), program, data: [] };
}

const token = (content: string, special = true): object => ({ content, special, normalized: false });
const tokenizerJson = (...added: readonly object[]): object => ({ ...bases['bytes'], added_tokens: added });
const opened = async (files: Files): Promise<OpenBundle> => await openBundle(await loadAddon(), bundleOf(files));
const stopTokens = ({ tokenizer, stopIds }: OpenBundle): unknown => stopIds.map((id) => tokenizer.literal(id));

function prompt(bundle: OpenBundle, messages: readonly ChatMessage[]): string {
  const facts = { vocabSize: bundle.tokenizer.vocabSize } as Parameters<typeof promptEncoder>[1];
  const ids = encodePrompt(promptEncoder(bundle, facts), { kind: 'messages', messages });
  const decoder = bundle.tokenizer.decoder();
  return ids
    .map((id) => {
      const text = decoder.push(id);
      return text === '' ? (bundle.tokenizer.literal(id) ?? '') : text;
    })
    .join('');
}
const hi: readonly ChatMessage[] = [{ role: 'user', content: 'Hi' }];

describe('the ends of an answer', () => {
  const file = tokenizerJson(token('<a>'), token('<b>'), token('<c>'));
  const [a, b, c] = [265, 266, 267];

  test.each<[string, Files, readonly string[]]>([
    ['tokenizer_config.json', { 'tokenizer_config.json': { eos_token: '<a>' } }, ['<a>']],
    ['the same, as an object', { 'tokenizer_config.json': { eos_token: token('<b>') } }, ['<b>']],
    ['special_tokens_map.json', { 'special_tokens_map.json': { eos_token: '<c>' } }, ['<c>']],
    ['generation_config.json, every id', { 'generation_config.json': { eos_token_id: [a, c] } }, ['<a>', '<c>']],
    ['config.json', { 'config.json': { eos_token_id: b } }, ['<b>']],
    ['config.json, of its text model', { 'config.json': { text_config: { eos_token_id: [b] } } }, ['<b>']],
    ['wyvern.json', { 'wyvern.json': { name: 'M', stopTokens: ['<b>'] } }, ['<b>']],
    [
      'several files at once',
      {
        'config.json': { eos_token_id: c },
        'generation_config.json': { eos_token_id: b },
        'special_tokens_map.json': { eos_token: '<a>' },
      },
      ['<a>', '<b>', '<c>'],
    ],
  ])('%s', async (_, files, wanted) => {
    expect(stopTokens(await opened({ 'tokenizer.json': file, ...files }))).toEqual(wanted);
  });
});

test('uses tokens of added_tokens_decoder that tokenizer.json lacks', async () => {
  const template = '{% for m in messages %}<|user|>{{ m.content }}<|end|>{% endfor %}<|assistant|>';
  const added_tokens_decoder = { 265: token('<|user|>'), 266: token('<|end|>'), 267: token('<|assistant|>') };
  const bundle = await opened({
    'tokenizer.json': tokenizerJson(),
    'tokenizer_config.json': { eos_token: '<|end|>', added_tokens_decoder, chat_template: template },
  });
  expect(stopTokens(bundle)).toEqual(['<|end|>']);
  expect(prompt(bundle, hi)).toBe('<|user|>Hi<|end|><|assistant|>');
  expect(bundle.tokenizer.tokenId('<|assistant|>')).toBe(267);
});

test('gives the same prompt for a template with the line ends of Windows', async () => {
  const template = '{%- for m in messages %}\n<|im_start|>{{ m.role }}\n{{ m.content }}\n{% endfor %}';
  const files = { 'tokenizer.json': tokenizerJson(token('<|im_start|>')) };
  const [unix, windows] = await Promise.all(
    [template, template.replaceAll('\n', '\r\n')].map((text) => opened({ ...files, 'chat_template.jinja': text })),
  );
  expect(unix && prompt(unix, hi)).toBe('<|im_start|>user\nHi\n');
  expect(windows && prompt(windows, hi)).toBe('<|im_start|>user\nHi\n');
});

describe('an unusable value is left out and noted', () => {
  test.each<[string, string, readonly object[]]>([
    ['generation_config.json', '{"top_k": -1}', [{ field: 'top_k', value: '-1' }]],
    ['generation_config.json', '{"top_p": 0.0}', [{ field: 'top_p', value: '0' }]],
    ['generation_config.json', '{"eos_token_id": -1}', [{ field: 'eos_token_id', value: '-1' }]],
    ['generation_config.json', '{"eos_token_id": [2, "x"]}', [{ field: 'eos_token_id.1', value: '"x"' }]],
    ['generation_config.json', '{"temperature": NaN}', [{ field: 'temperature', value: '"NaN"' }]],
    ['generation_config.json', '{"min_p": "0.1"}', [{ field: 'min_p', value: '"0.1"' }]],
    ['generation_config.json', '{"repetition_penalty": -Infinity}', [{ field: 'repetition_penalty' }]],
    ['generation_config.json', '{"top_k": ', [{ value: expect.stringMatching(/not JSON/) as unknown }]],
    ['config.json', '{"eos_token_id": 1.5}', [{ field: 'eos_token_id', value: '1.5' }]],
    ['config.json', '[]', [{}]],
    ['special_tokens_map.json', '{"eos_token": 7}', [{ field: 'eos_token', value: '7' }]],
    ['added_tokens.json', '{"<x>": -4}', [{ field: '<x>', value: '-4' }]],
    ['tokenizer_config.json', '{"chat_template": 3}', [{ field: 'chat_template', value: '3' }]],
    ['tokenizer_config.json', '{"added_tokens_decoder": {"a": {}}}', [{ field: 'added_tokens_decoder.a' }]],
  ])('%s: %s', async (file, content, wanted) => {
    const { notes } = await opened({ 'tokenizer.json': tokenizerJson(), [file]: content });
    expect(notes).toMatchObject(wanted.map((note) => ({ file, ...note })));
  });

  test('and the model answers as without the value', async () => {
    const engine = new Engine(nativeRunners(await loadAddon()));
    const { generationConfig } = bundleOf({
      'generation_config.json': '{"top_k": -1, "top_p": 0, "eos_token_id": -1}',
    });
    const model = await engine.load({ ...fixtureBundle, ...(generationConfig && { generationConfig }) });
    expect(model.notes).toHaveLength(3);
    const input = { prompt: { kind: 'text', text: 'Tell me about' }, sampling: greedy, maxTokens: 3 } as const;
    let reason: string | undefined;
    for await (const event of engine.generate(input)) if (event.type === 'done') ({ reason } = event);
    expect(reason).toBe('length');
    await engine.unload();
  });
});

describe('a tokenizer with more entries than the model has logits', () => {
  test('loads if the surplus tokens are special, and no prompt has such a token', async () => {
    const engine = new Engine(nativeRunners(await loadAddon()));
    const vocab = Object.fromEntries(Array.from({ length: 480 }, (_, id) => [`t${id}`, id]));
    const tokenizer = {
      added_tokens: [token('t1'), token('<image_soft_token>')],
      decoder: { type: 'Fuse' },
      model: { type: 'BPE', vocab, merges: [], unk_token: 't0' },
    };
    const paths = bundleOf({ 'tokenizer.json': tokenizer }, join(fixtureFolder, 'model.pte'));
    await engine.load(paths);
    const counted = engine.encode('<image_soft_token>t1');
    expect(counted?.every((id) => id < 480)).toBe(true);
    await engine.unload();
  });

  test('loads for a program of optimum-executorch in Gemma 3’s shape, and no text has the surplus token', async () => {
    const optimum = join(fixtureFolder, '../optimum');
    const own = join(optimum, 'tiny-gemma-3');
    const engine = new Engine(nativeRunners(await loadAddon()));
    const model = await engine.load({
      program: join(optimum, 'gemma-3-ring.pte'),
      data: [],
      tokenizer: join(own, 'tokenizer.json'),
      tokenizerConfig: join(own, 'tokenizer_config.json'),
      generationConfig: join(own, 'generation_config.json'),
    });
    expect([model.facts.vocabSize, model.tokenizer?.vocabSize]).toEqual([512, 513]);
    for (const text of ['<image_soft_token>', 'Say yes.<image_soft_token>', '<image_soft_token'.repeat(2)]) {
      const ids = engine.encode(text) ?? [];
      expect(ids.length).toBeGreaterThan(1);
      expect(Math.max(...ids)).toBeLessThan(512);
    }
    await engine.unload();
  });

  test('is refused if an ordinary token has no logit', () => {
    expect(() => checkVocabulary({ vocabSize: 513, ordinarySize: 512 }, 512)).not.toThrow();
    expect(() => checkVocabulary({ vocabSize: 513, ordinarySize: 513 }, 512)).toThrow(/513 tokens but the model 512/);
    expect(() => checkVocabulary({ vocabSize: 100, ordinarySize: 100 }, 512)).toThrow(/100 tokens but the model 512/);
  });
});
