/** The time of every token, as the panel shows it: on the CPU, and on Qualcomm's emulator of the NPU. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from './app.ts';
import { ChatPage } from './chat-page.ts';
import { skipWithoutEmulator } from './emulator.ts';
import { saveAs } from './system-dialogs.ts';

const panelOf = (page: Page) => page.getByRole('complementary', { name: 'Latency' });

/** A fingerprint of the painted plot. */
async function painted(page: Page): Promise<number> {
  return await panelOf(page)
    .locator('canvas')
    .evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      return data.reduce((hash, byte) => (hash * 31 + byte) % 1_000_000_007, 7);
    });
}

test('the panel opens and closes by keyboard and keeps its state', async ({ app, page }) => {
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
  // The plot styles its elements. The content security policy allows no inline style, and must report nothing.
  await page.evaluate(() =>
    addEventListener('securitypolicyviolation', ({ violatedDirective }) => {
      document.documentElement.dataset['violations'] = violatedDirective;
    }),
  );
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
  expect(await page.evaluate(() => document.documentElement.dataset['violations'])).toBeUndefined();
});

test('on the NPU the accelerator’s share is shown, and the plot moves while tokens stream', async ({ app, page }) => {
  skipWithoutEmulator();
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
  // The emulator uses the host's own cores, so it takes nearly all of a step.
  expect(await ms('accelerator')).toBeGreaterThan(await ms('host'));
});

test('a run is kept with its answer and can be opened again', async ({ app, page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.answerGreedily();
  await chat.send('Tell me about the wyvern.');
  await chat.lastAnswer('complete');
  // Nothing is drawn while the panel is closed.
  await expect(page.locator('canvas')).toHaveCount(0);
  await page.keyboard.press('Control+n');
  await chat.set({ maxTokens: 7 });
  await chat.send('Tell me about the wyvern.');
  await chat.lastAnswer('complete');
  await chat.send('Go on.');
  await chat.lastAnswer('complete');
  await app.restart();
  const after = new ChatPage(app.page);
  const panel = panelOf(app.page);
  await after.chats.first().getByRole('button').first().click();
  await after.answers.first().getByRole('button', { name: 'Show the time of each token' }).click();
  await expect(panel).toContainText('CPU (XNNPACK)');
  const slider = panel.getByRole('slider', { name: /^Time per token over 7 tokens/ });
  await expect(slider).toHaveAttribute('aria-valuemax', '7');
  const tokens = await app.page.evaluate(async () => {
    const list = await window.wyvern.call('conversations.list', { limit: 10 });
    const counts: number[] = [];
    for (const { id } of list.ok ? list.value.conversations : []) {
      const opened = await window.wyvern.call('conversations.open', { id });
      for (const message of opened.ok ? opened.value.messages : []) {
        if (message.role !== 'assistant') continue;
        const run = await window.wyvern.call('runs.get', { messageId: message.id });
        if (run.ok && run.value) counts.push(run.value.tokens.length - (message.figures?.generatedTokens ?? 0));
      }
    }
    return counts;
  });
  expect(tokens).toEqual([0, 0, 0]);
});

test('the arrow keys and the pointer read a token: its text, its time and its parts', async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.answerGreedily();
  await page.keyboard.press('Control+Shift+L');
  await chat.send('Tell me about the wyvern.');
  await chat.lastAnswer('complete');
  const panel = panelOf(page);
  const slider = panel.getByRole('slider');
  const last = Number(await slider.getAttribute('aria-valuemax'));
  await slider.focus();
  await page.keyboard.press('Home');
  await expect(slider).toHaveAttribute('aria-valuetext', /^Token 1 “A” \d/);
  await page.keyboard.press('ArrowRight');
  await expect(slider).toHaveAttribute('aria-valuetext', /^Token 2 “.+” \d/);
  await expect(panel.getByTestId('part-column')).toHaveText('Token 2');
  await page.keyboard.press('End');
  await expect(slider).toHaveAttribute('aria-valuenow', String(last));
  const box = await slider.boundingBox();
  await page.mouse.move(box!.x + box!.width * 0.6, box!.y + 40);
  await expect(panel.getByTestId('latency-token')).toHaveText(/^Token \d+ “.*” \d/);
  expect(Number(await slider.getAttribute('aria-valuenow'))).toBeLessThan(last);
});

test('a pinned run overlays the next, with both figures side by side', async ({ app, page }) => {
  skipWithoutEmulator();
  const chat = new ChatPage(page);
  const panel = panelOf(page);
  await chat.modelReady();
  await chat.answerGreedily();
  await chat.set({ maxTokens: 12 });
  await page.keyboard.press('Control+Shift+L');
  await chat.send('Tell me about the wyvern.');
  await chat.lastAnswer('complete');
  await panel.getByRole('button', { name: 'Pin this run' }).press('Enter');
  await app.drop([resolve(import.meta.dirname, 'fixtures/tiny-llama-qnn-hybrid')]);
  await expect(page.getByTestId('backend')).toHaveText('HTP (emulator)');
  await chat.modelReady();
  await chat.send('Tell me about the wyvern.');
  await chat.lastAnswer('complete');
  await expect(panel.getByTestId('latency-pinned')).toContainText('CPU (XNNPACK)');
  await expect(panel.getByRole('row', { name: /^p50/ }).getByRole('cell')).toHaveText([/\d/, /\d/, /\d ×$/]);
  const over = await painted(page);
  await panel.getByRole('button', { name: 'Unpin this run' }).press('Enter');
  await expect(panel.getByTestId('latency-pinned')).toHaveCount(0);
  await expect.poll(() => painted(page)).not.toBe(over);
});

test('the answer is tinted token by token, and no letter is lost', async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.answerGreedily();
  await page.keyboard.press('Control+Shift+L');
  await chat.send('Tell me about the wyvern.');
  const answer = await chat.lastAnswer('complete');
  const text = (await chat.stored()).at(-1)?.text;
  await panelOf(page)
    .getByRole('button', { name: /^Tint the answer/ })
    .press('Enter');
  await expect(panelOf(page).getByTestId('heat-legend')).toBeVisible();
  await expect(answer.locator('[data-token]').first()).toBeVisible();
  expect(await chat.text(answer).evaluate((element) => element.textContent)).toBe(text);
  await panelOf(page).getByRole('slider').focus();
  await page.keyboard.press('Home');
  await expect(answer.locator('[data-token="0"]')).toHaveAttribute('data-pointed', '');
  await page.keyboard.press('Control+Shift+L');
  await expect(answer.locator('[data-token]')).toHaveCount(0);
});

test('the exact times are saved as CSV, the plot as PNG', async ({ app, page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.answerGreedily();
  await page.keyboard.press('Control+Shift+L');
  await chat.send('Tell me about the wyvern.');
  const answer = await chat.lastAnswer('complete');
  const messageId = (await answer.getAttribute('data-message')) ?? '';
  const save = async (name: string, item: string): Promise<Buffer> => {
    const path = await saveAs(app, join(app.userData, name));
    await panelOf(page).getByRole('button', { name: 'Save this run' }).press('Enter');
    await page.getByRole('menuitem', { name: item }).press('Enter');
    await expect(chat.notifications.filter({ hasText: name })).toHaveCount(1);
    return readFileSync(path);
  };
  const [head, ...lines] = (await save('times.csv', 'Times as CSV')).toString('utf8').trimEnd().split('\r\n');
  expect(head).toBe('token,text,step_us,backend_us,sampling_us,time_to_first_token_us');
  const run = await page.evaluate(async (id) => {
    const result = await window.wyvern.call('runs.get', { messageId: id });
    return result.ok ? result.value : undefined;
  }, messageId);
  expect(lines).toHaveLength(run!.tokens.length);
  for (const [index, token] of run!.tokens.entries()) {
    const { text, stepUs, backendUs, samplingUs, timeToFirstTokenUs } = token;
    const cells = [index + 1, `"${JSON.stringify(text).replaceAll('"', '""')}"`, stepUs, backendUs, samplingUs];
    expect(lines[index]).toBe([...cells, timeToFirstTokenUs].map((cell) => cell ?? '').join(','));
  }
  const png = await save('plot.png', 'Plot as PNG');
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect(png.readUInt32BE(16)).toBeGreaterThan(250);
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
    await panelOf(page).getByRole('button', { name: 'Pin this run' }).click();
    await panelOf(page)
      .getByRole('button', { name: /^Tint the answer/ })
      .click();
    await expect(page.locator('[data-token]').first()).toBeVisible();
    for (const width of [1280, 640]) {
      await page.setViewportSize({ width, height: 800 });
      const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
      expect(violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html) }))).toEqual([]);
    }
  });
}
