/** Models of Qualcomm's AI Hub in the window, on the HTP emulator. */
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from './app.ts';
import { ChatPage } from './chat-page.ts';
import { skipWithoutEmulator } from './emulator.ts';

const bundle = resolve(import.meta.dirname, 'fixtures/tiny-llama-genie');

interface Expected {
  readonly messages?: readonly { readonly content: string }[];
  readonly continuation: string;
}

function answerTo(question: string): string {
  const expected = JSON.parse(readFileSync(join(bundle, 'expected.json'), 'utf8')) as readonly Expected[];
  const found = expected.find(({ messages }) => messages?.length === 1 && messages[0]?.content === question);
  return found!.continuation;
}

test('a dropped folder of AI Hub chats, and each token shows its time on the HTP by part', async ({ app, page }) => {
  skipWithoutEmulator();
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.answerGreedily();
  await chat.openSettings();
  await chat.settings.getByLabel('Measure', { exact: true }).selectOption('Time and operator cycles (slower)');
  await page.keyboard.press('Escape');
  await app.drop([bundle]);
  await expect(page.getByTestId('backend')).toHaveText('HTP (emulator)');
  await chat.modelReady();
  await page.keyboard.press('Control+Shift+L');
  await chat.send('Hello!');
  await expect(chat.text(await chat.lastAnswer('complete'))).toHaveText(answerTo('Hello!'));
  const panel = page.getByRole('complementary', { name: 'Latency' });
  await expect(panel).toContainText('HTP (emulator)');
  await expect(panel.getByTestId('part-accelerator')).toBeVisible();
  await expect(panel.getByTestId('parts').getByRole('listitem')).toHaveText(
    [1, 2, 3, 4].map((part) => new RegExp(`^Part ${part}\\d`)),
  );
  // The next question continues the same cache.
  await chat.send('Say yes.');
  await expect(chat.text(await chat.lastAnswer('complete'))).toHaveText(answerTo('Say yes.'));
});

test('the panel compares two of its answers, and the library shows its release and memory', async ({ app, page }) => {
  skipWithoutEmulator();
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.answerGreedily();
  await app.drop([bundle]);
  await expect(page.getByTestId('backend')).toHaveText('HTP (emulator)');
  await chat.modelReady();
  await page.keyboard.press('Control+Shift+L');
  const panel = page.getByRole('complementary', { name: 'Latency' });
  await chat.send('Hello!');
  await chat.lastAnswer('complete');
  // The mode is the one in the bundle's own settings.
  await expect(panel).toContainText('PerformanceBurst');
  await panel.getByRole('button', { name: 'Pin this run to compare others with it' }).click();
  await chat.send('Say yes.');
  await chat.lastAnswer('complete');
  await expect(panel.getByTestId('latency-percentiles').getByRole('row').last()).toHaveText(/^p99.*×$/);
  await chat.openLibrary();
  await page.keyboard.type('elite');
  await expect(chat.models).toHaveCount(1);
  await chat.models.getByRole('button').first().press('Enter');
  await expect(chat.library).toContainText(/QNNmade with 2\.49\.40; Wyvern uses 2\.\d+\.\d+/);
  // Four binaries of 4.4 MB in all, and a cache of 164 kB.
  await expect(chat.library).toContainText('Memory it needsabout 5 MB');
});

test('a folder that lacks a part asks for it by name', async ({ app, page }) => {
  const folder = mkdtempSync(join(tmpdir(), 'wyvern-genie-'));
  const chat = new ChatPage(page);
  await chat.modelReady();
  cpSync(bundle, folder, { recursive: true });
  rmSync(join(folder, 'tiny_llama_part_3_of_4.bin'));
  await app.drop([folder]);
  await expect(page.getByRole('dialog')).toContainText('tiny_llama_part_3_of_4.bin');
  rmSync(folder, { recursive: true });
});

test('a model with shared weights is refused on the emulator, and the chat continues', async ({ app, page }) => {
  skipWithoutEmulator();
  const chat = new ChatPage(page);
  await chat.modelReady();
  await app.drop([resolve(import.meta.dirname, 'fixtures/tiny-llama-genie-device')]);
  await expect(chat.notifications).toContainText('This model is for another machine');
  await expect(chat.notifications).toContainText('it is a device file');
  await chat.modelReady();
});
