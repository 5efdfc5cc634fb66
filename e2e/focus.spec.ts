/** The keyboard focus is never lost: if the focused element disappears, the focus moves to the expected place. */
import type { Locator } from '@playwright/test';
import { expect, test } from './app.ts';
import { ChatPage } from './chat-page.ts';

test.beforeEach(async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.answerGreedily();
});

test('in a chat: versions, a cancelled edit, a regenerated answer, a deleted message', async ({ page }) => {
  const chat = new ChatPage(page);
  const question = chat.questions.first();
  const button = (of: Locator, name: string): Locator => of.getByRole('button', { name });
  await chat.send('My name is Ada.');
  await chat.lastAnswer('complete');
  for (const name of ['Bruno', 'Chloé']) {
    await chat.edit(question, `My name is ${name}.`);
    await expect(chat.text(await chat.lastAnswer('complete'))).toHaveText(`Nice to meet you, ${name}.`);
    await expect(chat.composer).toBeFocused();
  }

  await button(question, 'Previous version').press('Enter');
  await expect(question).toContainText('Bruno');
  await expect(button(question, 'Previous version')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(question).toContainText('Ada');
  await expect(question.locator(':focus')).toHaveCount(1);

  await button(question, 'Edit the message').press('Enter');
  await page.keyboard.press('Escape');
  await expect(question.locator(':focus')).toHaveCount(1);

  await button(chat.answers.first(), 'Answer again').press('Enter');
  await expect(chat.answers.first().getByTestId('versions')).toHaveText('2/2');
  await expect(page.getByRole('main').locator(':focus')).toHaveCount(1);

  await chat.send('Say yes.');
  await expect(chat.answers).toHaveCount(2);
  await chat.lastAnswer('complete');
  await button(chat.questions.last(), 'Delete this and all later messages').press('Enter');
  await expect(chat.questions).toHaveCount(1);
  await expect(chat.answers.first().locator(':focus')).toHaveCount(1);
});

test('outside of a chat: hiding the sidebar, selecting chats, unloading a model, deleting a preset', async ({
  page,
}) => {
  const chat = new ChatPage(page);
  await chat.send('Say yes.');
  await chat.lastAnswer('complete');

  await page.getByRole('button', { name: 'Hide the sidebar' }).press('Enter');
  const show = page.getByRole('button', { name: 'Show the sidebar' });
  await expect(show).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(show).toHaveCount(0);
  await expect(page.locator('header').locator(':focus')).toHaveCount(1);

  await chat.chat('Say yes.').press('Control+a');
  await page.getByRole('button', { name: 'Clear selection' }).press('Enter');
  await expect(chat.chat('Say yes.')).toBeFocused();

  await chat.openLibrary();
  await chat.models.first().getByRole('button').first().press('Enter');
  await page.getByRole('button', { name: /^Unload / }).press('Enter');
  await expect(page.getByRole('button', { name: /^Load / })).toBeFocused();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');

  await chat.openChatSettings();
  await chat.chatSettings.getByRole('textbox', { name: 'New preset name' }).fill('Terse');
  await page.keyboard.press('Enter');
  await chat.chatSettings.getByRole('button', { name: 'Delete the preset Terse' }).press('Enter');
  await expect(chat.chatSettings.getByRole('textbox', { name: 'New preset name' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Chat settings' })).toBeFocused();
});
