/** Versions of questions and answers: edited, regenerated, continued, deleted. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from './app.ts';
import { ChatPage } from './chat-page.ts';
import { tinyLlama } from './tiny-llama.ts';

test.beforeEach(async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.answerGreedily();
});

test('an edited question keeps both branches, also after a restart', async ({ app, page }) => {
  const chat = new ChatPage(page);
  await chat.send('My name is Ada.');
  await chat.lastAnswer('complete');
  await chat.edit(chat.questions.first(), 'My name is Bruno.');
  await expect(chat.text(await chat.lastAnswer('complete'))).toHaveText('Nice to meet you, Bruno.');
  await chat.send('What is my name?');
  await expect(chat.answers).toHaveCount(2);
  await expect(chat.text(await chat.lastAnswer('complete'))).toHaveText('Your name is Bruno.');

  const versions = chat.questions.first().getByTestId('versions');
  await expect(versions).toHaveText('2/2');
  await versions.getByRole('button', { name: 'Previous version' }).press('Enter');
  await expect(chat.questions).toHaveText([/My name is Ada\./]);
  await expect(chat.text(chat.answers.last())).toHaveText('Nice to meet you, Ada.');
  await chat.send('What is my name?');
  await expect(chat.answers).toHaveCount(2);
  await expect(chat.text(await chat.lastAnswer('complete'))).toHaveText('Your name is Ada.');

  await app.restart();
  const again = new ChatPage(app.page);
  await again.chat('My name is Ada.').click();
  await expect(again.questions).toHaveCount(2);
  await again.questions.first().getByRole('button', { name: 'Next version' }).click();
  await expect(again.text(again.answers.last())).toHaveText('Your name is Bruno.');
});

test('Escape cancels an edit', async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.send('Hi');
  await chat.lastAnswer('complete');
  await chat.questions.first().getByRole('button', { name: 'Edit the message' }).press('Enter');
  await page.keyboard.type(' there');
  await page.keyboard.press('Escape');
  await expect(chat.questions).toHaveText(['Hi']);
  await expect(page.getByTestId('versions')).toHaveCount(0);
});

test('an answer that reached its limit continues exactly', async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.set({ maxTokens: 8 });
  await chat.send('Where does it live?');
  const answer = await chat.lastAnswer('complete');
  await expect(answer.getByTestId('notice')).toContainText('limit of 8 tokens');
  await chat.set({ maxTokens: 0 });
  await answer.getByRole('button', { name: 'Continue' }).press('Enter');
  await expect(chat.text(answer)).toHaveText('On the cliffs north of the harbour, above the seventh lantern.');
  await chat.lastAnswer('complete');
  await expect(chat.answers).toHaveCount(1);
});

test('deleting a question also deletes its answer, and undo restores both', async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.send('Hi');
  await chat.lastAnswer('complete');
  await chat.send('Say yes.');
  await expect(chat.answers).toHaveCount(2);
  await chat.lastAnswer('complete');
  await chat.questions.last().getByRole('button', { name: 'Delete this and all later messages' }).press('Enter');
  await expect(chat.questions).toHaveText(['Hi']);
  await expect(chat.answers).toHaveCount(1);
  await chat.notifications.getByRole('button', { name: 'Undo' }).click();
  await expect(chat.questions).toHaveText(['Hi', 'Say yes.']);
  await expect(chat.text(await chat.lastAnswer('complete'))).toHaveText('Yes.');
});

test('a long pasted text becomes an attachment that opens, can be removed and is sent', async ({ page }) => {
  const chat = new ChatPage(page);
  const paste = async (text: string): Promise<void> => {
    await chat.composer.evaluate((box, pasted) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', pasted);
      box.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    }, text);
  };
  await paste('pear '.repeat(1000));
  const chip = page.getByTestId('attachment');
  await expect(chip).toContainText('Pasted text 1');
  await expect(chip).toContainText('1,002 tokens');
  await chip.locator('summary').press('Enter');
  await expect(chip.locator('pre')).toBeVisible();
  await expect(page.locator('[data-warns=true]')).toBeVisible();
  await chip.getByRole('button', { name: 'Remove Pasted text 1' }).press('Enter');
  await expect(chip).toHaveCount(0);
  await expect(chat.composer).toHaveValue('');
});

test('warns before the context is full, and leaves out the oldest turns if the person chooses that', async ({
  page,
}) => {
  const chat = new ChatPage(page);
  await chat.send('Sing without end.');
  const song = await chat.lastAnswer('complete');
  await expect(song.getByTestId('notice')).toContainText('The context is full');
  await page.getByRole('button', { name: 'Leave out the oldest messages' }).press('Enter');
  await expect(page.getByRole('button', { name: 'Leave out the oldest messages' })).toHaveCount(0);
  await chat.send('Hi');
  await expect(chat.answers).toHaveCount(2);
  const answer = await chat.lastAnswer('complete');
  await expect(chat.text(answer)).toHaveText('Hi there.');
  await expect(answer.getByTestId('dropped')).toContainText('The oldest 2 messages');
});

test('another model of the library can answer too', async ({ app, page }) => {
  const chat = new ChatPage(page);
  await chat.send('Hi');
  await chat.lastAnswer('complete');
  const folder = mkdtempSync(join(tmpdir(), 'wyvern-other-'));
  try {
    cpSync(tinyLlama, folder, { recursive: true });
    const manifest = join(folder, 'wyvern.json');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('Tiny wyvern', 'Other wyvern'));
    await app.drop([folder]);
    await expect(chat.modelButton).toHaveAccessibleName(/Other wyvern.*Ready/);
    await chat.answers.first().getByRole('button', { name: 'Answer again with another model' }).press('Enter');
    await page.getByRole('menuitem', { name: 'Tiny wyvern' }).press('Enter');
    await expect(chat.answers.first().getByTestId('versions')).toHaveText('2/2');
    const answer = await chat.lastAnswer('complete');
    await expect(chat.text(answer)).toHaveText('Hi there.');
    await expect(answer.getByRole('list', { name: 'Answer statistics' })).toContainText('Tiny wyvern');
    await expect(chat.modelButton).toHaveAccessibleName(/Tiny wyvern/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
