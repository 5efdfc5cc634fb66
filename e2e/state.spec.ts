/** A model that keeps state which no position restores: an edited chat must get the answers of a fresh process. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test as base, type WyvernApp } from './app.ts';
import { ChatPage } from './chat-page.ts';
import { tinyLlama } from './tiny-llama.ts';

const test = base.extend<{ folder: string }>({
  // eslint-disable-next-line no-empty-pattern -- Playwright reads what a fixture needs from the pattern
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'Wyvern Zustand '));
    copyFileSync(resolve(import.meta.dirname, 'fixtures/contract-a/lfm2.pte'), join(folder, 'lfm2.pte'));
    copyFileSync(join(tinyLlama, 'tokenizer.model'), join(folder, 'tokenizer.model'));
    const { chatTemplate } = JSON.parse(readFileSync(join(tinyLlama, 'wyvern.json'), 'utf8')) as {
      chatTemplate: string;
    };
    writeFileSync(join(folder, 'wyvern.json'), JSON.stringify({ name: 'Tiny LFM2', chatTemplate }));
    await use(folder);
    rmSync(folder, { recursive: true, force: true });
  },
});

async function dropped(app: WyvernApp, page: Page, folder: string): Promise<ChatPage> {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.answerGreedily();
  await app.drop([folder]);
  await expect(chat.modelButton).toHaveAccessibleName(/Tiny LFM2, Ready/);
  return chat;
}

/** Asks in order and returns the answers. */
async function ask(chat: ChatPage, questions: readonly string[]): Promise<readonly string[]> {
  for (const [index, question] of questions.entries()) {
    await chat.send(question);
    await expect(chat.answers).toHaveCount(index + 1);
    await chat.lastAnswer('complete');
  }
  return await Promise.all((await chat.answers.all()).map(async (answer) => await chat.text(answer).innerText()));
}

test('an edited question gets the answer of a fresh process', async ({ app, page, folder }) => {
  const chat = await dropped(app, page, folder);
  await ask(chat, ['My name is Ada.', 'What does it eat?', 'Say yes.']);
  await chat.edit(chat.questions.nth(1), 'What is my name?');
  await expect(chat.answers).toHaveCount(2);
  const edited = await chat.text(await chat.lastAnswer('complete')).innerText();
  expect(edited).toBe('Your name is Ada.');

  await chat.openLibrary();
  await chat.models.getByRole('button', { name: 'Tiny LFM2', exact: true }).click();
  await expect(chat.library).toContainText('read the whole chat again');

  await app.restart();
  const fresh = new ChatPage(app.page);
  await expect(fresh.modelButton).toHaveAccessibleName(/Tiny LFM2, Ready/);
  expect((await ask(fresh, ['My name is Ada.', 'What is my name?'])).at(-1)).toBe(edited);
});
