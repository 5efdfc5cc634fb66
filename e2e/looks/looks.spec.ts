/**
 * Compares every screen with its picture and checks it with axe: `npx playwright test --project looks`. After an
 * intended change, review the screens and add `--update-snapshots`. It masks content that depends on the machine or the
 * day.
 */
import { AxeBuilder } from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { lmStudioChat } from '../../main/testing/foreign-chats.ts';
import { cpuProgram, programFor, write } from '../../main/testing/repositories.ts';
import { expect, test, type WyvernApp } from '../app.ts';
import { ChatPage } from '../chat-page.ts';
import { storeSampleChats, storeThoughtChat } from './sample-chats.ts';

// The page “Get models” depends on the memory of the machine.
test.use({ launch: { addon: 'fake:', env: { WYVERN_MEMORY: String(16 * 2 ** 30) } } });

const sizes = { wide: { width: 1280, height: 800 }, small: { width: 900, height: 600 } } as const;

type Look = (name: string, ...covered: readonly Locator[]) => Promise<void>;

/** The window in one theme and size. @returns A function that compares it with a picture and checks it with axe */
async function seen(page: Page, theme: 'light' | 'dark', size: keyof typeof sizes): Promise<Look> {
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
  await page.setViewportSize(sizes[size]);
  return async (name, ...covered) => {
    await page.mouse.move(0, 0);
    await expect
      .soft(page)
      .toHaveScreenshot(`${name}-${theme}-${size}.png`, { mask: [...covered], maskColor: '#808080' });
    // Sizes change the layout, not the text or its colours.
    if (size === 'small') return;
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
    expect.soft(violations, `axe on ${name}, ${theme}`).toEqual([]);
  };
}

async function startWithSamples(app: WyvernApp, store = storeSampleChats): Promise<ChatPage> {
  await app.quit();
  store(join(app.userData, 'wyvern.sqlite'), Date.now());
  await app.start();
  const chat = new ChatPage(app.page);
  await chat.modelReady();
  return chat;
}

for (const theme of ['light', 'dark'] as const) {
  for (const size of ['wide', 'small'] as const) {
    test(`every screen, ${theme}, ${size}`, async ({ app }) => {
      const chat = await startWithSamples(app);
      const { page } = app;
      const look = await seen(page, theme, size);

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
      await chat.library.getByRole('button', { name: 'Get models' }).press('Enter');
      await expect(page.getByTestId('get-models').getByRole('list').first()).toBeVisible();
      await look('get-models');
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

    test(`what opens over them, ${theme}, ${size}`, async ({ app }) => {
      const chat = await startWithSamples(app);
      const { page } = app;
      const look = await seen(page, theme, size);

      await chat.command('Export all chats…');
      await expect(page.getByRole('dialog', { name: 'Export all chats' })).toBeVisible();
      await look('export');
      await page.keyboard.press('Escape');
      await dialogGone(page);
      await chat.openSettings();
      await chat.settings.getByRole('button', { name: 'Third-party licences' }).press('Enter');
      const licences = page.getByRole('dialog', { name: 'Third-party licences' });
      await page.keyboard.type('xnnpack bsd');
      await expect(licences.getByRole('listitem')).toHaveCount(1);
      await licences.getByRole('button', { name: /^XNNPACK/ }).press('Enter');
      // The lock files decide their number.
      await look('licences', licences.getByRole('status'));
      await page.keyboard.press('Escape');
      await expect(licences).toHaveCount(0);
      await page.keyboard.press('Escape');
      await chat.command('Chat template…');
      await expect(page.getByRole('dialog').getByTestId('template-preview')).toContainText('<s>');
      await look('template');
      await page.keyboard.press('Escape');
      await dialogGone(page);

      const folder = join(app.userData, 'chats');
      mkdirSync(folder);
      writeFileSync(join(folder, 'tides.conversation.json'), JSON.stringify(lmStudioChat));
      writeFileSync(join(folder, 'cut.conversation.json'), '{"name":"Cut","messages":[');
      await app.drop([folder]);
      await expect(page.getByRole('button', { name: 'Import', exact: true })).toBeFocused();
      await look('import-question');
      await page.keyboard.press('Enter');
      await expect(page.getByRole('button', { name: 'Done' })).toBeFocused();
      await look('import-report');
      await page.keyboard.press('Escape');
      await dialogGone(page);

      // Letters differ in width and digits do not, so that the path wraps alike in each run.
      const downloads = join(tmpdir(), `wyvern-${String(process.pid).padStart(8, '0')}`);
      const repository = join(downloads, 'published');
      for (const size of ['0_6b', '1_7b', '4b']) {
        write(repository, {
          [`${size}/xnnpack/tiny_${size}_xnnpack_8da4w.pte`]: cpuProgram(),
          [`${size}/mlx/tiny_${size}_mlx_8da4w.pte`]: programFor('MLXBackend'),
        });
      }
      await app.drop([repository]);
      const choices = page.getByRole('dialog').getByRole('radio');
      await expect(choices).toHaveCount(3);
      await choices.nth(1).check();
      await look('candidates', page.getByText(downloads));
      await page.keyboard.press('Enter');
      await expect(page.getByRole('button', { name: /^Choose a folder that has the file/ })).toBeVisible();
      await look('missing-tokenizer', page.getByText(downloads));
      await page.keyboard.press('Escape');
      await dialogGone(page);
      rmSync(downloads, { recursive: true });
    });

    test(`prompts, ${theme}, ${size}`, async ({ app }) => {
      const chat = await startWithSamples(app);
      const { page } = app;
      const look = await seen(page, theme, size);
      await chat.composer.fill('/');
      await expect(page.getByRole('listbox')).toBeVisible();
      await look('slash-list');
      await chat.composer.fill('/plan');
      await page.keyboard.press('Enter');
      await expect(page.getByRole('dialog', { name: 'Make a plan' })).toBeVisible();
      await look('prompt-form');
      await page.keyboard.press('Escape');
      await dialogGone(page);
      await chat.composer.fill('');
      await chat.command('Manage prompts…');
      await expect(page.getByTestId('prompts').getByRole('listitem')).toHaveCount(10);
      await look('prompts');
      await page.getByRole('button', { name: 'Edit the prompt Translate' }).press('Enter');
      await expect(page.getByRole('textbox', { name: 'Name' })).toBeFocused();
      await look('prompt-editor');
    });

    test(`a temporary chat, ${theme}, ${size}`, async ({ app }) => {
      const chat = await startWithSamples(app);
      const { page } = app;
      const look = await seen(page, theme, size);
      await page.keyboard.press('Control+Shift+N');
      await expect(page.getByTestId('temporary-mark')).toBeVisible();
      await look('temporary');
      await chat.send('How do I tell my landlord that I am moving out?');
      await chat.lastAnswer('complete');
      await look('temporary-chat', chat.answers.getByRole('list', { name: 'Answer statistics' }));
      await page.keyboard.press('Control+n');
      await expect(page.getByRole('dialog')).toBeVisible();
      await look('temporary-leave');
      await page.getByRole('button', { name: 'Leave and delete' }).press('Enter');
      await dialogGone(page);
    });

    test.describe(`a model that thinks, ${theme}, ${size}`, () => {
      test.use({ launch: { model: resolve(import.meta.dirname, '../fixtures/tiny-thinker') } });

      test('a thought', async ({ app }) => {
        const chat = await startWithSamples(app, storeThoughtChat);
        const look = await seen(app.page, theme, size);
        await chat.chat('Harbour lights').click();
        await expect(chat.thought(chat.answers)).toBeVisible();
        await look('thought-folded');
        await chat.thought(chat.answers).locator('summary').press('Enter');
        await look('thought-open');
        await chat.answers.getByRole('button', { name: 'Show the time of each token' }).press('Enter');
        await expect(app.page.getByRole('complementary', { name: 'Latency' })).toBeVisible();
        await look('thought-latency');
      });
    });

    test.describe(`without a model, ${theme}, ${size}`, () => {
      test.use({ launch: { model: join(tmpdir(), 'no-such-model') } });

      test('the first run', async ({ page }) => {
        const chat = new ChatPage(page);
        await expect(chat.composer).toBeFocused();
        const look = await seen(page, theme, size);
        await look('no-model');
        // There is nothing to search.
        await page.keyboard.press('Control+Shift+M');
        await expect(chat.library).toBeVisible();
        await look('no-models');
      });
    });

    test.describe(`without memory for it, ${theme}, ${size}`, () => {
      test.use({ launch: { addon: 'fake:loadError=out-of-memory' } });

      test('a model that cannot be loaded', async ({ page }) => {
        const chat = new ChatPage(page);
        await expect(chat.modelState).toHaveAttribute('data-status', 'failed');
        const look = await seen(page, theme, size);
        await chat.modelButton.click();
        await expect(chat.modelPanel.getByTestId('notice')).toBeVisible();
        await look('failed');
      });
    });
  }
}

/** Releases the window's keys. */
async function dialogGone(page: Page): Promise<void> {
  await expect(page.getByRole('dialog')).toHaveCount(0);
}
