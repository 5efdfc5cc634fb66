/** `npx playwright test --project pictures`: makes README.md's pictures, with real answers and their measured times. */
import { join, resolve } from 'node:path';
import { expect, test } from '../app.ts';
import { ChatPage } from '../chat-page.ts';

const root = resolve(import.meta.dirname, '../..');
const viewport = { width: 1280, height: 800 };

test.describe('the default model', () => {
  test.use({ launch: { model: join(root, 'resources/models/smollm2-135m-instruct') } });

  test('answers, on the CPU', async ({ page }) => {
    const chat = new ChatPage(page);
    await page.setViewportSize(viewport);
    await chat.modelReady();
    await chat.set({ temperature: 0, repetitionPenalty: 1, maxTokens: 200, automaticTitles: false });
    // Set it last: a change of settings returns to the system’s theme.
    await page.emulateMedia({ colorScheme: 'dark' });
    await chat.send('Write a Python function that reverses a string.');
    await chat.lastAnswer('complete');
    await page.keyboard.press('Control+Shift+L');
    await expect(page.getByRole('complementary', { name: 'Latency' })).toBeVisible();
    await page.mouse.move(0, 0);
    await page.screenshot({ path: join(root, 'docs/chat-dark.png'), animations: 'disabled' });
  });
});

test('the NPU’s share of each token, in the emulator', async ({ app, page }) => {
  const chat = new ChatPage(page);
  await page.setViewportSize(viewport);
  await page.emulateMedia({ colorScheme: 'light' });
  await app.drop([join(root, 'e2e/fixtures/tiny-llama-qnn-hybrid')]);
  await expect(page.getByTestId('backend')).toHaveText('HTP (emulator)');
  await chat.modelReady();
  await chat.answerGreedily();
  await page.keyboard.press('Control+Shift+L');
  await chat.send('Tell me about the wyvern.');
  await chat.lastAnswer('complete');
  await page.mouse.move(0, 0);
  await page.screenshot({ path: join(root, 'docs/latency-light.png'), animations: 'disabled' });
});
