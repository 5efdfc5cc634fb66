/**
 * How every screen looks, held to pictures: `npx playwright test --project looks`, with `--update-snapshots` after a change
 * that is wanted and was looked at. What a machine or a day decides is covered up.
 */
import type { Locator, Page } from '@playwright/test';
import { join } from 'node:path';
import { expect, test } from '../app.ts';
import { ChatPage } from '../chat-page.ts';
import { storeSampleChats } from './sample-chats.ts';

test.use({ launch: { addon: 'fake:' } });

const sizes = { wide: { width: 1280, height: 800 }, small: { width: 900, height: 600 } } as const;

for (const theme of ['light', 'dark'] as const) {
  for (const [size, viewport] of Object.entries(sizes)) {
    test(`every screen, ${theme}, ${size}`, async ({ app }) => {
      await app.quit();
      storeSampleChats(join(app.userData, 'wyvern.sqlite'), Date.now());
      await app.start();
      const { page } = app;
      const chat = new ChatPage(page);
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await page.setViewportSize(viewport);
      await chat.modelReady();
      const look = async (name: string, ...covered: readonly Locator[]): Promise<void> => {
        await page.mouse.move(0, 0);
        await expect
          .soft(page)
          .toHaveScreenshot(`${name}-${theme}-${size}.png`, { mask: [...covered], maskColor: '#808080' });
      };

      await look('welcome');
      await chat.chat('What are tides?').click();
      await expect(chat.answers.locator('pre span').first()).toBeVisible();
      await look('chat');
      await page.getByRole('region', { name: 'Messages' }).press('Home');
      await look('chat-top');
      await page.getByRole('region', { name: 'Messages' }).press('End');
      await expect(page.getByRole('button', { name: 'Jump to latest' })).toHaveCount(0);
      await chat.answers.getByRole('button', { name: 'Show the time of each token' }).press('Enter');
      await expect(page.getByRole('complementary', { name: 'Latency' })).toBeVisible();
      await look('latency');
      await page.keyboard.press('Control+Shift+L');
      await chat.search.fill('tides');
      await expect(chat.found.first()).toBeVisible();
      await look('search');
      await chat.search.press('Escape');
      await chat.modelButton.click();
      await expect(chat.modelPanel).toBeVisible();
      await look('models', page.getByText(/ in memory/));
      await page.keyboard.press('Escape');
      await dialogGone(page);
      await chat.openLibrary();
      await expect(chat.models).toHaveCount(1);
      await look('library', chat.models.getByText(/ in memory|\b20\d\d$/));
      await chat.models.getByRole('button').first().press('Enter');
      await expect(chat.library.getByRole('region', { name: 'Methods' })).toBeVisible();
      await look('model', chat.library.getByText(/^\d+ MB$|\b20\d\d$/));
      await page.keyboard.press('Escape');
      await page.keyboard.press('Escape');
      await chat.openSettings();
      await look('settings');
      await page.keyboard.press('Escape');
      await dialogGone(page);
      await chat.openChatSettings();
      await look('chat-settings');
      await page.keyboard.press('Escape');
      await dialogGone(page);
      await page.keyboard.press('Control+k');
      await expect(page.getByRole('combobox')).toBeFocused();
      await look('palette');
      await page.keyboard.press('Escape');
      await dialogGone(page);
      await page.keyboard.press('Control+/');
      await expect(page.getByRole('dialog')).toBeVisible();
      await look('shortcuts');
      await page.keyboard.press('Escape');
      await dialogGone(page);
      await chat.chatMenu('Regular expressions', 'Delete');
      await expect(chat.notifications).toHaveCount(1);
      await look('undo');
    });
  }
}

/** The window's keys are its own again. */
async function dialogGone(page: Page): Promise<void> {
  await expect(page.getByRole('dialog')).toHaveCount(0);
}
