/** The list of chats. */
import { expect, test } from './app.ts';
import { ChatPage } from './chat-page.ts';
import { reload } from './reload.ts';

test.use({ launch: { addon: 'fake:answer=Fine.' } });

test.beforeEach(async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.send('First question');
  await chat.lastAnswer('complete');
  await page.keyboard.press('Control+n');
  await chat.send('Second question');
  await chat.lastAnswer('complete');
});

test('are named for their first message, newest first, by day', async ({ page }) => {
  const chat = new ChatPage(page);
  await expect(chat.chats).toHaveText(['Second question', 'First question']);
  await expect(page.getByRole('region', { name: 'Today' }).getByRole('listitem')).toHaveCount(2);
  await expect(chat.chat('Second question')).toHaveAttribute('aria-current', 'page');
  await chat.chat('First question').click();
  await expect(chat.questions).toHaveText(['First question']);
});

test('are renamed in place; Escape keeps the name', async ({ app, page }) => {
  const chat = new ChatPage(page);
  const field = page.getByRole('textbox', { name: 'Name of the chat' });
  await chat.chatMenu('First question', 'Rename');
  await field.fill('Never mind');
  await field.press('Escape');
  await expect(chat.chats).toHaveText(['Second question', 'First question']);
  await chat.chatMenu('First question', 'Rename');
  await expect(field).toBeFocused();
  await field.fill('Weather');
  await field.press('Enter');
  await expect(chat.chat('Weather')).toBeVisible();
  await app.restart();
  await expect(new ChatPage(app.page).chat('Weather')).toBeVisible();
});

test('are deleted, and brought back by undo', async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.chatMenu('Second question', 'Delete');
  await expect(chat.chats).toHaveText(['First question']);
  await expect(chat.welcome).toBeVisible();
  await chat.notifications.getByRole('button', { name: 'Undo' }).click();
  await expect(chat.chats).toHaveText(['Second question', 'First question']);
  await expect(chat.questions).toHaveText(['Second question']);
});

test('keep a draft each, over a reload too', async ({ app, page }) => {
  const chat = new ChatPage(page);
  await chat.composer.fill('About the second');
  await chat.chat('First question').click();
  await expect(chat.composer).toHaveValue('');
  await chat.composer.fill('About the first');
  await chat.chat('Second question').click();
  await expect(chat.composer).toHaveValue('About the second');
  await reload(app);
  await expect(chat.composer).toHaveValue('About the second');
  await chat.chat('First question').click();
  await expect(chat.composer).toHaveValue('About the first');
  expect(app.log).not.toContain('error');
});
