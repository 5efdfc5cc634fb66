/** A person adds models to the library: in pieces, in a zip, with missing parts. */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from '@playwright/test';
import { zip } from '../main/testing/zip.ts';
import { expect, test as base, type WyvernApp } from './app.ts';
import { ChatPage } from './chat-page.ts';
import { choose } from './system-dialogs.ts';
import { firstAnswers, tinyLlama } from './tiny-llama.ts';

const test = base.extend<{ folder: string; chat: ChatPage }>({
  // eslint-disable-next-line no-empty-pattern -- Playwright reads what a fixture needs from the pattern
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'Wyvern Modèle 模型 '));
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

const part = (name: string): Buffer => readFileSync(join(tinyLlama, name));
/** Without a manifest that names the files. */
const manifest = JSON.stringify({
  name: 'Pieces',
  license: 'Apache-2.0',
  chatTemplate: (JSON.parse(part('wyvern.json').toString()) as { chatTemplate: string }).chatTemplate,
  stopTokens: ['<|end|>'],
});

/** Writes files at these paths below `folder`; returns their paths. */
function write(folder: string, files: Readonly<Record<string, Uint8Array | string>>): Record<string, string> {
  const paths: Record<string, string> = {};
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, content);
    paths[name] = path;
  }
  return paths;
}

async function answersAsTrained(chat: ChatPage): Promise<void> {
  const [first] = firstAnswers();
  await chat.send(first!.question);
  await expect(chat.text(await chat.lastAnswer('complete'))).toHaveText(first!.answer);
}

const dialog = (chat: ChatPage): Locator => chat.page.getByRole('dialog', { name: /^Open / });
const current = async (chat: ChatPage, name: string): Promise<void> =>
  await expect(chat.modelButton).toHaveAccessibleName(new RegExp(`^Model: ${name}, Ready`));
const libraryOf = (app: WyvernApp): readonly string[] => {
  try {
    return readdirSync(join(app.userData, 'models'));
  } catch {
    return [];
  }
};

test('files of several folders make one model, which stays after a restart', async ({ app, chat, folder }) => {
  const paths = write(folder, {
    'a/tiny.pte': part('model.pte'),
    'b/my.model': part('tokenizer.model'),
    'c/wyvern.json': manifest,
  });
  await app.drop(Object.values(paths));
  await current(chat, 'Pieces');
  await answersAsTrained(chat);
  await app.restart();
  const again = new ChatPage(app.page);
  await current(again, 'Pieces');
});

test('the app asks for a missing tokenizer by name, and takes it', async ({ app, page, chat, folder }) => {
  const paths = write(folder, {
    'a/tiny.pte': part('model.pte'),
    'a/wyvern.json': manifest,
    'b/my.model': part('tokenizer.model'),
  });
  await app.drop([paths['a/tiny.pte']!]);
  await expect(dialog(chat)).toContainText('tokenizer.json or tokenizer.model is missing.');
  await expect(dialog(chat).getByRole('list', { name: 'Files found' })).toContainText('tiny.pte');
  const open = dialog(chat).getByRole('button', { name: 'Open model' });
  await expect(open).toBeDisabled();
  // Cancel this time.
  await choose(app, []);
  await dialog(chat).getByRole('button', { name: 'Choose the file: tokenizer.json or tokenizer.model' }).press('Enter');
  await expect(open).toBeDisabled();
  await choose(app, [paths['b/my.model']!]);
  await dialog(chat).getByRole('button', { name: 'Choose the file: tokenizer.json or tokenizer.model' }).press('Enter');
  await expect(open).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(dialog(chat)).toHaveCount(0);
  await current(chat, 'Pieces');
  await answersAsTrained(chat);
});

test('a missing file can be dropped on the question; a damaged one shows an error and changes nothing', async ({
  app,
  chat,
  folder,
}) => {
  const paths = write(folder, {
    'a/model.model': part('tokenizer.model'),
    'a/wyvern.json': manifest,
    'b/broken.pte': part('model.pte').subarray(0, 5000),
    'b/good.pte': part('model.pte'),
  });
  await app.drop([paths['a/model.model']!]);
  await expect(dialog(chat)).toContainText('The program (.pte) is missing.');
  await app.drop([paths['b/broken.pte']!]);
  // The app does not guess the neighbouring file.
  await expect(dialog(chat).getByTestId('notice')).toContainText('The model file is damaged');
  await expect(dialog(chat)).toContainText('The program (.pte) is missing.');
  await app.drop([paths['b/good.pte']!]);
  await expect(dialog(chat)).not.toContainText('The program (.pte)');
  await dialog(chat).getByRole('button', { name: 'Open model' }).press('Enter');
  await current(chat, 'Pieces');
});

test('the app asks about two programs and two tokenizers, and takes answers by keyboard', async ({
  app,
  page,
  chat,
  folder,
}) => {
  write(folder, {
    'one.pte': part('model.pte'),
    'two.pte': part('model.pte'),
    'old.model': part('tokenizer.model'),
    'new.model': part('tokenizer.model'),
    'wyvern.json': manifest,
  });
  await app.drop([folder]);
  await expect(dialog(chat)).toContainText('Several programs were found.');
  await expect(dialog(chat).getByRole('radio')).toHaveCount(2);
  await expect(dialog(chat).getByRole('button', { name: 'Use this one' })).toBeDisabled();
  await dialog(chat)
    .getByRole('radio', { name: /two\.pte/ })
    .focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('Enter');
  await expect(dialog(chat)).toContainText('Several tokenizers were found.');
  await dialog(chat)
    .getByRole('radio', { name: /old\.model/ })
    .focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('Enter');
  const found = dialog(chat).getByRole('list', { name: 'Files found' });
  await expect(found).toContainText('two.pte');
  await expect(found).toContainText('old.model');
  await page.keyboard.press('Enter');
  await current(chat, 'Pieces');
});

test('a cancelled question changes nothing', async ({ app, page, chat, folder }) => {
  write(folder, { 'one.pte': part('model.pte'), 'two.pte': part('model.pte') });
  await chat.composer.fill('A draft');
  await app.drop([folder]);
  await expect(dialog(chat)).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog(chat)).toHaveCount(0);
  await expect(chat.composer).toHaveValue('A draft');
  await chat.modelReady();
});

const archive = (): Buffer =>
  zip([
    { name: 'tiny/' },
    { name: 'tiny/model.pte', data: part('model.pte') },
    { name: 'tiny/tokenizer.model', data: part('tokenizer.model') },
    { name: 'tiny/wyvern.json', data: manifest },
    { name: 'tiny/README.md', data: 'Read me' },
  ]);

test('a zip is unpacked into the library, and the zip can be deleted', async ({ app, chat, folder }) => {
  const path = join(folder, 'tiny.zip');
  writeFileSync(path, archive());
  await app.drop([path]);
  await current(chat, 'Pieces');
  expect(libraryOf(app)).toEqual(['Pieces']);
  expect(readdirSync(join(app.userData, 'models', 'Pieces')).sort()).toEqual([
    'model.pte',
    'tokenizer.model',
    'wyvern.json',
  ]);
  rmSync(path);
  await app.restart();
  const again = new ChatPage(app.page);
  await current(again, 'Pieces');
});

test('a zip with paths outside of its folder is refused, and nothing is written', async ({ app, chat, folder }) => {
  const path = join(folder, 'evil.zip');
  writeFileSync(
    path,
    zip([
      { name: '../../evil.pte', data: 'x' },
      { name: 'model.pte', data: part('model.pte') },
    ]),
  );
  await app.drop([path]);
  await expect(chat.notifications).toContainText('The archive was refused');
  await expect(chat.notifications).toContainText('leads out of the folder');
  expect(libraryOf(app)).toEqual([]);
  await chat.modelReady();
});

/** Makes every write of the main process slow, like a bad disk. */
async function slowDisk(app: WyvernApp, ms: number): Promise<void> {
  await app.shell.evaluate(async (_electron, delay) => {
    const { open } = process.getBuiltinModule('node:fs/promises');
    const file = await open('/dev/null');
    const prototype = Object.getPrototypeOf(file) as { write: (...rest: unknown[]) => Promise<unknown> };
    await file.close();
    const write = prototype.write;
    prototype.write = async function (...rest) {
      await new Promise((resolve) => setTimeout(resolve, delay));
      return await write.apply(this, rest);
    };
  }, ms);
}

test('a copy shows its progress and leaves nothing when cancelled; a finished copy does not need the original', async ({
  app,
  page,
  chat,
  folder,
}) => {
  write(folder, {
    'model.pte': part('model.pte'),
    'tokenizer.model': part('tokenizer.model'),
    'wyvern.json': manifest,
  });
  await app.drop([folder]);
  await current(chat, 'Pieces');
  await slowDisk(app, 300);
  await chat.modelButton.click();
  await chat.modelPanel.getByRole('button', { name: 'Copy Pieces into the library' }).press('Enter');
  const copying = page.getByRole('region', { name: 'Copying Pieces' });
  await expect(copying.getByRole('progressbar')).toBeVisible();
  await expect(copying).toContainText(/ of /);
  expect(libraryOf(app)).toEqual([expect.stringMatching(/^\.incoming-/)]);
  await copying.getByRole('button', { name: 'Cancel' }).press('Enter');
  await expect(copying).toHaveCount(0);
  await expect.poll(() => libraryOf(app)).toEqual([]);

  await slowDisk(app, 0);
  await chat.modelButton.click();
  await chat.modelPanel.getByRole('button', { name: 'Copy Pieces into the library' }).press('Enter');
  await expect(chat.notifications).toContainText('Pieces is now in the library.');
  expect(libraryOf(app)).toEqual(['Pieces']);
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
  await app.restart();
  const again = new ChatPage(app.page);
  await current(again, 'Pieces');
});

test('a model can be copied from its question', async ({ app, page, chat, folder }) => {
  const paths = write(folder, {
    'a/tiny.pte': part('model.pte'),
    'b/my.model': part('tokenizer.model'),
    'b/wyvern.json': manifest,
  });
  await app.drop([paths['a/tiny.pte']!]);
  await expect(dialog(chat).getByRole('button', { name: 'Open model' })).toBeVisible();
  await app.drop([paths['b/my.model']!]);
  await expect(dialog(chat)).toContainText('my.model');
  const copy = dialog(chat).getByRole('checkbox', { name: 'Copy into the library' });
  await copy.press('Space');
  await expect(copy).toBeChecked();
  await dialog(chat).getByRole('button', { name: 'Open model' }).press('Enter');
  await current(chat, 'Pieces');
  expect(libraryOf(app)).toEqual(['Pieces']);
  expect(readdirSync(join(app.userData, 'models', 'Pieces')).sort()).toEqual(['my.model', 'tiny.pte', 'wyvern.json']);
  await expect(page.getByRole('region', { name: /^Copying/ })).toHaveCount(0);
});

test('a full disk shows both numbers before anything is written', async ({ app, chat, folder }) => {
  write(folder, {
    'model.pte': part('model.pte'),
    'tokenizer.model': part('tokenizer.model'),
    'wyvern.json': manifest,
  });
  await app.drop([folder]);
  await current(chat, 'Pieces');
  await app.shell.evaluate(() => {
    const fs = process.getBuiltinModule('node:fs/promises');
    fs.statfs = (() => Promise.resolve({ bavail: 1000, bsize: 1000 })) as unknown as typeof fs.statfs;
    process.getBuiltinModule('node:module').syncBuiltinESMExports();
  }, undefined);
  await chat.modelButton.click();
  await chat.modelPanel.getByRole('button', { name: 'Copy Pieces into the library' }).press('Enter');
  await expect(chat.notifications).toContainText('There is not enough disk space');
  await expect(chat.notifications).toContainText(/needs 1 MB and a reserve of 68 MB, .* has only 1 MB free/);
  expect(libraryOf(app)).toEqual([]);
});

test('moved files are detected and located; another file of the same name is refused', async ({
  app,
  chat,
  folder,
}) => {
  const paths = write(folder, {
    'here/tiny.pte': part('model.pte'),
    'here/my.model': part('tokenizer.model'),
    'here/wyvern.json': manifest,
  });
  await app.drop([paths['here/tiny.pte']!]);
  await current(chat, 'Pieces');
  await expect
    .poll(
      async () =>
        await app.page.evaluate(async () => {
          const list = await window.wyvern.call('models.list', {});
          return list.ok && list.value.models.every(({ files }) => files.sha256 !== undefined);
        }),
    )
    .toBe(true);
  await app.quit();
  mkdirSync(join(folder, 'there'));
  for (const name of ['tiny.pte', 'my.model', 'wyvern.json']) {
    renameSync(join(folder, 'here', name), join(folder, 'there', name));
  }
  const other = part('model.pte');
  other[other.length - 1]! ^= 1;
  write(folder, { 'fake/tiny.pte': other, 'fake/my.model': part('tokenizer.model'), 'fake/wyvern.json': manifest });
  await app.start();

  const again = new ChatPage(app.page);
  await expect(again.modelState).toHaveAttribute('data-status', 'failed');
  await again.modelButton.click();
  await expect(again.modelPanel).toContainText('The model’s files have moved');
  const entry = again.modelPanel.getByRole('listitem').filter({ hasText: 'Pieces' });
  await expect(entry).toContainText('Files not found: tiny.pte, my.model, wyvern.json');
  await choose(app, [join(folder, 'fake', 'tiny.pte')]);
  await entry.getByRole('button', { name: 'Locate the files of Pieces' }).press('Enter');
  await expect(again.notifications).toContainText('These are not the same files');
  await choose(app, [join(folder, 'there', 'tiny.pte')]);
  await entry.getByRole('button', { name: 'Locate the files of Pieces' }).press('Enter');
  await expect(again.notifications.last()).toContainText('The files of Pieces were found.');
  await expect(entry).not.toContainText('Files not found');
  await entry.getByRole('button', { name: /^Pieces/ }).press('Enter');
  await current(again, 'Pieces');
});

test('a changed file is detected; the same file with another date is not', async ({ app, chat, folder }) => {
  const paths = write(folder, {
    'tiny.pte': part('model.pte'),
    'my.model': part('tokenizer.model'),
    'wyvern.json': manifest,
  });
  await app.drop([paths['tiny.pte']!]);
  await current(chat, 'Pieces');
  await expect
    .poll(
      async () =>
        await app.page.evaluate(async () => {
          const list = await window.wyvern.call('models.list', {});
          return list.ok && list.value.models.every(({ files }) => files.sha256 !== undefined);
        }),
    )
    .toBe(true);
  await app.quit();
  utimesSync(paths['tiny.pte']!, 1_000_000, 1_000_000);
  await app.start();
  await current(new ChatPage(app.page), 'Pieces');
  await app.quit();
  cpSync(paths['tiny.pte']!, join(folder, 'kept'));
  const other = part('model.pte');
  other[other.length - 1]! ^= 1;
  writeFileSync(paths['tiny.pte']!, other);
  await app.start();
  const again = new ChatPage(app.page);
  await expect(again.modelState).toHaveAttribute('data-status', 'failed');
  await again.modelButton.click();
  await expect(again.modelPanel).toContainText('“tiny.pte” is not what it was');
  await again.modelPanel.getByRole('button', { name: 'Load anyway' }).press('Enter');
  await current(again, 'Pieces');
});

test.describe('a model that ends the engine', () => {
  test.use({ launch: { addon: 'fake:crashOnLoad=true' } });

  test('twice loads only if the person insists', async ({ app, page }) => {
    const chat = new ChatPage(page);
    await expect(chat.modelState).toHaveAttribute('data-status', 'failed');
    await chat.modelButton.click();
    await expect(chat.modelPanel).toContainText('The engine stopped unexpectedly');
    await chat.modelPanel.getByRole('listitem').getByRole('button').first().press('Enter');
    await chat.modelButton.click();
    await expect(chat.modelPanel).toContainText('This model keeps crashing the engine');
    await app.restart();
    const again = new ChatPage(app.page);
    await expect(again.modelState).toHaveAttribute('data-status', 'failed');
    await again.modelButton.click();
    await expect(again.modelPanel).toContainText('This model keeps crashing the engine');
    expect(app.log.match(/The engine process ended/g)).toHaveLength(2);
    await again.modelPanel.getByRole('button', { name: 'Load anyway' }).press('Enter');
    await expect.poll(() => app.log.match(/The engine process ended/g)?.length).toBe(3);
  });
});

test.describe('a model that ends the engine in its first answer', () => {
  test.use({ launch: { addon: 'fake:crashAt=3' } });

  test('twice does not load a third time, and both questions are kept', async ({ app, page }) => {
    const chat = new ChatPage(page);
    for (const question of ['First', 'Second']) {
      await chat.modelReady();
      await chat.send(question);
      await expect(chat.answers.last()).toHaveAttribute('data-state', 'interrupted');
    }
    await expect(chat.modelState).toHaveAttribute('data-status', 'failed');
    await expect(chat.questions).toHaveText(['First', 'Second']);
    expect(app.log.match(/The engine process ended/g)).toHaveLength(2);
  });
});

test('a nested folder is searched', async ({ app, chat, folder }) => {
  write(folder, {
    'download/tiny/model.pte': part('model.pte'),
    'download/tiny/tokenizer.model': part('tokenizer.model'),
    'download/tiny/wyvern.json': manifest,
  });
  await app.drop([join(folder, 'download')]);
  await current(chat, 'Pieces');
});
