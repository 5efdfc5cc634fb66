/** The language, size of text and motion of the window: chosen by keyboard, applied at once, kept. */
import type { Page } from '@playwright/test';
import { expect, test } from './app.ts';
import { ChatPage } from './chat-page.ts';
import { reload } from './reload.ts';

const line = 'Tides rise and fall. ![Moon](moon.png)\n\n```\nhigh\n```\n\n';

/** All visible text and text for screen readers, except what a running app changes by itself. */
async function said(page: Page): Promise<readonly string[]> {
  return await page.evaluate(() => {
    const words = [...document.querySelectorAll('[aria-label], [placeholder], [title]')].flatMap((element) =>
      ['aria-label', 'placeholder', 'title'].map((name) => element.getAttribute(name) ?? ''),
    );
    // A reload clears announcements, as expected.
    const announced = document.querySelector('[data-testid="announcement"]')?.textContent ?? '';
    const texts = document.body.innerText.split('\n').filter((text) => text !== announced);
    return [...words, ...texts].filter((text) => text !== '').sort();
  });
}

test.describe('the language', () => {
  test.use({ launch: { addon: `fake:rate=40&repeat=0&contextLength=20000&answer=${encodeURIComponent(line)}` } });

  test('changes at once: the answer continues, the draft and the focus stay, and the choice is kept', async ({
    app,
    page,
  }) => {
    const chat = new ChatPage(page);
    const html = page.locator('html');
    await chat.modelReady();
    await expect(html).toHaveAttribute('lang', 'en');
    await chat.send('What are tides?');
    await chat.answering('high');
    await chat.composer.fill('A draft');
    await chat.openSettings();
    const choice = chat.settings.getByRole('combobox', { name: 'Language' });
    await choice.focus();
    await page.keyboard.type('Deutsch');
    await expect(html).toHaveAttribute('lang', 'de');
    const german = page.getByRole('dialog', { name: 'Einstellungen', exact: true });
    await expect(german.getByRole('combobox', { name: 'Sprache' })).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await expect(page.getByRole('textbox', { name: 'Nachricht', exact: true })).toHaveValue('A draft');
    const answer = chat.answers.last();
    const before = (await answer.innerText()).length;
    await expect(answer).toHaveAttribute('data-state', 'streaming');
    await expect.poll(async () => (await answer.innerText()).length).toBeGreaterThan(before);
    await page.keyboard.press('Escape');
    await expect(answer).toHaveAttribute('data-state', 'stopped');
    // The window redraws English text: it shows the same as after loading in German.
    const atOnce = await said(page);
    expect(atOnce).toContain('Code kopieren');
    await reload(app);
    await expect(chat.answers.last()).toHaveAttribute('data-state', 'stopped');
    await expect.poll(async () => await said(page)).toEqual(atOnce);
    await app.restart();
    await expect(app.page.locator('html')).toHaveAttribute('lang', 'de');
    await expect(app.page.getByRole('textbox', { name: 'Nachricht', exact: true })).toBeVisible();
  });
});

test('the palette finds each language by its own name', async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  for (const [name, lang, composer] of [
    ['简体中文', 'zh-Hans', '消息'],
    ['Deutsch', 'de', 'Nachricht'],
    ['English', 'en', 'Message'],
  ] as const) {
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await page.keyboard.press('Control+K');
    await expect(page.getByRole('combobox')).toBeFocused();
    await page.keyboard.insertText(name);
    await expect(page.getByRole('option')).toHaveCount(1);
    await page.keyboard.press('Enter');
    await expect(page.locator('html')).toHaveAttribute('lang', lang);
    await expect(page.getByRole('textbox', { name: composer, exact: true })).toBeVisible();
  }
});

test('the system’s dialogs use the language of the window', async ({ app, page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.openSettings();
  await chat.settings.getByRole('combobox', { name: 'Language' }).focus();
  await page.keyboard.type('Deutsch');
  const german = page.getByRole('dialog', { name: 'Einstellungen', exact: true });
  await app.shell.evaluate(({ dialog }, key) => {
    dialog.showSaveDialog = (...args: unknown[]) => {
      Object.assign(globalThis, { [key]: (args.at(-1) as { title?: string }).title });
      return Promise.resolve({ canceled: true, filePath: '' });
    };
  }, 'asked');
  await german.getByRole('button', { name: 'Als JSON speichern…' }).press('Enter');
  await expect
    .poll(
      async () => await app.shell.evaluate((_electron, key) => (globalThis as Record<string, unknown>)[key], 'asked'),
    )
    .toBe('Diagnose speichern');
});

test('text size and motion apply before the first paint', async ({ app, page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  const rem = async (of: Page): Promise<string> =>
    await of.evaluate(() => getComputedStyle(document.documentElement).fontSize);
  expect(await rem(page)).toBe('16px');
  const height = (await chat.composer.boundingBox())?.height ?? 0;
  await chat.openSettings();
  await chat.settings.getByRole('combobox', { name: 'Text size' }).focus();
  await page.keyboard.type('150');
  await expect.poll(async () => await rem(page)).toBe('24px');
  await chat.settings.getByRole('combobox', { name: 'Motion' }).focus();
  await page.keyboard.type('Reduced');
  const duration = async (of: Page): Promise<string> =>
    await of.evaluate(() => getComputedStyle(document.querySelector('button') ?? document.body).transitionDuration);
  await expect.poll(async () => await duration(page)).toBe('0.001s');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  expect((await chat.composer.boundingBox())?.height).toBeGreaterThan(height);
  await app.restart();
  await expect(new ChatPage(app.page).composer).toBeVisible();
  expect(await rem(app.page)).toBe('24px');
  expect(await duration(app.page)).toBe('0.001s');
});
