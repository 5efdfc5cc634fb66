/** The prompt library: slash commands, variables, and the dialog to manage prompts. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from './app.ts';
import type { WyvernApp } from './app.ts';
import { ChatPage } from './chat-page.ts';
import { reload } from './reload.ts';
import { choose, saveAs } from './system-dialogs.ts';

test.use({ launch: { addon: `fake:answer=${encodeURIComponent('The tide {{date}} is high.')}` } });

const list = (page: Page): Locator => page.getByRole('listbox', { name: 'Prompts' });
const options = (page: Page): Locator => list(page).getByRole('option');
const library = (page: Page): Locator => page.getByRole('dialog', { name: 'Prompts', exact: true });
const rows = (page: Page): Locator => page.getByTestId('prompts').getByRole('listitem');

/** The option that the message box names as active. */
async function activeOption(chat: ChatPage): Promise<string> {
  const id = await chat.composer.getAttribute('aria-activedescendant');
  return await chat.page.locator(`[id="${id ?? ''}"]`).innerText();
}

async function save(app: WyvernApp, prompts: Readonly<Record<string, string>>): Promise<void> {
  const file = join(app.userData, 'prompts-in.json');
  const all = Object.entries(prompts).map(([name, text]) => ({ name, text }));
  writeFileSync(file, JSON.stringify({ format: 'wyvern-prompts', version: 1, prompts: all }));
  await choose(app, [file]);
  await app.page.getByRole('navigation').getByRole('button', { name: 'Prompts' }).press('Enter');
  await library(app.page).getByRole('button', { name: 'Import prompts…' }).press('Enter');
  await expect(library(app.page).getByRole('status')).toHaveText(
    `Added ${all.length} ${all.length === 1 ? 'prompt' : 'prompts'}`,
  );
  await app.page.keyboard.press('Escape');
  await expect(app.page.getByRole('dialog')).toHaveCount(0);
}

test.beforeEach(async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await expect(chat.composer).toBeFocused();
});

test('a slash opens the list: letters filter it, arrows move, Escape closes it, Enter inserts', async ({
  app,
  page,
}) => {
  const chat = new ChatPage(page);
  await page.keyboard.type('/');
  await expect(options(page)).toHaveCount(11);
  await expect(chat.composer).toBeFocused();
  expect(await activeOption(chat)).toContain('Summarise');
  await expect(chat.announcement).toHaveText('10 prompts found');
  await page.keyboard.press('ArrowDown');
  expect(await activeOption(chat)).toContain('Translate');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  expect(await activeOption(chat)).toBe('Manage prompts…');

  await page.keyboard.press('Escape');
  await expect(list(page)).toHaveCount(0);
  await expect(chat.composer).toHaveValue('/');
  await page.keyboard.type('exp');
  await expect(list(page)).toHaveCount(0);
  await chat.composer.fill('');
  await page.keyboard.type('/exp');
  await expect(options(page)).toHaveText([/^ExplainExplain \{\{topic/, /^Explain code/, 'Manage prompts…']);

  await page.keyboard.press('Enter');
  const form = page.getByRole('dialog', { name: 'Explain', exact: true });
  await expect(form.getByRole('textbox', { name: 'topic' })).toBeFocused();
  await page.keyboard.type('tides');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  const text = 'Explain tides to someone who knows nothing about it. Use short sentences and one example.';
  await expect(chat.composer).toHaveValue(text);
  await expect(chat.composer).toBeFocused();
  await expect(chat.questions).toHaveCount(0);
  await page.keyboard.press('Enter');
  await expect(chat.questions).toHaveText([text]);
  await chat.lastAnswer('complete');
  expect(app.log).not.toContain('error');
});

test('a message that begins with a slash and matches no prompt is sent with one Enter', async ({ page }) => {
  const chat = new ChatPage(page);
  await page.keyboard.type('/etc/hosts: for what?');
  await expect(list(page)).toHaveCount(0);
  await page.keyboard.press('Enter');
  await expect(chat.questions).toHaveText(['/etc/hosts: for what?']);
});

test('cancelling the form leaves the message as it was; a pointer can choose too', async ({ page }) => {
  const chat = new ChatPage(page);
  await page.keyboard.type('/plan');
  await options(page).first().click();
  await expect(page.getByRole('dialog', { name: 'Make a plan' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(chat.composer).toHaveValue('/plan');
});

test('date, selection and clipboard are filled in as plain text, and are never expanded again', async ({
  app,
  page,
}) => {
  const chat = new ChatPage(page);
  await save(app, { Everything: '{{date}}|{{selection}}|{{clipboard}}|{{ Note }}|{{x.y}}|{{Date}}' });
  await chat.send('What is the tide?');
  const answer = await chat.lastAnswer('complete');
  await chat.composer.fill('{{clipboard}} {{selection}} $&');
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Control+x');
  await chat.text(answer).locator('p').click({ clickCount: 3 });
  await page.keyboard.press('Control+l');
  await expect(chat.composer).toBeFocused();
  await page.keyboard.type('/everything');
  await expect(options(page)).toHaveCount(2);
  await page.keyboard.press('Enter');
  const form = page.getByRole('dialog', { name: 'Everything' });
  await expect(form.getByRole('textbox')).toHaveCount(1);
  await form.getByRole('textbox', { name: 'Note' }).fill('{{date}}');
  await page.keyboard.press('Enter');
  const today = await page.evaluate(() => new Intl.DateTimeFormat('en', { dateStyle: 'medium' }).format(Date.now()));
  await expect(chat.composer).toHaveValue(
    `${today}|The tide {{date}} is high.|{{clipboard}} {{selection}} $&|{{date}}|{{x.y}}|${today}`,
  );
});

test('the form asks for the selection and the clipboard if they are empty', async ({ app, page }) => {
  const chat = new ChatPage(page);
  await save(app, { Both: '[{{selection}}][{{clipboard}}]' });
  await chat.composer.focus();
  await page.keyboard.type('/both');
  await page.keyboard.press('Enter');
  const form = page.getByRole('dialog', { name: 'Both' });
  await form.getByRole('textbox', { name: 'Text (nothing is selected)' }).fill('one');
  await form.getByRole('textbox', { name: 'Clipboard (it has no text)' }).fill('two');
  await form.getByRole('button', { name: 'Insert' }).click();
  await expect(chat.composer).toHaveValue('[one][two]');
});

test('from the dialog, a prompt takes the selected part of the message and replaces it', async ({ app, page }) => {
  const chat = new ChatPage(page);
  await save(app, { Quote: '«{{selection}}»' });
  await chat.composer.fill('before middle after');
  await chat.composer.evaluate((box: HTMLTextAreaElement) => box.setSelectionRange(7, 13));
  await chat.command('Manage prompts…');
  await library(page).getByRole('button', { name: 'Use the prompt Quote' }).press('Enter');
  await expect(chat.composer).toHaveValue('before «middle» after');
  await expect(chat.composer).toBeFocused();
  expect(await chat.composer.evaluate((box: HTMLTextAreaElement) => box.selectionStart)).toBe(15);
});

test('prompts are made, changed, moved, deleted and restored, and survive a restart', async ({ app, page }) => {
  await page.getByRole('navigation').getByRole('button', { name: 'Prompts' }).press('Enter');
  const dialog = library(page);
  await expect(rows(page)).toHaveCount(10);
  await dialog.getByRole('button', { name: 'New prompt' }).press('Enter');
  await expect(page.getByRole('textbox', { name: 'Name' })).toBeFocused();
  await page.keyboard.type('Haiku');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Write a haiku about {{thing}} and {{place}}.');
  await expect(page.getByText(/^Variables: thing.*place$/)).toBeVisible();
  await page.keyboard.press('Control+Enter');
  await expect(rows(page)).toHaveCount(11);
  await expect(rows(page).last()).toContainText('Haiku');

  const use = dialog.getByRole('button', { name: 'Use the prompt Haiku' });
  await use.focus();
  await page.keyboard.press('Alt+ArrowUp');
  await expect(rows(page).nth(9)).toContainText('Haiku');
  await expect(use).toBeFocused();
  await expect(dialog.getByRole('status')).toHaveText('“Haiku” is number 10 of 11 now.');
  await dialog.getByRole('button', { name: 'Move the prompt Haiku up' }).click();
  await expect(rows(page).nth(8)).toContainText('Haiku');

  await use.press('F2');
  await page.getByRole('textbox', { name: 'Name' }).fill('Translate');
  await page.getByRole('button', { name: 'Save' }).press('Enter');
  await expect(dialog.getByRole('status')).toHaveText(
    'The name “Translate” is taken, so the prompt is called “Translate 2”.',
  );
  await dialog.getByRole('button', { name: 'Delete the prompt Summarise' }).press('Enter');
  await expect(rows(page)).toHaveCount(10);
  await dialog.getByRole('button', { name: 'Undo' }).press('Enter');
  await expect(rows(page).first()).toContainText('Summarise');
  await dialog.getByRole('button', { name: 'Delete the prompt Proofread' }).press('Enter');
  await expect(rows(page)).toHaveCount(10);
  const before = await rows(page).allInnerTexts();

  await app.restart();
  const again = new ChatPage(app.page);
  await again.modelReady();
  await again.command('Manage prompts…');
  await expect(rows(app.page)).toHaveCount(10);
  expect(await rows(app.page).allInnerTexts()).toEqual(before);
  await library(app.page).getByRole('button', { name: 'Add starter prompts' }).press('Enter');
  await expect(rows(app.page).last()).toContainText('Proofread');
});

test('prompts are exported and imported; a hostile file is refused by name', async ({ app, page }) => {
  const file = await saveAs(app, join(app.userData, 'prompts.json'));
  await page.getByRole('navigation').getByRole('button', { name: 'Prompts' }).press('Enter');
  const dialog = library(page);
  const status = dialog.getByRole('status');
  await dialog.getByRole('button', { name: 'Export prompts…' }).press('Enter');
  await expect(status).toContainText(`Exported 10 prompts: ${file}`);
  const content = JSON.parse(readFileSync(file, 'utf8')) as { readonly prompts: readonly object[] };
  expect(content.prompts[0]).toEqual({
    name: 'Summarise',
    text: 'Summarise this text in at most five sentences:\n\n{{selection}}',
  });
  await choose(app, [file]);
  await dialog.getByRole('button', { name: 'Import prompts…' }).press('Enter');
  await expect(status).toHaveText('No new prompts, 10 already present');
  const bad = join(app.userData, 'bad.json');
  writeFileSync(bad, JSON.stringify({ format: 'wyvern-prompts', version: 1, prompts: [{ name: 'A', text: 7 }] }));
  await choose(app, [bad]);
  await dialog.getByRole('button', { name: 'Import prompts…' }).press('Enter');
  await expect(status).toContainText('“bad.json” was not imported');
  await expect(rows(page)).toHaveCount(10);
});

test('the starter prompts follow the language of the window', async ({ app, page }) => {
  const chat = new ChatPage(page);
  await chat.set({ language: 'de' });
  await reload(app);
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  await page.getByRole('textbox', { name: 'Nachricht', exact: true }).fill('/zus');
  await expect(page.getByRole('option').first()).toContainText('Zusammenfassen');
});

for (const theme of ['light', 'dark'] as const) {
  test(`axe finds nothing in the ${theme} list, form, library and editor`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    const problems: unknown[] = [];
    const check = async (screen: string): Promise<void> => {
      await page.evaluate(
        async () => await Promise.allSettled(document.getAnimations().map(({ finished }) => finished)),
      );
      const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
      problems.push(...violations.map(({ id, nodes }) => ({ screen, id, nodes: nodes.map(({ html }) => html) })));
    };
    await page.keyboard.type('/');
    await expect(list(page)).toBeVisible();
    await check('list');
    await page.keyboard.type('plan');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog')).toBeVisible();
    await check('form');
    await page.keyboard.press('Escape');
    await new ChatPage(page).command('Manage prompts…');
    await expect(rows(page)).toHaveCount(10);
    await check('library');
    await library(page).getByRole('button', { name: 'Edit the prompt Explain', exact: true }).press('Enter');
    await expect(page.getByRole('textbox', { name: 'Name' })).toBeFocused();
    await check('editor');
    expect(problems).toEqual([]);
  });
}
