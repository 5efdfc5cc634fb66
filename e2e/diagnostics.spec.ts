/** The diagnostics report: one key press, and nothing private in it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { reportSchema } from '../main/diagnostics/report.ts';
import { expect, test } from './app.ts';
import { ChatPage } from './chat-page.ts';
import { saveAs } from './system-dialogs.ts';

test('is copied and saved, and contains no messages', async ({ app, page }) => {
  const folder = mkdtempSync(join(tmpdir(), 'wyvern-diagnostics-'));
  const chat = new ChatPage(page);
  await chat.modelReady();
  const secret = 'xylophone walrus';
  await page.evaluate(async (systemPrompt) => await window.wyvern.call('settings.set', { systemPrompt }), secret);
  await chat.send(secret);
  await chat.lastAnswer('complete');
  await page.keyboard.press('Control+,');
  const section = chat.settings.getByRole('region', { name: 'Diagnostics' });
  await section.getByText('Show the report').press('Enter');
  const shown = section.getByLabel('Diagnostics report');
  await expect(shown).toContainText('Tiny wyvern (test model)');
  await expect(shown).toContainText('ExecuTorch');
  await expect(shown).toContainText('context 512');
  await page.evaluate(() => {
    navigator.clipboard.writeText = (text) => Promise.resolve(void Object.assign(window, { copied: text }));
  });
  await section.getByRole('button', { name: 'Copy the report' }).press('Enter');
  await expect(chat.notifications).toContainText('Report copied');
  const copied = await page.evaluate(() => (window as unknown as { copied: string }).copied);

  const file = await saveAs(app, join(folder, 'report.json'));
  await section.getByRole('button', { name: 'Save as JSON…' }).press('Enter');
  await expect(chat.notifications.filter({ hasText: 'Report saved' })).toBeVisible();
  const saved = readFileSync(file, 'utf8');
  const report = reportSchema.parse(JSON.parse(saved));
  expect(report.models.find(({ state }) => state === 'ready')).toMatchObject({
    name: 'Tiny wyvern (test model)',
    backend: 'CPU (XNNPACK)',
    contextLength: 512,
    chatTemplate: 'manifest',
  });
  // The engine of the app itself is in its cage, without a gap.
  if (process.platform === 'linux') {
    expect(report.app.cage).toEqual({ reads: true, writes: true, connections: true, processes: true, missing: [] });
  }
  for (const text of [copied, saved]) {
    expect(text).not.toContain('walrus');
    expect(text).not.toContain(homedir());
  }
  rmSync(folder, { recursive: true });
});
