/** A chat's own settings, and presets. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from './app.ts';
import { ChatPage } from './chat-page.ts';
import { choose, saveAs } from './system-dialogs.ts';

test('a chat has its own settings, also before its first message; a preset copies them to another chat', async ({
  app,
  page,
}) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.openChatSettings();
  const { chatSettings } = chat;
  await chatSettings.getByRole('textbox', { name: 'Maximum answer length' }).fill('4');
  await page.keyboard.press('Enter');
  await chatSettings.getByRole('textbox', { name: 'New preset name' }).fill('Four words');
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
  await expect(chatSettings.getByRole('textbox', { name: 'Maximum answer length' })).toHaveValue('');
  await chatSettings.getByRole('button', { name: 'Use the preset Four words' }).press('Enter');
  await expect(chatSettings.getByRole('textbox', { name: 'Maximum answer length' })).toHaveValue('4');
  await chatSettings.getByRole('textbox', { name: 'Stop strings' }).fill('harbour');
  await page.keyboard.press('Escape');
  await expect(chat.chatSettings).toHaveCount(0);

  await app.restart();
  const again = new ChatPage(app.page);
  await again.modelReady();
  await again.chat('Say yes.').click();
  await expect(again.questions).toHaveText(['Say yes.']);
  await again.openChatSettings();
  await expect(again.chatSettings.getByRole('textbox', { name: 'Maximum answer length' })).toHaveValue('4');
  await again.chatSettings.getByRole('textbox', { name: 'Maximum answer length' }).fill('');
  await app.page.keyboard.press('Enter');
  await expect(again.chatSettings.getByRole('textbox', { name: 'Stop strings' })).toHaveValue('harbour');
  await app.page.keyboard.press('Escape');
  await expect(again.chatSettings).toHaveCount(0);
  await again.send('Where does it live?');
  await expect(again.answers).toHaveCount(2);
  await expect(again.text(await again.lastAnswer('complete'))).toHaveText('On the cliffs north of the');
});

test('a number out of range shows an error and is not stored', async ({ page }) => {
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

test('presets are renamed, exported and imported by keyboard', async ({ app, page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.openChatSettings();
  const presets = chat.chatSettings.getByRole('region', { name: 'Presets' });
  const use = (name: string) => presets.getByRole('button', { name: `Use the preset ${name}`, exact: true });
  const save = async (name: string, longest: string): Promise<void> => {
    await chat.chatSettings.getByRole('textbox', { name: 'Maximum answer length' }).fill(longest);
    await page.keyboard.press('Enter');
    await presets.getByRole('textbox', { name: 'New preset name' }).fill(name);
    await page.keyboard.press('Enter');
    await expect(use(name)).toBeVisible();
  };
  await save('Four words', '4');
  await save('Eight words', '8');

  await use('Eight words').focus();
  await page.keyboard.press('Tab');
  await expect(presets.getByRole('button', { name: 'Rename the preset Eight words' })).toBeFocused();
  await page.keyboard.press('Enter');
  const field = presets.getByRole('textbox', { name: 'New name for the preset Eight words' });
  await expect(field).toBeFocused();
  await page.keyboard.type('Long');
  await page.keyboard.press('Escape');
  await expect(use('Eight words')).toBeFocused();
  await page.keyboard.press('F2');
  await expect(field).toBeFocused();
  await page.keyboard.type('four words');
  await page.keyboard.press('Enter');
  await expect(use('four words 2')).toBeFocused();
  await expect(presets.getByRole('status')).toHaveText(
    '“four words” was imported as “four words 2” because the name was taken.',
  );

  const file = await saveAs(app, join(app.userData, 'presets.json'));
  await presets.getByRole('button', { name: 'Export presets…' }).press('Enter');
  await expect(presets.getByRole('status')).toHaveText(`Exported 2 presets: ${file}`);
  const exported = JSON.parse(readFileSync(file, 'utf8')) as { presets: { name: string; settings: object }[] };
  expect(exported.presets).toEqual([
    { name: 'Four words', settings: { maxTokens: 4 } },
    { name: 'four words 2', settings: { maxTokens: 8 } },
  ]);

  const other = join(app.userData, 'other.json');
  const brought = [exported.presets[0], { name: 'Four words', settings: { maxTokens: 40 } }];
  writeFileSync(other, JSON.stringify({ format: 'wyvern-presets', version: 1, presets: brought }));
  await choose(app, [other]);
  await presets.getByRole('button', { name: 'Import presets…' }).press('Enter');
  await expect(presets.getByRole('status')).toHaveText(
    'Imported 1 preset, 1 already there\n“Four words” was imported as “Four words 3” because the name was taken.',
  );
  await use('Four words 3').press('Enter');
  await expect(chat.chatSettings.getByRole('textbox', { name: 'Maximum answer length' })).toHaveValue('40');

  writeFileSync(other, '{"format":"wyvern-presets"');
  await presets.getByRole('button', { name: 'Import presets…' }).press('Enter');
  await expect(presets.getByRole('status')).toContainText('“other.json” was not imported: it is not JSON');
  await expect(presets.getByTestId('presets').getByRole('listitem')).toHaveCount(3);
});

test('seed and stop strings have defaults that a chat can override', async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.answerGreedily();
  await chat.openSettings();
  await chat.settings.getByRole('textbox', { name: 'Seed' }).fill('7');
  await page.keyboard.press('Tab');
  await expect(chat.settings.getByRole('textbox', { name: 'Stop strings' })).toBeFocused();
  await page.keyboard.type('harbour\nnobody');
  await page.keyboard.press('Escape');
  await expect(chat.settings).toHaveCount(0);
  await chat.send('Where does it live?');
  await expect(chat.text(await chat.lastAnswer('complete'))).toHaveText('On the cliffs north of the');

  await chat.openChatSettings();
  await expect(chat.chatSettings.getByRole('textbox', { name: 'Seed' })).toHaveAttribute('placeholder', '7');
  const own = chat.chatSettings.getByRole('textbox', { name: 'Stop strings' });
  await expect(own).toHaveAttribute('placeholder', 'harbour\nnobody');
  await own.fill('north');
  await page.keyboard.press('Escape');
  await expect(chat.chatSettings).toHaveCount(0);
  await chat.send('Where does it live?');
  await expect(chat.answers).toHaveCount(2);
  await expect(chat.text(await chat.lastAnswer('complete'))).toHaveText('On the cliffs');

  await chat.openSettings();
  await expect(chat.settings.getByRole('textbox', { name: 'Seed' })).toHaveValue('7');
  await chat.settings.getByRole('textbox', { name: 'Seed' }).fill('');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Escape');
  await chat.openSettings();
  await expect(chat.settings.getByRole('textbox', { name: 'Seed' })).toHaveValue('');
});
