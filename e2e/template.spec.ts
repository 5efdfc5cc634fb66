/** The chat template: shown, chosen, kept. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test } from './app.ts';
import { ChatPage } from './chat-page.ts';

const fixture = resolve(import.meta.dirname, 'fixtures/tiny-llama');

async function openTemplate(page: Page): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.keyboard.type('chat template');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: /^Chat template of/ })).toBeVisible();
}

test('is changed with a preview, applies from the next answer on, and is kept', async ({ app, page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.answerGreedily();
  await chat.send('My name is Ada.');
  await expect(chat.text(await chat.lastAnswer('complete'))).toHaveText('Nice to meet you, Ada.');

  await openTemplate(page);
  const dialog = page.getByRole('dialog', { name: 'Chat template of Tiny wyvern (test model)' });
  const preview = dialog.getByTestId('template-preview');
  await expect(dialog.getByTestId('template-in-use')).toContainText('the model’s own (wyvern.json)');
  await expect(preview.locator('mark').first()).toHaveText('<s>');
  await expect(dialog).toContainText(/\d+ tokens/);
  await dialog.getByRole('combobox', { name: 'Template' }).selectOption('Gemma');
  await expect(preview).toContainText('<start_of_turn>user');
  // Text that is not a token of this tokenizer is shown as plain text.
  await expect(preview.locator('mark')).toHaveText(['<s>']);

  await dialog.getByRole('combobox', { name: 'Template' }).selectOption('My own…');
  const text = dialog.getByRole('textbox', { name: /Jinja template/ });
  await expect(text).toHaveValue(/<start_of_turn>/);
  await text.fill('{% for message in messages %}');
  await expect(dialog.getByRole('alert')).toContainText('The chat template cannot be used');
  await expect(dialog.getByRole('button', { name: 'Use from the next answer' })).toBeDisabled();
  await text.fill(
    "{{ bos_token }}{% for m in messages %}{{ '<|' + m.role + '|>' }}My name is Bruno.<|end|>{% endfor %}<|assistant|>",
  );
  await expect(preview).toContainText('My name is Bruno.');
  await dialog.getByRole('button', { name: 'Use from the next answer' }).press('Enter');
  await expect(dialog).toHaveCount(0);

  await page.keyboard.press('Control+n');
  await chat.send('My name is Ada.');
  await expect(chat.text(await chat.lastAnswer('complete'))).toHaveText('Nice to meet you, Bruno.');

  await app.restart();
  const again = new ChatPage(app.page);
  await again.modelReady();
  await app.page.keyboard.press('Control+n');
  await again.send('My name is Ada.');
  await expect(again.text(await again.lastAnswer('complete'))).toHaveText('Nice to meet you, Bruno.');
  await openTemplate(app.page);
  await expect(app.page.getByTestId('template-in-use')).toContainText('your own text');
});

test('is recognised by tokens if the bundle has none; a base model is shown as one', async ({ app, page }) => {
  const folder = mkdtempSync(join(tmpdir(), 'wyvern-base-'));
  try {
    cpSync(fixture, folder, { recursive: true });
    rmSync(join(folder, 'wyvern.json'));
    const chat = new ChatPage(page);
    await chat.modelReady();
    await app.drop([folder]);
    await expect(chat.modelButton).toHaveAccessibleName(/Model: wyvern-base-.*, Ready/);
    await openTemplate(page);
    await expect(page.getByTestId('template-in-use')).toContainText(
      'Phi 3, recognised from the tokenizer’s control tokens',
    );
    await page.keyboard.press('Escape');

    writeFileSync(join(folder, 'wyvern.json'), '{"name":"Base","completion":true}');
    await app.drop([folder]);
    await expect(chat.modelButton).toHaveAccessibleName(/Model: Base, Ready/);
    await chat.modelReady();
    await expect(chat.composerNote).toContainText('This model has no chat format. It continues your text.');
    await chat.answerGreedily();
    await chat.send('The wyvern');
    await chat.lastAnswer('complete');
    await chat.composerNote.getByRole('button', { name: 'Choose a template' }).press('Enter');
    await expect(page.getByTestId('template-in-use')).toContainText('none');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
