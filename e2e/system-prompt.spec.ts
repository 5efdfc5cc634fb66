/** A system prompt for a model whose template has no place for one. */
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test } from './app.ts';
import { ChatPage } from './chat-page.ts';
import { tinyLlama } from './tiny-llama.ts';

const bundle = mkdtempSync(join(tmpdir(), 'wyvern-no-system-'));
cpSync(tinyLlama, bundle, { recursive: true });
const manifest = JSON.parse(readFileSync(join(bundle, 'wyvern.json'), 'utf8')) as object;
const chatTemplate =
  "{{ bos_token }}{% for m in messages %}{% if m.role != 'system' %}{{ '<|' + m.role + '|>' + m.content + '<|end|>' }}{% endif %}{% endfor %}<|assistant|>";
writeFileSync(join(bundle, 'wyvern.json'), JSON.stringify({ ...manifest, chatTemplate }));
test.use({ launch: { model: bundle } });

/** The prompt's length of the newest answer in the newest chat. */
async function promptTokens(page: Page): Promise<number> {
  return await page.evaluate(async () => {
    const list = await window.wyvern.call('conversations.list', { limit: 100 });
    const [newest] = list.ok ? [...list.value.conversations].sort((one, other) => other.updatedAt - one.updatedAt) : [];
    const chat = await window.wyvern.call('conversations.open', { id: newest?.id ?? '' });
    return chat.ok ? (chat.value.messages.at(-1)?.figures?.promptTokens ?? 0) : 0;
  });
}

test('is left out with a notice, and the person can put it before the first message, which the chat keeps', async ({
  app,
  page,
}) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.answerGreedily();
  await chat.openSettings();
  await chat.settings.getByRole('textbox', { name: 'System prompt' }).fill('You are a wyvern.');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Escape');
  const notice = page.getByTestId('notice').filter({ hasText: 'has no place for your system prompt' });
  await expect(notice).toBeVisible();
  await chat.send('Hi');
  await expect(chat.text(await chat.lastAnswer('complete'))).toHaveText('Hi there.');
  const without = await promptTokens(page);

  await notice.getByRole('button', { name: 'Put it before the first message' }).press('Enter');
  await expect(notice).toHaveCount(0);
  await chat.answers.last().getByRole('button', { name: 'Answer again', exact: true }).click();
  await expect.poll(async () => await promptTokens(page)).toBeGreaterThan(without);

  await app.restart();
  const again = new ChatPage(app.page);
  await again.modelReady();
  const asked = app.page.getByTestId('notice').filter({ hasText: 'has no place for your system prompt' });
  await expect(asked).toBeVisible();
  await again.chat('Hi').click();
  await expect(asked).toHaveCount(0);
  await again.openChatSettings();
  const place = again.chatSettings.getByRole('combobox', { name: 'If a model has no place for a system prompt' });
  await expect(place).toHaveValue('first-message');
  await place.selectOption('Ask in the chat');
  await app.page.keyboard.press('Escape');
  await expect(asked).toBeVisible();
});
