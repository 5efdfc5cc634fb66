/** The library of models, by keyboard: details, loading, unloading, and file changes. */
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { expect, test as base, type WyvernApp } from './app.ts';
import { ChatPage } from './chat-page.ts';
import { skipWithoutEmulator } from './emulator.ts';
import { tinyLlama } from './tiny-llama.ts';

const test = base.extend<{ folder: string }>({
  // eslint-disable-next-line no-empty-pattern -- Playwright reads what a fixture needs from the pattern
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'Wyvern Bibliothek ü '));
    await use(folder);
    rmSync(folder, { recursive: true, force: true });
  },
});

/** Waits for the bundled model, drops another one, and opens the library. */
async function withTwoModels(app: WyvernApp, page: Page, folder: string): Promise<ChatPage> {
  const chat = new ChatPage(page);
  await chat.modelReady();
  cpSync(tinyLlama, join(folder, 'second'), { recursive: true });
  rmSync(join(folder, 'second', 'wyvern.json'));
  await app.drop([join(folder, 'second')]);
  await expect(chat.modelButton).toHaveAccessibleName(/second, Ready/);
  await chat.openLibrary();
  return chat;
}

/** Presses Tab until the element has the focus. */
async function tabTo(target: Locator): Promise<void> {
  await expect(async () => {
    await target.page().keyboard.press('Tab');
    await expect(target).toBeFocused({ timeout: 100 });
  }).toPass({ intervals: [0] });
}

test('model details are read, searched and opened by keyboard', async ({ app, page, folder }) => {
  const chat = await withTwoModels(app, page, folder);
  await expect(chat.models).toHaveCount(2);
  const bundled = chat.models.filter({ hasText: 'Tiny wyvern' });
  await expect(bundled).toContainText('CPU (XNNPACK)');
  await expect(bundled).toContainText('512 tokens');
  await expect(bundled).toContainText('Apache-2.0');
  await expect(bundled.getByTestId('condition')).toHaveText('Not loaded');
  await expect(chat.models.filter({ hasText: 'second' }).getByTestId('condition')).toHaveText('Loaded');

  await page.keyboard.type('tiny apache');
  await expect(chat.models).toHaveCount(1);
  await page.keyboard.press('Escape');
  await expect(chat.models).toHaveCount(2);
  await page.keyboard.type('no such model');
  await expect(chat.library).toContainText('No models match your search.');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect(chat.library.getByRole('radio', { name: 'NPU' })).toBeChecked();
  await expect(chat.models).toHaveCount(0);
  await page.keyboard.press('ArrowLeft');
  await expect(chat.models).toHaveCount(2);

  const card = bundled.getByRole('button', { name: 'Tiny wyvern (test model)', exact: true });
  await tabTo(card);
  await page.keyboard.press('Enter');
  await expect(chat.library.getByRole('heading', { level: 1 })).toBeFocused();
  await expect(chat.library).toContainText('SentencePiece, 512 tokens');
  const methods = chat.library.getByRole('region', { name: 'Methods' });
  await expect(methods.getByRole('heading', { name: 'forward' })).toBeVisible();
  await expect(methods).toContainText('int64 [1, 511]');
  await expect(methods).toContainText(/XnnpackBackend, \d+ parts/);
  await tabTo(methods.getByText(/operators$/));
  await page.keyboard.press('Enter');
  await expect(methods.getByText('llama::custom_sdpa.out')).toBeVisible();
  const files = chat.library.getByRole('region', { name: 'Files' }).getByRole('listitem');
  await expect(files.filter({ hasText: 'tokenizer.model' })).toContainText('KB');

  await page.keyboard.press('Escape');
  await expect(card).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(chat.composer).toBeFocused();
});

test('the library opens from the panel of models, and by its command', async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.modelButton.press('Enter');
  await chat.modelPanel.getByRole('button', { name: 'All models…' }).press('Enter');
  await expect(chat.library.getByRole('searchbox')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(chat.composer).toBeFocused();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox')).toBeFocused();
  await page.keyboard.type('all models');
  await page.keyboard.press('Enter');
  await expect(chat.library).toBeVisible();
});

test('a model loads and unloads from its card, and the chat shows the same state', async ({ app, page, folder }) => {
  const chat = await withTwoModels(app, page, folder);
  const bundled = chat.models.filter({ hasText: 'Tiny wyvern' });
  await tabTo(bundled.getByRole('button', { name: 'Load Tiny wyvern (test model)' }));
  await page.keyboard.press('Enter');
  await expect(bundled.getByTestId('condition')).toHaveText('Loaded');
  await expect(chat.models.filter({ hasText: 'second' }).getByTestId('condition')).toHaveText('Not loaded');
  await bundled.getByRole('button', { name: /^Unload/ }).press('Enter');
  await expect(bundled.getByTestId('condition')).toHaveText('Not loaded');
  await page.keyboard.press('Control+l');
  await expect(chat.composer).toBeFocused();
  await expect(chat.composerNote).toContainText('No model is loaded');
});

test.describe('a long load', () => {
  test.use({ launch: { addon: 'fake:loadStopsAt=0.25' } });

  test('shows its stage and bytes, and can be cancelled', async ({ app, page }) => {
    const chat = new ChatPage(page);
    await expect(chat.modelState).toHaveAttribute('data-status', 'loading');
    await chat.openLibrary();
    const [card] = await chat.models.all();
    await expect(card!).toContainText('Reading · 250 MB of 1.0 GB');
    await expect(card!.getByRole('progressbar')).toHaveAttribute('value', /^0\.06/);
    await tabTo(card!.getByRole('button', { name: /^Cancel loading/ }));
    await page.keyboard.press('Enter');
    await expect(card!.getByTestId('condition')).toHaveText('Not loaded');
    await expect.poll(() => app.enginePids()).toEqual([]);
  });
});

test('removing a model keeps files outside of the library’s folder', async ({ app, page, folder }) => {
  const chat = await withTwoModels(app, page, folder);
  await chat.models.filter({ hasText: 'second' }).getByRole('button', { name: 'second', exact: true }).press('Enter');
  await chat.library.getByRole('button', { name: 'Remove…' }).press('Enter');
  await expect(chat.models).toHaveCount(1);
  await expect(chat.notifications).toContainText('Its files were not changed');
  expect(existsSync(join(folder, 'second', 'model.pte'))).toBe(true);
  // The bundled model stays.
  await chat.models.getByRole('button', { name: /Tiny/ }).first().press('Enter');
  await expect(chat.library.getByRole('button', { name: 'Show in folder' })).toBeVisible();
  await expect(chat.library.getByRole('button', { name: 'Remove…' })).toHaveCount(0);
});

test('files in the library’s own folder are deleted only after a confirmation', async ({ app, page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  const own = join(app.userData, 'models', 'own');
  cpSync(tinyLlama, own, { recursive: true });
  rmSync(join(own, 'wyvern.json'));
  await app.drop([own]);
  await expect(chat.modelButton).toHaveAccessibleName(/own, Ready/);
  await chat.openLibrary();
  const open = async (): Promise<void> => {
    await chat.models.filter({ hasText: 'own' }).getByRole('button', { name: 'own', exact: true }).press('Enter');
    await chat.library.getByRole('button', { name: 'Remove…' }).press('Enter');
  };
  await open();
  const dialog = page.getByRole('dialog', { name: 'Remove own?' });
  await expect(dialog).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  expect(existsSync(join(own, 'model.pte'))).toBe(true);
  await chat.library.getByRole('button', { name: 'Remove…' }).press('Enter');
  await tabTo(dialog.getByRole('button', { name: /^Delete .* of files$/ }));
  await page.keyboard.press('Enter');
  await expect(chat.models).toHaveCount(1);
  await expect(chat.notifications).toContainText('deleted its files');
  expect(existsSync(own)).toBe(false);
});

test('the system shows the folder of a model', async ({ app, page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await app.shell.evaluate(({ shell }) => {
    const shown: string[] = [];
    Object.assign(globalThis, { shown });
    shell.showItemInFolder = (path) => void shown.push(path);
  }, undefined);
  await chat.openLibrary();
  await chat.models.getByRole('button', { name: /Tiny/ }).first().press('Enter');
  await chat.library.getByRole('button', { name: 'Show in folder' }).press('Enter');
  await expect
    .poll(() => app.shell.evaluate(() => (globalThis as unknown as { shown: string[] }).shown, undefined))
    .toEqual([join(tinyLlama, 'model.pte')]);
});

test('a model with missing files is marked', async ({ app, page, folder }) => {
  await withTwoModels(app, page, folder);
  await page.keyboard.press('Escape');
  rmSync(join(folder, 'second', 'model.pte'));
  await app.restart();
  const after = new ChatPage(app.page);
  await expect(after.modelState).toHaveAttribute('data-status', 'failed');
  await after.openLibrary();
  const second = after.models.filter({ hasText: 'second' });
  await expect(second.getByTestId('condition')).toHaveText('Files moved or changed');
  await expect(second.getByRole('button', { name: 'Load second' })).toBeDisabled();
  await second.getByRole('button', { name: 'second', exact: true }).press('Enter');
  await expect(after.library.getByTestId('notice')).toContainText('is no longer where it was');
});

test.describe('with little memory', () => {
  test.use({ launch: { env: { WYVERN_MEMORY: '2000000' } } });

  test('a load starts only after a question with both numbers', async ({ page }) => {
    const chat = new ChatPage(page);
    await expect(chat.modelState).toHaveAttribute('data-status', 'failed');
    await chat.openLibrary();
    await chat.models.getByRole('button', { name: /Tiny/ }).first().press('Enter');
    const warning = chat.library.getByTestId('notice');
    await expect(warning).toContainText('This model may not fit into memory');
    await expect(warning).toContainText(/needs about \d+ MB: .* has 2 MB free/);
    await tabTo(warning.getByRole('button', { name: 'Load anyway' }));
    await page.keyboard.press('Enter');
    await chat.modelReady();
    await page.keyboard.press('Control+l');
    await chat.send('Hello!');
    await chat.lastAnswer('complete');
  });
});

/** Timers of minutes, controlled by the test. */
async function holdLongTimers(app: WyvernApp): Promise<void> {
  await app.shell.evaluate(() => {
    const { setTimeout: real, clearTimeout: clear } = globalThis;
    const held = new Map<object, () => void>();
    const hold = (run: () => void, ms = 0, ...rest: unknown[]): unknown => {
      if (ms < 60_000) return real(run, ms, ...rest);
      const timer = { unref: () => timer, ref: () => timer };
      held.set(timer, run);
      return timer;
    };
    const release = (timer: unknown): void => {
      if (!held.delete(timer as object)) clear(timer as NodeJS.Timeout);
    };
    Object.assign(globalThis, { setTimeout: hold, clearTimeout: release, heldTimers: held });
  }, undefined);
}

/** Fires all timers. @returns their number */
async function letTimePass(app: WyvernApp): Promise<number> {
  return await app.shell.evaluate(() => {
    const { heldTimers } = globalThis as unknown as { heldTimers: Map<object, () => void> };
    const due = [...heldTimers.values()];
    heldTimers.clear();
    for (const run of due) run();
    return due.length;
  }, undefined);
}

test('an unused model is unloaded, shows this, and loads again for the next message', async ({ app, page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await holdLongTimers(app);
  await chat.openSettings();
  await chat.settings.getByLabel('Unload an idle model').selectOption('After 5 minutes');
  await page.keyboard.press('Escape');
  await expect.poll(() => letTimePass(app)).toBe(1);
  await expect(chat.modelState).toHaveAttribute('data-status', 'none');
  await expect(chat.composerNote).toHaveText(
    'Tiny wyvern (test model) was unloaded after 5 minutes without use. Your next message loads it again.',
  );
  await expect.poll(() => app.enginePids()).toEqual([]);
  await chat.answerGreedily();
  await chat.send('Hello!');
  await chat.lastAnswer('complete');
  await expect(chat.modelState).toHaveAttribute('data-status', 'ready');
});

test.describe('in the middle of an answer', () => {
  test.use({ launch: { addon: 'fake:rate=40&repeat=0' } });

  test('nothing is unloaded', async ({ app, page }) => {
    const chat = new ChatPage(page);
    await chat.modelReady();
    await holdLongTimers(app);
    await chat.set({ idleUnload: '5' });
    await chat.send('Go on');
    await chat.answering('scripted');
    expect(await letTimePass(app)).toBe(0);
    await page.keyboard.press('Escape');
    await chat.lastAnswer('stopped');
    await expect.poll(() => letTimePass(app)).toBe(1);
    await expect(chat.modelState).toHaveAttribute('data-status', 'none');
  });
});

test('programs for the NPU show their chip', async ({ app, page }) => {
  skipWithoutEmulator();
  const chat = new ChatPage(page);
  await chat.modelReady();
  await app.drop([resolve(import.meta.dirname, 'fixtures/tiny-llama-qnn-kv')]);
  await expect(page.getByTestId('backend')).toHaveText('HTP (emulator)');
  await chat.openLibrary();
  await page.keyboard.type('elite');
  await expect(chat.models).toHaveCount(1);
  await expect(chat.models).toContainText('Snapdragon X Elite or X Plus (V73)');
  await chat.models.getByRole('button').first().press('Enter');
  await expect(chat.library).toContainText('1 part');
  await expect(chat.library).toContainText('for the emulator');
});

test('a model is measured, and the result stays after a restart', async ({ app, page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.openLibrary();
  await chat.models.getByRole('button').first().press('Enter');
  const speed = chat.library.getByRole('region', { name: 'Speed on this machine' });
  await expect(speed).toContainText('Not measured yet.');
  await tabTo(speed.getByRole('button', { name: 'Measure' }));
  await page.keyboard.press('Enter');
  const result = speed.getByTestId('benchmark');
  await expect(result).toContainText('Tiny wyvern (test model)128 prompt, 64 generated');
  await expect(result.getByRole('cell').first()).toHaveText('CPU');
  await expect(result.getByRole('cell').nth(2)).toHaveText(/^\d/);
  // The CPU has no accelerator.
  await expect(result.getByRole('cell').last()).toHaveText('–');
  const row = await result.textContent();
  await app.restart();
  const after = new ChatPage(app.page);
  await after.modelReady();
  await after.openLibrary();
  await expect(after.models.first()).toContainText('tokens/s');
  await after.models.getByRole('button').first().press('Enter');
  await expect(after.library.getByTestId('benchmark')).toHaveText(row ?? '');
});

test.describe('a long measurement', () => {
  test.use({ launch: { addon: 'fake:rate=20&repeat=0' } });

  test('its button cancels it, and a message ends it', async ({ page }) => {
    const chat = new ChatPage(page);
    await chat.modelReady();
    await chat.openLibrary();
    await chat.models.getByRole('button').first().press('Enter');
    const speed = chat.library.getByRole('region', { name: 'Speed on this machine' });
    await speed.getByRole('button', { name: 'Measure' }).press('Enter');
    await expect(speed).toContainText('Warming up');
    await speed.getByRole('button', { name: 'Cancel' }).press('Enter');
    await expect(speed).toContainText('Not measured yet.');
    await speed.getByRole('button', { name: 'Measure' }).press('Enter');
    await expect(speed).toContainText('Warming up');
    await page.keyboard.press('Control+l');
    await chat.send('Go on');
    await chat.answering('scripted');
    await page.keyboard.press('Escape');
    await chat.lastAnswer('stopped');
  });
});
