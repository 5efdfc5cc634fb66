/** A person drops what publishers and downloaders leave on a disk: whole repositories, caches, exports in two halves. */
import { AxeBuilder } from '@axe-core/playwright';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Locator } from '@playwright/test';
import {
  cpuProgram,
  layoutConfig,
  lfsPointer,
  programFor,
  tokenizer,
  write,
  writeCache,
} from '../main/testing/repositories.ts';
import { expect, test as base } from './app.ts';
import { ChatPage } from './chat-page.ts';
import { choose } from './system-dialogs.ts';
import { firstAnswers, tinyLlama } from './tiny-llama.ts';

const test = base.extend<{ folder: string; chat: ChatPage }>({
  // eslint-disable-next-line no-empty-pattern -- Playwright reads what a fixture needs from the pattern
  folder: async ({}, use) => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'Wyvern dépôt 模型 ')));
    await use(folder);
    rmSync(folder, { recursive: true });
  },
  chat: async ({ page }, use) => {
    const chat = new ChatPage(page);
    await chat.modelReady();
    await chat.answerGreedily();
    await use(chat);
  },
});

const optimum = resolve(import.meta.dirname, 'fixtures/optimum');
const dialog = (chat: ChatPage): Locator => chat.page.getByRole('dialog', { name: /^Open / });
const current = async (chat: ChatPage, name: string): Promise<void> =>
  await expect(chat.modelButton).toHaveAccessibleName(new RegExp(`^Model: ${name}, Ready`));
/** The template of the trained model, as publishers write it. */
const tokenizerConfig = JSON.stringify({
  chat_template: (JSON.parse(readFileSync(join(tinyLlama, 'wyvern.json'), 'utf8')) as { chatTemplate: string })
    .chatTemplate,
  eos_token: '<|end|>',
});

async function answersAsTrained(chat: ChatPage): Promise<void> {
  const [first] = firstAnswers();
  await chat.send(first!.question);
  await expect(chat.text(await chat.lastAnswer('complete'))).toHaveText(first!.answer);
}

/** Three sizes, each for the CPU and for Apple's GPU; one tokenizer. */
function publish(folder: string): string {
  for (const size of ['0_6b', '1_7b', '4b']) {
    for (const [backend, program] of [
      ['xnnpack', cpuProgram()],
      ['mlx', programFor('MLXBackend')],
    ] as const) {
      const name = `tiny_${size}_${backend}_8da4w.pte`;
      write(join(folder, 'react-native-executorch-tiny'), {
        [`${size}/${backend}/${name}`]: program,
        [`${size}/${backend}/config.json`]: layoutConfig(size, backend, [name], '../../tokenizer.model'),
      });
    }
  }
  const repository = join(folder, 'react-native-executorch-tiny');
  write(repository, {
    'tokenizer.model': tokenizer(),
    'tokenizer_config.json': tokenizerConfig,
    'README.md': '# Tiny',
  });
  return repository;
}

test('a repository of three sizes and two backends: choose by keyboard, then chat', async ({
  app,
  page,
  chat,
  folder,
}) => {
  const repository = publish(folder);
  await app.drop([repository]);
  await expect(dialog(chat)).toContainText('Several programs were found.');
  const options = dialog(chat).getByRole('radio');
  await expect(options).toHaveCount(3);
  await expect(dialog(chat)).toContainText(/0\.6B · 8da4w · CPU \(XNNPACK\) · 512 tokens · 332 KB/);
  await expect(dialog(chat)).toContainText('4b/xnnpack');
  const notOffered = dialog(chat).getByRole('group').filter({ hasText: '3 files not offered' });
  await expect(notOffered).toContainText('Made for MLX (Apple). It does not run on this computer.');
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  expect(violations).toEqual([]);
  const use = dialog(chat).getByRole('button', { name: 'Use this one' });
  await expect(use).toBeDisabled();
  await options.first().focus();
  await page.keyboard.press('ArrowDown');
  await expect(options.nth(1)).toBeChecked();
  await page.keyboard.press('Enter');
  const open = dialog(chat).getByRole('button', { name: 'Open model' });
  await expect(open).toBeFocused();
  await page.keyboard.press('Enter');
  await current(chat, 'tiny_1_7b_xnnpack_8da4w');
  await answersAsTrained(chat);
});

test('one size of a repository opens at once, with the tokenizer two folders above', async ({ app, chat, folder }) => {
  await app.drop([join(publish(folder), '4b')]);
  await current(chat, 'tiny_4b_xnnpack_8da4w');
  await answersAsTrained(chat);
});

test('a repository in the cache of Hugging Face’s libraries opens under its name', async ({ app, chat, folder }) => {
  const repository = writeCache(folder, 'someone/Tiny-ExecuTorch', {
    'model.pte': cpuProgram(),
    'tokenizer.model': tokenizer(),
    'tokenizer_config.json': tokenizerConfig,
  });
  await app.drop([repository]);
  await current(chat, 'Tiny-ExecuTorch');
  await answersAsTrained(chat);
});

test('an export without a tokenizer takes the model’s own folder, by picker and by drop, and remembers it', async ({
  app,
  page,
  chat,
  folder,
}) => {
  write(folder, {
    'Tiny-ET/model.pte': cpuProgram(),
    'Tiny/tokenizer.model': tokenizer(),
    'Tiny/tokenizer_config.json': tokenizerConfig,
    'Tiny/config.json': '{"architectures": ["LlamaForCausalLM"]}',
    'Tiny/model.safetensors': 'weights',
  });
  await app.drop([join(folder, 'Tiny-ET')]);
  await expect(dialog(chat)).toContainText('choose or drop the folder of the model that it was made from');
  await choose(app, [join(folder, 'Tiny-ET')]);
  const chooseFolder = dialog(chat).getByRole('button', { name: /^Choose a folder that has the file/ });
  await chooseFolder.press('Enter');
  await expect(dialog(chat).getByTestId('notice')).toContainText('“Tiny-ET” has no tokenizer.');
  await choose(app, [join(folder, 'Tiny')]);
  await chooseFolder.press('Enter');
  await expect(dialog(chat).getByRole('list', { name: 'Files found' })).toContainText('tokenizer_config.json');
  await expect(dialog(chat).getByRole('button', { name: 'Open model' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(dialog(chat)).toHaveCount(0);
  await app.drop([join(folder, 'Tiny-ET')]);
  await expect(dialog(chat)).toContainText('is missing');
  await app.drop([join(folder, 'Tiny')]);
  await expect(dialog(chat).getByRole('button', { name: 'Open model' })).toBeFocused();
  await page.keyboard.press('Enter');
  await current(chat, 'Tiny-ET');
  await answersAsTrained(chat);
  await app.drop([tinyLlama]);
  await current(chat, 'Tiny wyvern \\(test model\\)');
  await app.drop([join(folder, 'Tiny-ET', 'model.pte')]);
  await current(chat, 'Tiny-ET');
});

test('a program of optimum-executorch answers with the tokenizer in the folder of its own model', async ({
  app,
  page,
  chat,
  folder,
}) => {
  mkdirSync(join(folder, 'Tiny-Gemma-ET'));
  copyFileSync(join(optimum, 'gemma-3-ring.pte'), join(folder, 'Tiny-Gemma-ET', 'model.pte'));
  cpSync(join(optimum, 'tiny-gemma-3'), join(folder, 'Tiny-Gemma'), { recursive: true });
  write(folder, { 'Tiny-Gemma/model.safetensors': 'weights' });
  await app.drop([join(folder, 'Tiny-Gemma-ET')]);
  await expect(dialog(chat)).toContainText('choose or drop the folder of the model that it was made from');
  await app.drop([join(folder, 'Tiny-Gemma')]);
  await expect(dialog(chat).getByRole('button', { name: 'Open model' })).toBeFocused();
  await page.keyboard.press('Enter');
  await current(chat, 'Tiny-Gemma-ET');
  for (const [index, [question, answer]] of [
    ['My name is Ada.', 'Nice to meet you, Ada.'],
    ['What does it eat?', 'Pears, mostly. Fish on Fridays.'],
    ['What is my name?', 'Your name is Ada.'],
  ].entries()) {
    await chat.send(question!);
    await expect(chat.answers).toHaveCount(index + 1);
    await expect(chat.text(await chat.lastAnswer('complete'))).toHaveText(answer!);
  }
  // The ring of slots cannot go back: the edited chat is read again.
  await chat.edit(chat.questions.nth(1), 'Say yes.');
  await expect(chat.answers).toHaveCount(2);
  await expect(chat.text(await chat.lastAnswer('complete'))).toHaveText('Yes.');
});

test('programs that nothing here can run are refused by what they are', async ({ app, page, folder, chat }) => {
  const before = await chat.modelButton.textContent();
  const fixtures = resolve(import.meta.dirname, '../native/test/fixtures');
  write(folder, {
    'ggml/model.pte': readFileSync(join(fixtures, 'foreign-ggml.pte')),
    'mediatek/model.pte': readFileSync(join(fixtures, 'foreign-mediatek.pte')),
    'whisper/model.pte': readFileSync(join(optimum, 'whisper.pte')),
    'package/model.ptn': Buffer.alloc(4096),
    'caches/model.pte': readFileSync(join(fixtures, 'external-cache.pte')),
    'caches-back/model.pte': readFileSync(join(fixtures, 'external-cache-returned.pte')),
  });
  for (const [name, text] of [
    ['ggml', 'made for GGML, the library of llama.cpp'],
    ['mediatek', 'made for MediaTek NPU'],
    ['whisper', 'one of speech or images, such as Whisper: its methods are encoder, sampler, text_decoder'],
    ['package', 'package (.ptn) for ExecuTorch’s native runtime'],
    ['caches', 'keeps no KV cache and takes it as inputs, of which it has 3'],
    ['caches-back', 'keeps no KV cache and takes it as inputs, of which it has 4'],
  ] as const) {
    write(folder, { [`${name}/tokenizer.model`]: tokenizer() });
    await app.drop([join(folder, name)]);
    const refusal = chat.notifications.filter({ hasText: text });
    await expect(refusal).toHaveCount(1);
    await expect(refusal).not.toContainText(/damaged/i);
    await expect(page.getByRole('dialog')).toHaveCount(0);
  }
  await chat.modelReady();
  await expect(chat.modelButton).toHaveText(before ?? '');
});

test('a clone without its large files, an unfinished download and a broken cache are refused by name', async ({
  app,
  page,
  folder,
  chat,
}) => {
  await chat.modelReady();
  write(folder, {
    'clone/model.pte': lfsPointer,
    'clone/tokenizer.json': lfsPointer,
    'download/model.pte.crdownload': 'half',
    'download/tokenizer.json': '{}',
  });
  const cache = writeCache(folder, 'someone/Tiny', { 'model.pte': undefined });
  for (const [path, text] of [
    [join(folder, 'clone'), '“model.pte” is a Git LFS pointer and not the file itself'],
    [join(folder, 'download'), '“model.pte.crdownload” is still being downloaded.'],
    [cache, '“model.pte” is a link to a file that is not there.'],
  ] as const) {
    await app.drop([path]);
    await expect(chat.notifications.filter({ hasText: text })).toHaveCount(1);
  }
  await expect(page.getByRole('dialog')).toHaveCount(0);
});
