/** The page “Get models”: where to find a better model, by keyboard, offline, in three languages. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { expect, test } from './app.ts';
import { ChatPage } from './chat-page.ts';
import { noteOpened } from './opened-links.ts';
import { reload } from './reload.ts';

const screen = (page: Page): Locator => page.getByTestId('get-models');
const group = (page: Page, name: string): Locator => screen(page).getByRole('list', { name }).getByRole('listitem');

test.describe('on a laptop with 16 GB', () => {
  test.use({
    launch: {
      env: {
        WYVERN_MEMORY: String(16 * 2 ** 30),
        WYVERN_CHIP: 'Snapdragon(R) X Elite - X1E80100 - Qualcomm(R) Oryon(TM)',
      },
    },
  });

  test('the first screen leads to it; a page opens after its address was shown', async ({ app, page }) => {
    const chat = new ChatPage(page);
    await chat.modelReady();
    await chat.welcome.getByRole('button', { name: 'Where to get a better model for this computer' }).press('Enter');
    await expect(screen(page).getByRole('heading', { level: 1, name: 'Get models' })).toBeFocused();
    await expect(screen(page)).toContainText('This computer: Snapdragon X Elite (V73), 16 GB of memory');
    await expect(screen(page)).toContainText('For the NPU, drop the folder of a Genie download');
    await expect(screen(page)).toContainText('were read on the publishers’ pages on Nov 29, 2026');
    const first = group(page, 'Suits this computer').first();
    await expect(first).toContainText(/^(Qwen3 4B) by /);
    await expect(first).toContainText(/Takes about \d(\.\d+)? GB of 16 GB\./);
    const phones = group(page, 'Does not run on this computer').filter({ hasText: 'for phones' });
    await expect(phones).toContainText('Compiled for Snapdragon 8 Gen 3 (V75), Snapdragon 8 Elite (V79)');

    const opened = await noteOpened(app);
    const card = group(page, 'Suits this computer').filter({ hasText: 'Qwen3 1.7B' });
    await card.getByRole('button', { name: 'Open the page of Qwen3 1.7B by software-mansion' }).press('Enter');
    const link = page.getByRole('dialog', { name: 'Open this link?' });
    await expect(link.getByTestId('link-address')).toHaveText(
      'https://huggingface.co/software-mansion/react-native-executorch-qwen-3',
    );
    expect(await opened()).toEqual([]);
    await link.getByRole('button', { name: 'Open in browser' }).press('Enter');
    await expect.poll(opened).toHaveLength(1);
    await page.keyboard.press('Escape');
    await expect(chat.library.getByRole('searchbox')).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(chat.composer).toBeVisible();
  });

  test('the library and the palette lead to it', async ({ page }) => {
    const chat = new ChatPage(page);
    await chat.modelReady();
    await chat.openLibrary();
    await chat.library.getByRole('button', { name: 'Get models' }).press('Enter');
    await expect(screen(page)).toBeVisible();
    await page.keyboard.press('Control+Shift+M');
    await expect(screen(page)).toHaveCount(0);
    await chat.command('Get models');
    await expect(screen(page).getByRole('heading', { level: 1 })).toBeFocused();
  });
});

test.describe('on a computer with 4 GB', () => {
  test.use({ launch: { env: { WYVERN_MEMORY: String(4 * 2 ** 30) } } });

  test('the small models come first, and each of the others has its reason', async ({ page }) => {
    const chat = new ChatPage(page);
    await chat.modelReady();
    await chat.command('Get models');
    await expect(group(page, 'Suits this computer').first()).toContainText('SmolLM3 3B');
    await expect(group(page, 'Leaves little memory').first()).toContainText('Close other programs first.');
    await expect(group(page, 'Does not run on this computer').filter({ hasText: 'long context' })).toContainText(
      /Needs about 4\.\d+ GB\. This computer has 4 GB\./,
    );
  });
});

const titles = { en: 'Get models', de: 'Modelle finden', zh: '获取模型' } as const;

for (const theme of ['light', 'dark'] as const) {
  test(`is accessible and fits 640 px in three languages, ${theme}`, async ({ app, page }) => {
    const chat = new ChatPage(page);
    await page.setViewportSize({ width: 640, height: 700 });
    for (const language of ['en', 'de', 'zh'] as const) {
      await page.evaluate(async (input) => await window.wyvern.call('settings.set', input), { language, theme });
      await reload(app);
      await chat.modelReady();
      await chat.command(titles[language]);
      await expect(screen(page).getByRole('listitem').first()).toBeVisible();
      // A reload forgets an emulated colour scheme, so the setting chooses the theme.
      await expect(page.locator('html')).toHaveCSS('color-scheme', theme);
      const wide = await screen(page).evaluate((main) =>
        [main, ...main.querySelectorAll('*')]
          .filter(({ scrollWidth, clientWidth }) => clientWidth > 0 && scrollWidth > clientWidth + 1)
          .map((one) => `${one.tagName} ${one.getAttribute('class') ?? ''}`),
      );
      expect(wide, language).toEqual([]);
      const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
      expect(violations, language).toEqual([]);
    }
  });
}
