/** The NPU path in the window, on Qualcomm's emulator: it exists for Linux x86_64, and there its absence fails this. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { expect, test, type WyvernApp } from './app.ts';
import { ChatPage } from './chat-page.ts';

const fixture = (name: string): string => resolve(import.meta.dirname, 'fixtures', name);
const bundle = fixture('tiny-llama-qnn-hybrid');

interface Expected {
  readonly messages?: readonly { readonly content: string }[];
  readonly continuation: string;
  readonly tokens: readonly number[];
}

test('a dropped bundle for the HTP answers to the letter, and says where it ran', async ({ app, page }) => {
  test.skip(process.platform !== 'linux' || process.arch !== 'x64', 'No HTP emulator exists for this machine.');
  const expected = JSON.parse(readFileSync(join(bundle, 'expected.json'), 'utf8')) as readonly Expected[];
  const first = expected.find(({ messages, tokens }) => messages?.length === 1 && tokens.length < 30);
  const chat = new ChatPage(page);
  await chat.modelReady();
  await app.drop([bundle]);
  await expect(page.getByText('HTP (emulator)', { exact: true })).toBeVisible();
  await chat.modelReady();
  await chat.answerGreedily();
  await chat.send(first!.messages![0]!.content);
  await expect(chat.text(await chat.lastAnswer('complete'))).toHaveText(first!.continuation);
});

/** Drops a bundle that cannot run here: it is refused before anything is loaded, and the chat goes on. */
async function refused(app: WyvernApp, page: Page, name: string): Promise<Locator> {
  const chat = new ChatPage(page);
  await chat.modelReady();
  const model = await chat.modelButton.textContent();
  await chat.composer.fill('A draft');
  await app.drop([fixture(name)]);
  await expect(chat.notifications).toContainText('This model is for another machine');
  await chat.modelReady();
  await expect(chat.modelButton).toHaveText(model ?? '');
  await expect(chat.composer).toHaveValue('A draft');
  return chat.notifications;
}

test.describe('on a machine with a Snapdragon X Elite', () => {
  test.use({ launch: { env: { WYVERN_CHIP: 'Snapdragon(R) X Elite - X1E80100 - Qualcomm(R) Oryon(TM) CPU' } } });

  test('a program for another chip is refused, and how to compile it is said', async ({ app, page }) => {
    await expect(await refused(app, page, 'tiny-llama-qnn-v79')).toContainText(
      'compiled for Snapdragon 8 Elite (V79); this is Snapdragon X Elite (V73): compile with --soc SC8380XP',
    );
  });
});

test('a program for a device is named as such where there is only the emulator', async ({ app, page }) => {
  test.skip(process.platform !== 'linux' || process.arch !== 'x64', 'No HTP emulator exists for this machine.');
  await expect(await refused(app, page, 'tiny-llama-qnn-device')).toContainText('it is a device file');
});
