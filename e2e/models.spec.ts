/** Dropping models on the window, and files that are not models. */
import { cpSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test as base } from './app.ts';
import { ChatPage } from './chat-page.ts';
import { firstAnswers, tinyLlama } from './tiny-llama.ts';

/** A folder with spaces and letters beyond ASCII, as people have them. */
const test = base.extend<{ folder: string }>({
  // eslint-disable-next-line no-empty-pattern -- Playwright reads what a fixture needs from the pattern
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'Wyvern Modèle 模型 '));
    await use(folder);
    rmSync(folder, { recursive: true });
  },
});

test('a dropped folder is added, loaded, and answers', async ({ app, page, folder }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.answerGreedily();
  const bundle = join(folder, 'bundle');
  cpSync(tinyLlama, bundle, { recursive: true });
  await app.drop([bundle]);
  await chat.modelButton.click();
  await expect(chat.modelPanel.getByRole('listitem')).toHaveCount(2);
  await expect(chat.modelPanel.getByRole('button', { name: /^Remove / })).toHaveCount(1);
  await page.keyboard.press('Escape');
  await chat.modelReady();
  const [first] = firstAnswers();
  await chat.send(first!.question);
  await expect(chat.text(await chat.lastAnswer('complete'))).toHaveText(first!.answer);
});

test('the library loads, unloads and forgets', async ({ app, page, folder }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  cpSync(tinyLlama, folder, { recursive: true });
  await app.drop([join(folder, 'model.pte')]);
  await chat.modelButton.click();
  const models = chat.modelPanel.getByRole('listitem');
  await expect(models).toHaveCount(2);
  await expect(models.locator('[aria-current=true]')).toHaveCount(1);
  await chat.modelPanel.getByRole('button', { name: /^Unload/ }).click();
  await expect(chat.modelState).toHaveAttribute('data-status', 'none');
  await expect(chat.composerNote).toContainText('No model is loaded');
  await chat.modelPanel.getByRole('button', { name: /^Remove / }).click();
  await expect(models).toHaveCount(1);
  await models.getByRole('button').click();
  await chat.modelReady();
});

test('the window shows that it accepts a dragged file', async ({ page }) => {
  await expect(new ChatPage(page).composer).toBeVisible();
  const overlay = page.getByTestId('drop-overlay');
  const drag = async (type: string): Promise<void> =>
    await page.evaluate((name) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(['x'], 'model.pte'));
      document.body.dispatchEvent(new DragEvent(name, { dataTransfer, bubbles: true }));
    }, type);
  await drag('dragenter');
  await expect(overlay).toContainText('Drop to open');
  await drag('dragleave');
  await expect(overlay).toHaveCount(0);
});

/** Like a bundle from elsewhere: nothing announces that a file changed. */
function copyWithoutHashes(folder: string): void {
  cpSync(tinyLlama, folder, { recursive: true });
  rmSync(join(folder, 'wyvern.json'));
}

test.describe('files that are not models', () => {
  const cases: readonly { readonly name: string; readonly says: RegExp; readonly make: (folder: string) => string }[] =
    [
      {
        name: 'a text file',
        says: /Wyvern did not recognise a model/,
        make: (folder) => {
          const path = join(folder, 'notes.txt');
          writeFileSync(path, 'Buy milk');
          return path;
        },
      },
      {
        name: 'an empty folder',
        says: /The model is incomplete|Wyvern did not recognise a model/,
        make: (folder) => folder,
      },
      {
        name: 'a truncated program',
        says: /The model file is damaged/,
        make: (folder) => {
          copyWithoutHashes(folder);
          truncateSync(join(folder, 'model.pte'), 10_000);
          return folder;
        },
      },
      {
        name: 'a foreign file with a model’s name',
        says: /The model file is damaged/,
        make: (folder) => {
          copyWithoutHashes(folder);
          cpSync(join(tinyLlama, 'tokenizer.model'), join(folder, 'model.pte'));
          return join(folder, 'model.pte');
        },
      },
    ];
  for (const { name, says, make } of cases) {
    test(`${name} is refused with a next step, and nothing is lost`, async ({ app, page, folder }) => {
      const chat = new ChatPage(page);
      await chat.modelReady();
      await chat.composer.fill('A draft');
      await app.drop([make(folder)]);
      await expect(chat.notifications).toContainText(says);
      await chat.modelReady();
      await expect(chat.composer).toHaveValue('A draft');
      await chat.modelButton.click();
      await expect(chat.modelPanel.getByRole('listitem')).toHaveCount(1);
    });
  }
});
