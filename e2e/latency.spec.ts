/** The time of every token, as the panel shows it: on the CPU, and on Qualcomm's emulator of the NPU. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { resolve } from 'node:path';
import { expect, test } from './app.ts';
import { ChatPage } from './chat-page.ts';

const panelOf = (page: Page) => page.getByRole('complementary', { name: 'Latency' });

/** What the plot has painted, as a fingerprint. */
async function painted(page: Page): Promise<number> {
  return await panelOf(page)
    .locator('canvas')
    .evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      return data.reduce((hash, byte) => (hash * 31 + byte) % 1_000_000_007, 7);
    });
}

test('the panel opens and closes by keyboard and stays as it was left', async ({ app, page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await expect(panelOf(page)).toHaveCount(0);
  await page.keyboard.press('Control+Shift+L');
  await expect(panelOf(page)).toContainText('Send a message');
  await app.restart();
  await expect(panelOf(app.page)).toBeVisible();
  await app.page.keyboard.press('Control+Shift+L');
  await expect(panelOf(app.page)).toHaveCount(0);
});

test('on the CPU a token is backend, host and sampling, and no accelerator is shown', async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.answerGreedily();
  await page.keyboard.press('Control+Shift+L');
  await chat.send('Tell me about the wyvern.');
  await chat.lastAnswer('complete');
  const panel = panelOf(page);
  await expect(panel.getByTestId('part-backend')).toContainText(/\d (µs|ms)/);
  await expect(panel.getByTestId('part-sampling')).toContainText(/\d (µs|ms)/);
  await expect(panel.getByTestId('part-accelerator')).toHaveCount(0);
  await expect(panel.getByText('HVX threads')).toHaveCount(0);
  await expect(panel).toContainText('CPU (XNNPACK)');
  await expect(panel).toContainText(/p99/);
});

test('on the NPU the accelerator’s share is shown, and the plot moves while tokens stream', async ({ app, page }) => {
  test.skip(process.platform !== 'linux' || process.arch !== 'x64', 'No HTP emulator exists for this machine.');
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.answerGreedily();
  await page.keyboard.press('Control+Shift+L');
  await app.drop([resolve(import.meta.dirname, 'fixtures/tiny-llama-qnn-hybrid')]);
  await expect(page.getByTestId('backend')).toHaveText('HTP (emulator)');
  await chat.modelReady();
  await chat.send('Tell me about the wyvern.');
  await chat.answering('A wyvern');
  const panel = panelOf(page);
  await expect(panel.getByTestId('part-accelerator')).toBeVisible();
  const before = await painted(page);
  await expect.poll(() => painted(page)).not.toBe(before);
  await expect(panel).toContainText('HTP (emulator)');
  await expect(panel).toContainText('HVX threads');
  await chat.stopButton.click();
  await chat.lastAnswer('stopped');
  const ms = async (part: string): Promise<number> => {
    const text = (await panel.getByTestId(`part-${part}`).locator('td').last().textContent()) ?? '';
    return Number.parseFloat(text) * (text.endsWith('µs') ? 0.001 : 1);
  };
  // The emulator works on the host's own cores: nearly all of a step is its.
  expect(await ms('accelerator')).toBeGreaterThan(await ms('host'));
});

for (const theme of ['light', 'dark'] as const) {
  test(`axe finds nothing in the ${theme} panel, nor in a narrow window`, async ({ page }) => {
    const chat = new ChatPage(page);
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await chat.modelReady();
    await page.keyboard.press('Control+Shift+L');
    await chat.send('Tell me about the wyvern.');
    await chat.lastAnswer('complete');
    await expect(panelOf(page).getByTestId('part-backend')).toBeVisible();
    for (const width of [1280, 640]) {
      await page.setViewportSize({ width, height: 800 });
      const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
      expect(violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html) }))).toEqual([]);
    }
  });
}
