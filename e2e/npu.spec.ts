/** The NPU path in the window, on Qualcomm's emulator: it exists for Linux x86_64, and there its absence fails this. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from './app.ts';
import { ChatPage } from './chat-page.ts';

const bundle = resolve(import.meta.dirname, 'fixtures/tiny-llama-qnn-hybrid');

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
