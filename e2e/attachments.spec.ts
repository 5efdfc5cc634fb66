/** Documents and text files attached to a message. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, expect } from './app.ts';
import { ChatPage } from './chat-page.ts';

const documents = join(import.meta.dirname, '../main/documents/fixtures');

const test = base.extend<{ folder: string }>({
  // eslint-disable-next-line no-empty-pattern -- Playwright wants the braces
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'wyvern attach ü '));
    await use(folder);
    rmSync(folder, { recursive: true });
  },
});

test('drop on the message box, show their tokens, and go with the message', async ({ app, page, folder }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  const notes = join(folder, 'Notizen – 笔记.md');
  writeFileSync(notes, 'The wyvern has two legs.\n');
  await app.drop([notes], chat.composer);
  const chip = page.getByTestId('attachment');
  await expect(chip).toContainText('Notizen – 笔记.md');
  const tokens = await page.evaluate(
    async () => await window.wyvern.call('tokens.count', { text: 'The wyvern has two legs.\n' }),
  );
  if (!tokens.ok) throw new Error(tokens.error.message);
  await expect(chip).toContainText(`${tokens.value.tokens} tokens`);
  await expect(chat.composer).toBeFocused();
  await page.keyboard.type('How many legs?');
  await page.keyboard.press('Enter');
  await chat.lastAnswer('complete');
  await expect(chat.questions.getByTestId('attachment')).toContainText('25 characters');
  // The loaded model stays: the app took no file for a bundle.
  await chat.modelReady();
});

test('open by a button; a file without text is named and left out', async ({ page, folder }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  const binary = join(folder, 'picture.png');
  const empty = join(folder, 'empty.txt');
  const long = join(folder, 'long.log');
  const table = join(folder, 'table.csv');
  writeFileSync(binary, Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, 0xff));
  writeFileSync(empty, '');
  writeFileSync(long, 'x'.repeat(2_000_001));
  writeFileSync(table, 'a,b\n1,2\n');
  const choosing = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Attach documents and text files' }).press('Enter');
  await (await choosing).setFiles([binary, empty, long, table]);
  await expect(page.getByTestId('attachment')).toHaveCount(1);
  await expect(page.getByTestId('attachment')).toContainText('table.csv');
  await expect(chat.notifications).toContainText('“picture.png” is not a text file that Wyvern can read.');
  await expect(chat.notifications).toContainText('“empty.txt” is empty.');
  await expect(chat.notifications).toContainText('“long.log” is larger than 2 MB.');
  await page.getByRole('button', { name: 'Remove table.csv' }).press('Enter');
  await expect(page.getByTestId('attachment')).toHaveCount(0);
});

test('are read in the encodings of Windows; a guessed one is shown', async ({ page, folder }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  const marked = join(folder, 'utf16.txt');
  const unmarked = join(folder, 'table.csv');
  writeFileSync(marked, Buffer.from('\ufeffGrüße, 25 €', 'utf16le'));
  writeFileSync(unmarked, Buffer.from('Name;Ort\r\nMüller;Düsseldorf\r\n', 'latin1'));
  const choosing = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Attach documents and text files' }).press('Enter');
  await (await choosing).setFiles([marked, unmarked]);
  const chips = page.getByTestId('attachment');
  await expect(chips).toHaveCount(2);
  await expect(chips.first().locator('pre')).toHaveText('Grüße, 25 €');
  await expect(chips.last().locator('pre')).toContainText('Müller;Düsseldorf');
  await expect(chat.notifications).toContainText('“table.csv” is not UTF-8, so it was read as windows-1252.');
});

test('documents dropped anywhere are read and go with the message', async ({ app, page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  const names = ['tides.pdf', 'tides.docx', 'tides.pptx', 'budget.xlsx', 'tides.odt', 'tides.epub'];
  await app.drop(names.map((name) => join(documents, name)));
  const chips = page.getByTestId('attachment');
  await expect(chips).toHaveCount(names.length);
  for (const [index, name] of names.entries()) await expect(chips.nth(index)).toContainText(name);
  await expect(page.getByTestId('reading')).toHaveCount(0);
  await chips.first().locator('summary').press('Enter');
  await expect(chips.first().locator('pre')).toContainText('[Page 2]');
  await expect(chips.nth(3).locator('pre')).toContainText('| Rope | 12.5 |');
  for (let left = names.length; left > 1; left--) {
    await page
      .getByRole('button', { name: /^Remove/ })
      .last()
      .press('Enter');
    await expect(chips).toHaveCount(left - 1);
  }
  await chat.composer.fill('When is high water?');
  await page.keyboard.press('Enter');
  await chat.lastAnswer('complete');
  await expect(chat.questions.getByTestId('attachment')).toContainText('tides.pdf');
});

test('a document that cannot be read is refused by name, with a next step, and the draft stays', async ({
  app,
  page,
  folder,
}) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.composer.fill('Summarise this.');
  const broken = join(folder, 'report.docx');
  writeFileSync(broken, 'not an archive');
  await app.drop([broken], chat.composer);
  await expect(chat.notifications).toContainText('The document could not be read');
  await expect(chat.notifications).toContainText('“report.docx” could not be read');
  await app.drop([join(documents, 'protected.pdf')], chat.composer);
  const refusal = chat.notifications.filter({ hasText: 'protected.pdf' });
  await expect(refusal).toContainText('Save a copy without a password');
  await expect(page.getByTestId('attachment')).toHaveCount(0);
  await expect(chat.composer).toHaveValue('Summarise this.');
});
