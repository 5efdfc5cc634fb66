/** A person drops a GGUF file on the window, sees it prepared, and chats with it. */
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sourceGguf } from '../bench/peers/install.ts';
import { tinyModel } from '../main/gguf/testing/tiny-models.ts';
import { writeGguf } from '../main/gguf/testing/write-gguf.ts';
import { expect, test as base, type WyvernApp } from './app.ts';
import { ChatPage } from './chat-page.ts';

const test = base.extend<{ folder: string; chat: ChatPage }>({
  // eslint-disable-next-line no-empty-pattern -- Playwright reads what a fixture needs from the pattern
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'Wyvern GGUF 模型 '));
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

/** As the model's own metadata names it. */
const smolLm = 'Smollm2 135M 8k Lc100K Mix1 Ep2 (Q4_1)';
const fileName = 'SmolLM2-135M-Instruct.Q4_1.gguf';

const current = async (chat: ChatPage, name: string): Promise<void> => {
  await expect(chat.modelButton).toHaveAccessibleName(`Model: ${name}, Ready. Choose a model`);
};
const libraryOf = (app: WyvernApp): readonly string[] => {
  try {
    return readdirSync(join(app.userData, 'models'));
  } catch {
    return [];
  }
};

test('a dropped GGUF is prepared with its progress, answers, and does not need the file afterwards', async ({
  app,
  page,
  chat,
  folder,
}) => {
  const path = join(folder, fileName);
  copyFileSync(sourceGguf(), path);
  // The progress may be gone before a look from outside.
  await page.evaluate(() => {
    const seen = new Set<string>();
    new MutationObserver(() => {
      for (const bar of document.querySelectorAll('section[aria-label] progress')) {
        seen.add(bar.closest('section')?.getAttribute('aria-label') ?? '');
      }
    }).observe(document.body, { childList: true, subtree: true, attributes: true });
    Object.assign(window, { seen });
  });
  await app.drop([path]);
  await current(chat, smolLm);
  expect(await page.evaluate(() => [...(window as unknown as { seen: Set<string> }).seen])).toContain(
    `Preparing ${fileName}`,
  );
  expect(libraryOf(app)).toEqual([smolLm]);
  rmSync(path);
  await chat.send('What is the capital of France?');
  await expect(await chat.lastAnswer('complete')).toContainText('Paris');

  await app.restart();
  const again = new ChatPage(app.page);
  await current(again, smolLm);
});

test('preparing can be cancelled and leaves nothing', async ({ app, page, chat, folder }) => {
  const path = join(folder, 'large.gguf');
  const layers = 24;
  writeGguf(path, tinyModel({ architecture: 'llama', layers, width: 1024, hidden: 4096, heads: 8, kvHeads: 8 }));
  await page.evaluate(() => {
    new MutationObserver(() => {
      const region = document.querySelector('section[aria-label^="Preparing"]');
      region?.querySelector('button')?.click();
    }).observe(document.body, { childList: true, subtree: true });
  });
  await app.drop([path]);
  await expect.poll(() => libraryOf(app)).toEqual([]);
  await expect(page.getByRole('region', { name: /^Preparing/ })).toHaveCount(0);
  await chat.modelReady();
});

test('a file that is still being downloaded, or of a model that Wyvern does not know, says so', async ({
  app,
  chat,
  folder,
}) => {
  const whole = join(folder, 'tiny.gguf');
  writeGguf(whole, tinyModel({ architecture: 'llama', layers: 1, width: 64, hidden: 64 }));
  const part = join(folder, 'tiny.gguf.part');
  const bytes = readFileSync(whole);
  writeFileSync(part, bytes.subarray(0, bytes.length - 1000));
  await app.drop([part]);
  await expect(chat.notifications).toContainText('The GGUF file is incomplete');
  await expect(chat.notifications).toContainText('wait until it is done');

  const other = join(folder, 'mamba.gguf');
  writeGguf(other, { metadata: { 'general.architecture': 'mamba' } });
  await app.drop([other]);
  await expect(chat.notifications.filter({ hasText: 'its architecture is “mamba”' })).toBeVisible();
  expect(libraryOf(app)).toEqual([]);
});
