/** A person imports chats of other programs and of Wyvern, by keyboard and by drop. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { chatGptChat, llamaCppLines, lmStudioChat } from '../main/testing/foreign-chats.ts';
import { zip } from '../main/testing/zip.ts';
import { expect, test as base } from './app.ts';
import { ChatPage } from './chat-page.ts';
import { choose, saveAs } from './system-dialogs.ts';

const test = base.extend<{ folder: string; chat: ChatPage }>({
  // eslint-disable-next-line no-empty-pattern -- Playwright reads what a fixture needs from the pattern
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'Wyvern Gespräche 聊天 '));
    await use(folder);
    rmSync(folder, { recursive: true });
  },
  chat: async ({ page }, use) => {
    const chat = new ChatPage(page);
    await chat.modelReady();
    await use(chat);
  },
});
test.use({ launch: { addon: 'fake:answer=Noted.' } });

const dialogOf = (page: Page): Locator => page.getByRole('dialog', { name: 'Import chats' });

/** Checks the report and closes it. */
async function reported(page: Page, ...texts: readonly (string | RegExp)[]): Promise<void> {
  const dialog = dialogOf(page);
  await expect(dialog.getByRole('button', { name: 'Done' })).toBeFocused();
  for (const text of texts) await expect(dialog).toContainText(text);
  await page.keyboard.press('Enter');
  await expect(dialog).toHaveCount(0);
}

test('imports an LM Studio folder from the palette, with a report; a second import adds nothing', async ({
  app,
  page,
  chat,
  folder,
}) => {
  mkdirSync(join(folder, 'Sea'));
  writeFileSync(join(folder, 'Sea', '1.conversation.json'), JSON.stringify(lmStudioChat));
  writeFileSync(
    join(folder, '2.conversation.json'),
    JSON.stringify({ ...lmStudioChat, name: 'Second', pinned: false }),
  );
  writeFileSync(join(folder, '3.conversation.json'), '{"name":"Cut","messages":[');
  await choose(app, [folder]);
  await chat.command('Import a folder of chats…');
  await reported(
    page,
    'Imported 2 chats with 8 messages.',
    'LM Studio',
    /Not imported.*2 settings that Wyvern does not have.*2 images/,
    '3.conversation.json: The file is invalid: it is cut short.',
  );
  await expect(chat.chats).toHaveCount(2);
  await chat.chat('Tide tables').press('Enter');
  await expect(chat.questions).toHaveText(['What moves the tides? [Image: 17-chart.png]', 'And the Sun?']);
  await expect(chat.text(chat.answers.first())).toContainText('The Moon, mostly.');
  await chat.answers.first().getByRole('button', { name: 'Next version' }).press('Enter');
  await expect(chat.text(chat.answers.first())).toHaveText('The wind');

  await chat.command('Import a folder of chats…');
  await reported(page, 'No new chats were imported.', '2 already there');
  await expect(chat.chats).toHaveCount(2);
});

test('a dropped ChatGPT zip is imported after a question, and the latest chat opens', async ({
  app,
  page,
  chat,
  folder,
}) => {
  const file = join(folder, 'chatgpt.zip');
  const other = { ...chatGptChat, title: 'Circle', mapping: { a: { parent: 'a', children: ['a'], message: null } } };
  const data = JSON.stringify([other, chatGptChat]);
  writeFileSync(
    file,
    zip([
      { name: 'user.json', data: '{}' },
      { name: 'conversations.json', data },
    ]),
  );
  await app.drop([file]);
  const dialog = dialogOf(page);
  await expect(dialog).toContainText('“chatgpt.zip” contains chats. Import them?');
  await expect(dialog.getByRole('button', { name: 'Import', exact: true })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(dialog).toContainText('Imported 1 chat with 4 messages.');
  await expect(dialog).toContainText('1 chat could not be imported');
  await expect(dialog).toContainText('“Circle”: The file is invalid: its messages follow each other in a circle.');
  await page.keyboard.press('Shift+Tab');
  await expect(dialog.getByRole('button', { name: 'Open the latest chat' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(chat.questions).toContainText(['Why are harbours lit red and green?']);
  const kept = chat.answers.last().getByTestId('attachment');
  await expect(chat.thought(chat.answers.last()).locator('summary')).toHaveText('Thought');
  await expect(kept.filter({ hasText: 'Tool calls and results' })).toHaveCount(1);
  await expect(chat.text(chat.answers.last())).toHaveText('I look it up.Red is to port.');
});

test('a llama.cpp file dropped on the message box is imported, attached or ignored, as the person chooses', async ({
  app,
  page,
  chat,
  folder,
}) => {
  const file = join(folder, 'knots.jsonl');
  writeFileSync(file, llamaCppLines);
  const dialog = dialogOf(page);
  await app.drop([file], chat.composer);
  await expect(dialog).toContainText('“knots.jsonl”');
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(chat.chats).toHaveCount(0);

  await app.drop([file], chat.composer);
  await dialog.getByRole('button', { name: 'Attach as text' }).press('Enter');
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole('list', { name: 'Attachments' })).toContainText('knots.jsonl');

  await app.drop([file], chat.composer);
  await dialog.getByRole('button', { name: 'Import', exact: true }).press('Enter');
  await reported(page, 'Imported 1 chat with 3 messages.', 'llama.cpp', '1 image');
  await chat.chat('Knots').press('Enter');
  await expect(chat.questions).toContainText(['Which knot holds?']);
  await chat.openChatSettings();
  await expect(chat.chatSettings.getByRole('textbox', { name: 'System prompt' })).toHaveValue('Be brief.');
});

test('imports Wyvern’s own export from the settings after deleting the chats', async ({ app, page, chat, folder }) => {
  await chat.send('Keep this');
  await chat.lastAnswer('complete');
  const file = await saveAs(app, join(folder, 'all.json'));
  await chat.command('Export all chats…');
  const exporting = page.getByRole('dialog', { name: 'Export all chats' });
  await exporting.getByRole('radio', { name: 'JSON' }).press('Space');
  await page.keyboard.press('Enter');
  await expect(chat.notifications.filter({ hasText: 'all.json' })).toHaveCount(1);
  await chat.chat('Keep this').press('Delete');
  await expect(chat.chats).toHaveCount(0);

  await choose(app, [file]);
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await chat.openSettings();
  await chat.settings.getByRole('button', { name: 'Import chats…' }).press('Enter');
  await reported(page, 'Imported 1 chat with 2 messages.', 'Wyvern');
  await chat.chat('Keep this').press('Enter');
  await expect(chat.text(chat.answers.last())).toHaveText('Noted.');
  const first = readFileSync(file, 'utf8');
  expect(first).toContain('Keep this');
});

test('the report names files without chats, and a dropped model is still added', async ({
  app,
  page,
  chat,
  folder,
}) => {
  writeFileSync(join(folder, 'notes.json'), '{"notes":["buy rope"]}');
  await choose(app, [join(folder, 'notes.json')]);
  await chat.command('Import chats…');
  await reported(
    page,
    'No new chats were imported.',
    'Wyvern did not recognise any chats',
    'Export the chats again as JSON.',
  );
  await app.drop([join(folder, 'notes.json')]);
  await expect(chat.notifications.filter({ hasText: 'Wyvern did not recognise a model' })).toHaveCount(1);
  await app.drop([join(folder, 'notes.json')], chat.composer);
  await expect(page.getByRole('list', { name: 'Attachments' })).toContainText('notes.json');
});

test('a long import shows its progress, and Escape cancels it; imported chats stay', async ({
  app,
  page,
  chat,
  folder,
}) => {
  const count = 4000;
  const list = Array.from({ length: count }, (_, i) => ({
    ...chatGptChat,
    conversation_id: `c${i}`,
    title: `Chat ${i}`,
  }));
  writeFileSync(join(folder, 'conversations.json'), JSON.stringify(list));
  await choose(app, [join(folder, 'conversations.json')]);
  await chat.command('Import chats…');
  const dialog = dialogOf(page);
  await expect(dialog.getByRole('progressbar')).toBeVisible();
  await expect(dialog).toContainText('Reading conversations.json');
  await expect(dialog).toContainText(/[1-9]\d* chats? · /);
  await page.keyboard.press('Escape');
  await reported(page, 'The import was cancelled. Chats imported so far were kept.');
  await expect(chat.chats.first()).toBeVisible();
});
