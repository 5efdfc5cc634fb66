/** The window for everyone: themes, keyboard, screen readers. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chatGptChat } from '../main/testing/foreign-chats.ts';
import { expect, test } from './app.ts';
import { ChatPage } from './chat-page.ts';
import { reload } from './reload.ts';
import { tinyLlama } from './tiny-llama.ts';

const answer = [
  '## Tides',
  'The **Moon** pulls; see [more](https://example.com/).',
  '',
  '1. One\n2. Two with `code`',
  '',
  '| Sea | Range |\n|---|--:|\n| North | 4 m |',
  '',
  '> A quote',
  '',
  '```python\ndef tide(hours: float) -> str:\n    """High or low."""\n    return "high" if hours < 6 else "low"  # roughly\n```',
].join('\n');

test.use({ launch: { addon: `fake:answer=${encodeURIComponent(answer)}` } });

async function background(page: Page): Promise<string> {
  return await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
}

for (const theme of ['light', 'dark'] as const) {
  test(`axe finds nothing in the ${theme} window`, async ({ app, page }) => {
    const chat = new ChatPage(page);
    const problems: unknown[] = [];
    const check = async (screen: string): Promise<void> => {
      // Wait for animations before judging colours. A cancelled animation's promise rejects.
      await page.evaluate(
        async () => await Promise.allSettled(document.getAnimations().map(({ finished }) => finished)),
      );
      // Legacy mode stays in this page: the window opens no others.
      const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
      problems.push(...violations.map(({ id, nodes }) => ({ screen, id, nodes: nodes.map(({ html }) => html) })));
    };
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await chat.modelReady();
    await check('welcome');
    await chat.send('What are tides?');
    await chat.lastAnswer('complete');
    await expect(chat.answers.locator('pre span').first()).toBeVisible();
    await check('chat');
    await chat.modelButton.click();
    await expect(chat.modelPanel).toBeVisible();
    await check('models');
    await page.keyboard.press('Escape');
    await expect(chat.modelPanel).toHaveCount(0);
    await expect(chat.modelButton).toBeFocused();
    await chat.openLibrary();
    await expect(chat.models).toHaveCount(1);
    await check('library');
    await chat.models.getByRole('button').first().press('Enter');
    await expect(chat.library.getByRole('region', { name: 'Methods' })).toBeVisible();
    await check('model');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await chat.openSettings();
    await check('settings');
    await page.keyboard.press('Escape');
    await chat.openChatSettings();
    await check('settings of this chat');
    await page.keyboard.press('Escape');
    await chat.search.fill('tides');
    await expect(chat.found.first()).toBeVisible();
    await check('search');
    await page.keyboard.press('Escape');
    const chats = join(app.userData, 'chats.json');
    writeFileSync(chats, JSON.stringify([chatGptChat, { ...chatGptChat, mapping: { a: { parent: 'a' } } }]));
    await app.drop([chats]);
    await expect(page.getByRole('dialog', { name: 'Import chats' })).toBeVisible();
    await check('chats to be imported');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('button', { name: 'Done' })).toBeFocused();
    await check('what came of an import');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    const pieces = mkdtempSync(join(tmpdir(), 'wyvern-look-'));
    cpSync(join(tinyLlama, 'model.pte'), join(pieces, 'one.pte'));
    await app.drop([join(pieces, 'one.pte')]);
    await expect(page.getByRole('dialog', { name: 'Open one' })).toBeVisible();
    await check('a missing file of a model');
    await page.keyboard.press('Escape');
    cpSync(join(tinyLlama, 'model.pte'), join(pieces, 'two.pte'));
    await app.drop([pieces]);
    await expect(page.getByRole('radio')).toHaveCount(2);
    await check('two programs');
    await page.keyboard.press('Escape');
    rmSync(pieces, { recursive: true });
    await chat.search.fill('');
    await page.getByRole('link', { name: 'more' }).click();
    await check('link');
    await page.keyboard.press('Escape');
    await chat.chatMenu('What are tides?', 'Delete');
    await expect(chat.notifications).toHaveCount(1);
    await check('undo');
    expect(problems).toEqual([]);
  });
}

test('the theme follows the system until one is chosen, and the choice is kept', async ({ app, page }) => {
  const chat = new ChatPage(page);
  await expect(chat.composer).toBeVisible();
  await page.emulateMedia({ colorScheme: 'light' });
  const light = await background(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  const dark = await background(page);
  expect(dark).not.toBe(light);

  await chat.openSettings();
  await chat.settings.getByText('Light', { exact: true }).click();
  await expect(chat.settings.getByRole('radio', { name: 'Light' })).toBeChecked();
  await expect.poll(() => background(page)).toBe(light);
  await app.restart();
  await app.page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(() => background(app.page)).toBe(light);
});

test('numbers out of range show an error and are not stored', async ({ app, page }) => {
  const chat = new ChatPage(page);
  await chat.openSettings();
  const field = chat.settings.getByRole('textbox', { name: 'Temperature' });
  const before = await field.inputValue();
  await field.fill('9');
  await expect(field).toHaveAttribute('aria-invalid', 'true');
  await expect(field).toHaveAccessibleDescription('From 0 to 5');
  await page.keyboard.press('Escape');
  await chat.openSettings();
  await expect(field).toHaveValue(before);
  await field.fill('0.7');
  await field.press('Enter');
  await page.keyboard.press('Escape');
  await reload(app);
  await chat.openSettings();
  await expect(field).toHaveValue('0.7');
});

test('the keyboard alone is enough', async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await expect(chat.composer).toBeFocused();
  await page.keyboard.type('One');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('two');
  await expect(chat.composer).toHaveValue('One\ntwo');
  await page.keyboard.press('Enter');
  await chat.lastAnswer('complete');
  await expect(chat.announcement).toHaveText('The answer is finished.');

  await page.keyboard.press('Shift+Tab');
  await expect(chat.composer).not.toBeFocused();
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle);
  expect(outline).toBe('solid');
  await page.keyboard.press('Control+l');
  await expect(chat.composer).toBeFocused();
  await page.keyboard.press('Control+b');
  await expect(page.getByRole('navigation', { name: 'Chats' })).toHaveCount(0);
  await page.keyboard.press('Control+b');
  await expect(page.getByRole('navigation', { name: 'Chats' })).toBeVisible();
  await page.keyboard.press('Control+n');
  await expect(chat.welcome).toBeVisible();
  await expect(chat.composer).toBeFocused();
});

test('code is coloured and copied', async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.send('What are tides?');
  const block = (await chat.lastAnswer('complete')).getByRole('figure');
  await expect(block).toContainText('python');
  const colours = async (): Promise<number> =>
    await block
      .locator('pre span')
      .evaluateAll((spans) => new Set(spans.map((span) => getComputedStyle(span).color)).size);
  await expect.poll(colours).toBeGreaterThan(3);
  await page.evaluate(() => {
    addEventListener('copy', (event) => Object.assign(window, { copied: event.clipboardData?.getData('text/plain') }));
    const write = navigator.clipboard.writeText.bind(navigator.clipboard);
    navigator.clipboard.writeText = async (text) => {
      Object.assign(window, { copied: text });
      await write(text);
    };
  });
  await block.getByRole('button', { name: 'Copy the code' }).click();
  await expect(block.getByRole('button', { name: 'Copied' })).toBeVisible();
  expect(await page.evaluate(() => (window as unknown as { copied: string }).copied)).toContain('return "high"');
});

test('the settings lead to each of their sections', async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await page.keyboard.press('Control+,');
  const list = chat.settings.getByRole('navigation', { name: 'Sections' });
  await expect(list.getByRole('button', { name: 'Appearance' })).toHaveAttribute('aria-current', 'true');
  const about = list.getByRole('button', { name: 'About' });
  await about.press('Enter');
  await expect(about).toHaveAttribute('aria-current', 'true');
  const diagnostics = list.getByRole('button', { name: 'Diagnostics' });
  await diagnostics.press('Enter');
  await expect(diagnostics).toHaveAttribute('aria-current', 'true');
  await expect(about).not.toHaveAttribute('aria-current');
  await about.press('Enter');
  await expect(chat.settings.getByRole('region', { name: 'About' })).toBeInViewport();
  await expect(chat.settings.getByRole('region', { name: 'Appearance' })).not.toBeInViewport();
});
