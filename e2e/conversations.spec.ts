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

test('have the name of their first message, newest first, by day', async ({ page }) => {
  const chat = new ChatPage(page);
  await expect(chat.chats).toHaveText(['Second question', 'First question']);
  await expect(page.getByRole('region', { name: 'Today' }).getByRole('listitem')).toHaveCount(2);
  await expect(chat.chat('Second question')).toHaveAttribute('aria-current', 'page');
  await chat.chat('First question').click();
  await expect(chat.questions).toHaveText(['First question']);
});

test('are renamed in place; Escape keeps the name', async ({ app, page }) => {
  const chat = new ChatPage(page);
  const field = page.getByRole('textbox', { name: 'Chat name' });
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

test('are deleted, and restored by undo', async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.chatMenu('Second question', 'Delete');
  await expect(chat.chats).toHaveText(['First question']);
  await expect(chat.welcome).toBeVisible();
  await chat.notifications.getByRole('button', { name: 'Undo' }).click();
  await expect(chat.chats).toHaveText(['Second question', 'First question']);
  await expect(chat.questions).toHaveText(['Second question']);
});

test('keep a draft each, also over a reload', async ({ app, page }) => {
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

test('are pinned, and copied with all messages', async ({ app, page }) => {
  const chat = new ChatPage(page);
  await chat.chatMenu('First question', 'Pin');
  await expect(page.getByRole('region', { name: 'Pinned' }).getByRole('listitem')).toHaveText(['First question']);
  await expect(chat.chats).toHaveText(['First question', 'Second question']);
  await chat.chatMenu('First question', 'Duplicate');
  await expect(chat.chat('Copy of First question')).toHaveAttribute('aria-current', 'page');
  await expect(chat.questions).toHaveText(['First question']);
  await expect(chat.text(await chat.lastAnswer('complete'))).toHaveText('Fine.');
  await app.restart();
  const again = new ChatPage(app.page);
  await expect(again.chats).toHaveText(['First question', 'Copy of First question', 'Second question']);
  await again.chatMenu('First question', 'Unpin');
  await expect(app.page.getByRole('region', { name: 'Pinned' })).toHaveCount(0);
});

test('are selected by keyboard and mouse, and pinned or deleted together', async ({ page }) => {
  const chat = new ChatPage(page);
  await page.keyboard.press('Control+n');
  await chat.send('Third question');
  await chat.lastAnswer('complete');
  const bar = page.getByRole('toolbar', { name: 'Selected chats' });

  await chat.chat('Third question').press('Shift+ArrowDown');
  await expect(bar).toContainText('2 selected');
  await expect(chat.chat('Second question')).toBeFocused();
  await expect(page.getByRole('checkbox', { name: 'Select “Second question”' })).toBeChecked();
  await bar.getByRole('button', { name: 'Pin' }).press('Enter');
  await expect(bar).toHaveCount(0);
  await expect(page.getByRole('region', { name: 'Pinned' }).getByRole('listitem')).toHaveText([
    'Third question',
    'Second question',
  ]);

  await chat.chat('First question').click({ modifiers: ['Control'] });
  await chat.chat('Third question').click({ modifiers: ['Shift'] });
  await expect(bar).toContainText('3 selected');
  await page.getByRole('checkbox', { name: 'Select “First question”' }).press(' ');
  await expect(bar).toContainText('2 selected');
  await chat.chat('Third question').press('Escape');
  await expect(bar).toHaveCount(0);
  await expect(chat.questions).toHaveText(['Third question']);

  await chat.chat('First question').press('Control+a');
  await chat.chat('First question').press('Delete');
  await expect(chat.chats).toHaveCount(0);
  await chat.notifications.getByRole('button', { name: 'Undo' }).press('Enter');
  await expect(chat.chats).toHaveCount(3);
});

test('keep the keyboard focus when an item is removed', async ({ page }) => {
  const chat = new ChatPage(page);
  const actions = page.getByRole('button', { name: 'Actions for “First question”' });
  await actions.press('Enter');
  await page.getByRole('menuitem', { name: 'Export…' }).press('Enter');
  await expect(page.getByRole('dialog', { name: 'Export “First question”' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(actions).toBeFocused();
  const field = page.getByRole('textbox', { name: 'Chat name' });
  await chat.chat('Second question').press('F2');
  await field.press('Escape');
  await expect(chat.chat('Second question')).toBeFocused();
  await page.keyboard.press('F2');
  await field.fill('Weather');
  await field.press('Enter');
  await expect(chat.chat('Weather')).toBeFocused();
  await chat.chat('First question').press('Delete');
  await expect(chat.chats).toHaveText(['Weather']);
  await expect(chat.chat('Weather')).toBeFocused();
  // Delete the open chat: a new one replaces it.
  await page.getByRole('button', { name: 'Actions for “Weather”' }).press('Enter');
  await page.getByRole('menuitem', { name: 'Delete' }).press('Enter');
  await expect(chat.composer).toBeFocused();
});

test('have a menu that releases the window’s keys as soon as it closes', async ({ page }) => {
  // Right when it opens, before the browser draws it and starts its animation.
  const opened = await page.evaluate(async () => {
    const menu = (): HTMLElement | null => document.querySelector('[role="menu"]');
    const trigger = document.querySelector<HTMLElement>('[aria-label="Actions for “First question”"]');
    trigger?.focus();
    trigger?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
    for (let turn = 0; turn < 10_000 && menu()?.style.animation !== ''; turn++) await Promise.resolve();
    const shown = getComputedStyle(menu() ?? document.body).animationName;
    [...document.querySelectorAll<HTMLElement>('[role="menuitem"]')].find((item) => item.innerText === 'Pin')?.click();
    for (let turn = 0; turn < 100; turn++) await Promise.resolve();
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'k', ctrlKey: true, bubbles: true }));
    return shown;
  });
  expect(opened).toBe('enter');
  await expect(page.getByRole('combobox')).toBeFocused();
});

test('are searched while typing, and a result leads to the message', async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.search.fill('first');
  await expect(chat.found.locator('mark')).toHaveText(['First', 'First']);
  await chat.search.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(chat.questions).toHaveText(['First question']);
  await chat.search.fill('zebra');
  await expect(page.getByText('No results found.')).toBeVisible();
  await chat.search.press('Escape');
  await expect(chat.chats).toHaveText(['Second question', 'First question']);
});

test.describe('named by the model', () => {
  test.use({ launch: { addon: `fake:answer=${encodeURIComponent('Wyverns and pears')}`, titles: true } });

  test('get their name after the first answer', async ({ page }) => {
    const chat = new ChatPage(page);
    await expect(chat.chats).toHaveText(['Wyverns and pears', 'Wyverns and pears']);
  });
});
