/** The NPU path in the window, on Qualcomm's emulator. On Linux x86_64 a missing emulator fails these tests. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { expect, test, type WyvernApp } from './app.ts';
import { ChatPage } from './chat-page.ts';
import { skipWithoutEmulator } from './emulator.ts';
import { standIn } from '../main/engine/testing/qnn-stand-in.ts';
import { tinyLlama } from './tiny-llama.ts';

const fixture = (name: string): string => resolve(import.meta.dirname, 'fixtures', name);
const bundle = fixture('tiny-llama-qnn-hybrid');

interface Expected {
  readonly messages?: readonly { readonly content: string }[];
  readonly continuation: string;
  readonly tokens: readonly number[];
}

test('a dropped bundle for the HTP gives the exact answer and shows where it ran', async ({ app, page }) => {
  skipWithoutEmulator();
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

/** Drops a bundle that cannot run here: the app refuses it before loading anything, and the chat continues. */
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

  test('a program for another chip is refused, with the command that compiles it', async ({ app, page }) => {
    await expect(await refused(app, page, 'tiny-llama-qnn-v79')).toContainText(
      'compiled for Snapdragon 8 Elite (V79); this is Snapdragon X Elite (V73): compile with --soc SC8380XP',
    );
  });
});

for (const [laptop, processor, phone, made, here] of [
  ['X Elite', 'X Elite - X1E80100', 'sm8550', 'Snapdragon 8 Gen 2 (V73)', 'Snapdragon X Elite (V73)'],
  ['X2 Elite', 'X2 Elite - X2E88100', 'sm8850', 'Snapdragon 8 Elite Gen 5 (V81)', 'Snapdragon X2 Elite (V81)'],
] as const) {
  test.describe(`on a machine with a Snapdragon ${laptop}`, () => {
    test.use({ launch: { env: { WYVERN_CHIP: `Snapdragon(R) ${processor} - Qualcomm(R) Oryon(TM) CPU` } } });

    test('a program for a phone of its NPU’s generation loads, and its details warn', async ({ app, page }) => {
      skipWithoutEmulator();
      const chat = new ChatPage(page);
      await chat.modelReady();
      await app.drop([fixture(`tiny-llama-qnn-${phone}`)]);
      await expect(page.getByTestId('backend')).toContainText('HTP');
      await chat.modelReady();
      await chat.answerGreedily();
      await chat.send('Say yes.');
      await expect(chat.text(await chat.lastAnswer('complete'))).toHaveText('Yes.');
      await chat.openLibrary();
      await chat.models.getByRole('button', { name: 'Tiny wyvern (test model)', exact: true }).last().click();
      await expect(chat.library).toContainText(`compiled for ${made}; it may not run on ${here}`);
    });
  });
}

test('a program for a device is refused as such on the emulator', async ({ app, page }) => {
  skipWithoutEmulator();
  await expect(await refused(app, page, 'tiny-llama-qnn-device')).toContainText('it is a device file');
});

test.describe('an NPU that stops working', () => {
  skipWithoutEmulator();

  /** Launch options cannot name a missing folder, so all of these tests share the stand-in's folder. */
  const folder = mkdtempSync(join(tmpdir(), 'wyvern-npu-'));
  test.afterAll(() => rmSync(folder, { recursive: true }));
  const libraries = (fault: string): Readonly<Record<string, string>> => {
    const place = join(folder, fault.replaceAll(':', '-'));
    mkdirSync(place);
    return standIn(place, fault);
  };

  test.describe('in the middle of an answer', () => {
    test.use({ launch: { model: fixture('tiny-llama-qnn-kv'), env: libraries('execute:40:1007') } });

    test('keeps the partial answer, and a fresh engine answers the next message', async ({ page }) => {
      const chat = new ChatPage(page);
      await chat.modelReady();
      await chat.answerGreedily();
      // Long enough to reach the fault; the short one below ends before it.
      await chat.send('Tell me about the wyvern.');
      const failed = await chat.lastAnswer('failed');
      await expect(chat.text(failed)).toContainText('A wyvern is');
      await expect(failed).toContainText('The NPU stopped working');
      await expect(failed).toContainText('QNN error 1007');
      await chat.modelReady();
      await expect(page.getByTestId('backend')).toHaveText('HTP (emulator)');
      await page.keyboard.press('Control+n');
      await chat.send('Hello!');
      await expect(chat.text(await chat.lastAnswer('complete'))).toHaveText('Hello! I am a very small model.');
    });
  });

  test.describe('for good', () => {
    test.use({ launch: { model: fixture('tiny-llama-qnn-kv'), env: libraries('context:1:1011') } });

    test('shows an error and offers a model for the CPU by name', async ({ app, page }) => {
      const chat = new ChatPage(page);
      await expect(chat.modelState).toHaveAttribute('data-status', 'failed');
      await app.drop([tinyLlama]);
      await chat.modelReady();
      await expect(page.getByTestId('backend')).toHaveText('CPU (XNNPACK)');
      await app.drop([fixture('tiny-llama-qnn-kv')]);
      await expect(chat.modelState).toHaveAttribute('data-status', 'failed');
      await chat.modelButton.click();
      await expect(chat.modelPanel).toContainText('The NPU needs a restart');
      await chat.modelPanel.getByRole('button', { name: /^Use .* \(CPU\)$/ }).click();
      await chat.modelReady();
      await expect(page.getByTestId('backend')).toHaveText('CPU (XNNPACK)');
    });
  });

  test.describe('by hanging', () => {
    test.use({ launch: { model: fixture('tiny-llama-qnn-kv'), env: libraries('execute:40:hang') } });

    test('is detected, and the next message gets an answer', async ({ page }) => {
      const chat = new ChatPage(page);
      await chat.modelReady();
      await chat.answerGreedily();
      await chat.send('Tell me about the wyvern.');
      // The time limit grows with the slowest step, because a busy machine makes the emulator's steps long.
      const cut = chat.answers.last();
      await expect(cut).toHaveAttribute('data-state', 'interrupted');
      await expect(cut).toContainText('stopped responding');
      await chat.modelReady();
      await page.keyboard.press('Control+n');
      await chat.send('Hello!');
      await expect(chat.text(await chat.lastAnswer('complete'))).toHaveText('Hello! I am a very small model.');
    });
  });
});

test('Settings choose the NPU’s mode for the next load and show the libraries', async ({ app, page }) => {
  skipWithoutEmulator();
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.openSettings();
  await chat.settings.getByLabel('Performance', { exact: true }).selectOption('Burst');
  await chat.settings.getByLabel('Measure', { exact: true }).selectOption('Time and operator cycles (slower)');
  await page.keyboard.press('Escape');
  await app.drop([fixture('tiny-llama-qnn-kv')]);
  await expect(page.getByTestId('backend')).toHaveText('HTP (emulator)');
  await chat.openSettings();
  await expect(chat.settings.getByTestId('npu-in-use')).toHaveText(
    /^In use: QNN 2\.\d+\.\d+, for Snapdragon X Elite or X Plus \(V73\), .*qnn/,
  );
  const state = await page.evaluate(async () => {
    const list = await window.wyvern.call('models.list', {});
    return list.ok && list.value.state.status === 'ready' ? list.value.state.npu : undefined;
  });
  expect(state).toMatchObject({ performanceMode: 'burst', profileLevel: 'detailed' });
});
