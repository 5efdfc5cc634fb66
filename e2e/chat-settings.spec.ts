/** What one chat sets otherwise, and presets of it. */
import { expect, test } from './app.ts';
import { ChatPage } from './chat-page.ts';

test('a chat has settings of its own, from before its first message on; a preset carries them to another', async ({
  app,
  page,
}) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.openChatSettings();
  const { chatSettings } = chat;
  await chatSettings.getByRole('textbox', { name: 'Longest answer' }).fill('4');
  await page.keyboard.press('Enter');
  await chatSettings.getByRole('textbox', { name: 'Name of a new preset' }).fill('Four words');
  await page.keyboard.press('Enter');
  await expect(chatSettings.getByRole('button', { name: 'Use the preset Four words' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(chat.chatSettings).toHaveCount(0);
  await chat.send('Where does it live?');
  await expect((await chat.lastAnswer('complete')).getByTestId('notice')).toContainText('limit of 4 tokens');

  await page.keyboard.press('Control+n');
  await chat.send('Say yes.');
  await expect(chat.text(await chat.lastAnswer('complete'))).toHaveText('Yes.');
  await chat.openChatSettings();
  await expect(chatSettings.getByRole('textbox', { name: 'Longest answer' })).toHaveValue('');
  await chatSettings.getByRole('button', { name: 'Use the preset Four words' }).press('Enter');
  await expect(chatSettings.getByRole('textbox', { name: 'Longest answer' })).toHaveValue('4');
  await chatSettings.getByRole('textbox', { name: 'Stop strings' }).fill('harbour');
  await page.keyboard.press('Escape');
  await expect(chat.chatSettings).toHaveCount(0);

  await app.restart();
  const again = new ChatPage(app.page);
  await again.modelReady();
  await again.chat('Say yes.').click();
  await expect(again.questions).toHaveText(['Say yes.']);
  await again.openChatSettings();
  await expect(again.chatSettings.getByRole('textbox', { name: 'Longest answer' })).toHaveValue('4');
  await again.chatSettings.getByRole('textbox', { name: 'Longest answer' }).fill('');
  await app.page.keyboard.press('Enter');
  await expect(again.chatSettings.getByRole('textbox', { name: 'Stop strings' })).toHaveValue('harbour');
  await app.page.keyboard.press('Escape');
  await expect(again.chatSettings).toHaveCount(0);
  await again.send('Where does it live?');
  await expect(again.answers).toHaveCount(2);
  await expect(again.text(await again.lastAnswer('complete'))).toHaveText('On the cliffs north of the');
});

test('a number out of range is said and not stored', async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.openChatSettings();
  const field = chat.chatSettings.getByRole('textbox', { name: 'Seed' });
  await field.fill('-1');
  await expect(field).toHaveAttribute('aria-invalid', 'true');
  await page.keyboard.press('Escape');
  await expect(chat.chatSettings).toHaveCount(0);
  await chat.openChatSettings();
  await expect(field).toHaveValue('');
});
