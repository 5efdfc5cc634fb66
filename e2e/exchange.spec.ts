/** A person exports and imports chats. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from './app.ts';
import { ChatPage } from './chat-page.ts';
import { saveAs } from './system-dialogs.ts';

test('a chat is exported as Markdown and as JSON from its menu, selected ones from their bar, all from the palette', async ({
  app,
  page,
}) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.answerGreedily();
  await chat.send('Say yes.');
  await chat.lastAnswer('complete');
  await page.keyboard.press('Control+n');
  await chat.send('Where does it live?');
  await chat.lastAnswer('complete');

  const markdown = await saveAs(app, join(app.userData, 'yes.md'));
  await page.getByRole('button', { name: 'Actions for “Say yes.”' }).press('Enter');
  await page.getByRole('menuitem', { name: 'Export…' }).press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Export “Say yes.”' });
  await expect(dialog.getByRole('radio', { name: 'Markdown' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(chat.notifications.filter({ hasText: 'Exported 1 chat' })).toHaveCount(1);
  expect(readFileSync(markdown, 'utf8')).toMatch(
    /^# Say yes\\.\n[^]*## User\n[^]*> Say yes\.\n[^]*## Assistant \([^]*> Yes\./,
  );

  const some = await saveAs(app, join(app.userData, 'some.json'));
  await chat.chat('Where does it live?').focus();
  await page.keyboard.press('Control+a');
  await page.getByRole('toolbar', { name: 'Selected chats' }).getByRole('button', { name: 'Export…' }).press('Enter');
  await expect(page.getByRole('dialog', { name: 'Export 2 chats' })).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(chat.notifications.filter({ hasText: 'Exported 2 chats' })).toHaveCount(1);
  const titles = (path: string): readonly string[] =>
    (JSON.parse(readFileSync(path, 'utf8')) as { chats: { title: string }[] }).chats.map(({ title }) => title);
  expect(titles(some)).toEqual(['Where does it live?', 'Say yes.']);

  // The open dialog gets the window's keys.
  await expect(page.getByRole('dialog')).toHaveCount(0);
  const all = await saveAs(app, join(app.userData, 'all.json'));
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('export all');
  await expect(page.getByRole('option').first()).toHaveText('Export all chats…');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Export all chats' }).getByRole('radio', { name: 'JSON' }).press('Space');
  await page.keyboard.press('Enter');
  await expect(chat.notifications.filter({ hasText: 'all.json' })).toHaveCount(1);
  expect(titles(all)).toEqual(titles(some));
});
