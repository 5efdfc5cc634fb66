/** Commands by a few letters, and by the listed keys. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from './app.ts';
import { ChatPage } from './chat-page.ts';

test('commands are found by their letters and run with Enter', async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Search chats and commands' });
  await expect(palette.getByRole('combobox')).toBeFocused();
  await page.keyboard.type('latncy');
  await expect(palette.getByRole('option', { name: /Show or hide latency/ })).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Enter');
  await expect(palette).toHaveCount(0);
  await expect(page.getByRole('complementary', { name: 'Latency' })).toBeVisible();

  await page.keyboard.press('Control+k');
  await page.keyboard.type('theme: dark');
  await page.keyboard.press('Enter');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');

  await page.keyboard.press('Control+k');
  await page.keyboard.type('qqqqzz');
  await expect(palette).toContainText('No results found');
  await page.keyboard.press('Escape');
  await expect(palette).toHaveCount(0);

  await page.keyboard.press('Control+k');
  await page.keyboard.type('settings');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  await expect(palette.getByRole('option', { selected: true })).toHaveCount(1);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('unload');
  await page.keyboard.press('Enter');
  await expect(chat.modelState).toHaveAttribute('data-status', 'none');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('load tiny');
  await page.keyboard.press('Enter');
  await chat.modelReady();
});

test('chats are found by their messages', async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.answerGreedily();
  await chat.send('My name is Ada.');
  await chat.lastAnswer('complete');
  await page.keyboard.press('Control+n');
  await chat.send('Make a table.');
  await chat.lastAnswer('complete');

  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Search chats and commands' });
  await expect(palette.getByRole('group', { name: 'Recent chats' }).getByRole('option')).toHaveCount(2);
  await page.keyboard.type('nice to meet');
  const found = palette.getByRole('group', { name: 'Chats', exact: true }).getByRole('option');
  // The chat also matches by the title that the model made; the last result is the message itself.
  await expect(found.last()).toContainText('Nice to meet you, Ada.');
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await expect(palette).toHaveCount(0);
  await expect(chat.questions).toHaveText(['My name is Ada.']);
});

test('keys are listed, and axe finds nothing in the palette', async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await page.keyboard.press('Control+/');
  const list = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await expect(list).toContainText('Show or hide latency');
  await expect(list.getByText('Ctrl')).not.toHaveCount(0);
  expect((await new AxeBuilder({ page }).setLegacyMode().analyze()).violations).toEqual([]);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox')).toBeFocused();
  expect((await new AxeBuilder({ page }).setLegacyMode().analyze()).violations).toEqual([]);
});
