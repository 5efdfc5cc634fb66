/** The first minute with Wyvern. */
import { expect, test } from './app.ts';
import { ChatPage } from './chat-page.ts';

test('opens on a chat with the bundled model ready', async ({ page }) => {
  const chat = new ChatPage(page);
  await expect(chat.composer).toBeFocused();
  await chat.modelReady();
  await expect(page.getByTestId('backend')).toHaveText('CPU (XNNPACK)');
  await expect(chat.welcome.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(chat.welcome).toContainText('is ready');
  await expect(chat.welcome).toContainText('drop its folder, .pte or .gguf file anywhere in this window');
  await expect(chat.chats).toHaveCount(0);
});

test('an example fills the composer, to be sent or changed', async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  const example = chat.welcome.getByRole('listitem').first();
  const text = await example.innerText();
  await example.getByRole('button').click();
  await expect(chat.composer).toHaveValue(text);
  await expect(chat.composer).toBeFocused();
  await expect(chat.questions).toHaveCount(0);
});

test.describe('without enough memory', () => {
  test.use({ launch: { addon: 'fake:loadError=out-of-memory' } });

  test('a model that cannot load shows its reason and next step', async ({ page }) => {
    const chat = new ChatPage(page);
    await expect(chat.modelState).toHaveAttribute('data-status', 'failed');
    await expect(chat.composerNote).toContainText('could not be loaded');
    await chat.composer.fill('Kept');
    await chat.composer.press('Enter');
    await expect(chat.composer).toHaveValue('Kept');
    await chat.modelButton.click();
    await expect(chat.modelPanel.getByTestId('notice')).toContainText('There is not enough memory');
  });
});
