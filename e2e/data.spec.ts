/** The store: backups, restoring one, and damaged files. */
import { closeSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Locator, Page } from '@playwright/test';
import { expect, test } from './app.ts';
import type { WyvernApp } from './app.ts';
import { ChatPage } from './chat-page.ts';

const dataOf = (page: Page): Locator => page.getByRole('region', { name: 'Data' });
const backupsOf = (page: Page): Locator => dataOf(page).getByRole('list', { name: 'Backups' }).getByRole('listitem');
const storeOf = (app: WyvernApp): string => join(app.userData, 'wyvern.sqlite');

test.use({ launch: { addon: 'fake:answer=Noted.' } });

async function sayIn(chat: ChatPage, text: string): Promise<void> {
  await chat.page.keyboard.press('Control+n');
  await chat.send(text);
  await chat.lastAnswer('complete');
}

test('makes and restores a backup by keyboard, and backs up the replaced store too', async ({ app, page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await sayIn(chat, 'The first');
  await chat.openSettings();
  const data = dataOf(page);
  await expect(data.getByTestId('data-folder')).toHaveText(app.userData);
  await expect(data).toContainText('No backups yet.');
  await data.getByRole('button', { name: 'Back up now' }).press('Enter');
  await expect(backupsOf(page)).toHaveCount(1);
  await expect(backupsOf(page)).toContainText(/1 chat · .* · made by you/);
  await page.keyboard.press('Escape');

  await sayIn(chat, 'The second');
  await expect(chat.chats).toHaveCount(2);
  await chat.openSettings();
  const restore = backupsOf(page).getByRole('button', { name: /^Restore the backup from / });
  await restore.press('Enter');
  const question = backupsOf(page).getByRole('group', { name: /^Restore the backup from / });
  await expect(question).toContainText('Wyvern backs up your current data first');
  await expect(question.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(question).toHaveCount(0);
  await expect(restore).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(question.getByRole('button', { name: 'Restore this backup' })).toBeFocused();
  await page.keyboard.press('Enter');

  await expect(chat.settings).toHaveCount(0);
  await expect(chat.chats).toHaveCount(1);
  await expect(chat.chat('The first')).toBeVisible();
  await chat.modelReady();
  await sayIn(chat, 'The third');
  await chat.openSettings();
  await expect(backupsOf(page)).toHaveCount(2);
  await expect(backupsOf(page).first()).toContainText(/2 chats · .* · before a restore/);
});

test('a damaged file: the chats are there, and a report names the saved rows and the original file', async ({
  app,
  page,
}) => {
  const before = new ChatPage(page);
  await before.modelReady();
  await sayIn(before, 'Kept');
  await app.quit();
  const file = openSync(storeOf(app), 'r+');
  writeSync(file, Buffer.alloc(100, 0x5a), 0, 100, 0);
  closeSync(file);
  await app.start();

  const chat = new ChatPage(app.page);
  const notice = app.page.getByTestId('salvage');
  await expect(notice).toContainText('The file with your chats was damaged');
  await expect(notice).toContainText('Recovered: 1 chat with 2 messages.');
  const original = readdirSync(app.userData).find((name) => name.includes('.damaged-'));
  await expect(notice).toContainText(join(app.userData, original!));
  await chat.chat('Kept').press('Enter');
  await expect(chat.questions).toHaveText(['Kept']);
  await notice.getByRole('button', { name: 'OK' }).press('Enter');
  await expect(notice).toHaveCount(0);

  await app.restart();
  await expect(new ChatPage(app.page).chat('Kept')).toBeVisible();
  await expect(app.page.getByTestId('salvage')).toHaveCount(0);
});

test('a lost message shows a placeholder; the rest of the chat is shown and continues', async ({ app, page }) => {
  const before = new ChatPage(page);
  await before.modelReady();
  await sayIn(before, 'One');
  await before.send('Two');
  await before.lastAnswer('complete');
  await app.quit();
  const database = new DatabaseSync(storeOf(app));
  database.exec("DELETE FROM messages WHERE role = 'assistant' AND position = 2");
  database.close();
  await app.start();

  const chat = new ChatPage(app.page);
  await chat.chat('One').press('Enter');
  await expect(app.page.getByTestId('damaged')).toHaveCount(1);
  await expect(app.page.getByTestId('damaged')).toContainText('This message is damaged');
  await expect(chat.questions).toHaveText(['One', 'Two']);
  await chat.modelReady();
  await chat.send('Three');
  await expect(chat.text(await chat.lastAnswer('complete'))).toHaveText('Noted.');
});

test('a store of a later version does not open and does not change', async ({ app }) => {
  await app.quit();
  const database = new DatabaseSync(storeOf(app));
  database.exec('CREATE TABLE later (x INTEGER) STRICT; PRAGMA user_version = 1000');
  database.close();
  const before = readFileSync(storeOf(app));
  expect(await app.startSecond()).toBe(1);
  expect(readFileSync(storeOf(app)).equals(before)).toBe(true);
});
