/** The About screen: authors and licences. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from './app.ts';
import { ChatPage } from './chat-page.ts';

test('the third-party licences open and read by keyboard', async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.openSettings();
  const about = chat.settings.getByRole('region', { name: 'About' });
  const button = about.getByRole('button', { name: 'Third-party licences' });
  await button.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Third-party licences' });
  const search = dialog.getByRole('searchbox', { name: 'Search licences' });
  await expect(search).toBeFocused();
  await expect(dialog).toContainText('Qualcomm');
  const entries = dialog.getByRole('list', { name: 'Third-party licences' }).getByRole('listitem');
  await expect(entries).not.toHaveCount(0);
  const all = await entries.count();
  expect(all).toBeGreaterThan(100);

  await page.keyboard.type('xnnpack bsd');
  await expect(dialog.getByRole('status')).toHaveText(`1 of ${all}`);
  await page.keyboard.press('Tab');
  const entry = dialog.getByRole('button', { name: /^XNNPACK/ });
  await expect(entry).toBeFocused();
  await expect(entry).toHaveAttribute('aria-expanded', 'false');
  await page.keyboard.press('Enter');
  await expect(entries).toContainText('Redistribution and use in source and binary forms');
  expect((await new AxeBuilder({ page }).include('dialog[open]:last-of-type').analyze()).violations).toEqual([]);

  await search.fill('no such words as these');
  await expect(dialog.getByRole('status')).toHaveText(`0 of ${all}`);
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(chat.settings).toBeVisible();
  await expect(button).toBeFocused();
});
