/** Files that the system passes to the app, and the smoke test of an installed app. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { SmokeTestResult } from '../main/smoke-test.ts';
import { expect, test } from './app.ts';
import { ChatPage } from './chat-page.ts';
import { runToEnd } from './shell.ts';
import { tinyLlama } from './tiny-llama.ts';

/** An x64 process on a Snapdragon. */
const translated = { WYVERN_CHIP: 'Snapdragon(R) X Elite - X1E80100 - Qualcomm(R) Oryon(TM) CPU', WYVERN_ARCH: 'x64' };
const other = resolve(import.meta.dirname, 'fixtures/tiny-llama-qnn-hybrid');

test.describe('a file given at the start', () => {
  test.use({ launch: { args: [join(tinyLlama, 'model.pte')], model: join(tmpdir(), 'no-such-model') } });

  test('is opened', async ({ page }) => {
    const chat = new ChatPage(page);
    await chat.modelReady();
    await expect(chat.modelButton).toHaveAccessibleName(/Tiny wyvern/);
  });
});

test('the first instance opens a file of a second start, but no address', async ({ app, page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  expect(await app.startSecond('https://example.com/a.pte')).toBe(0);
  expect(await app.startSecond(join(tinyLlama, 'none.pte'))).toBe(0);
  await expect(page.getByText(/none\.pte/).first()).toBeVisible();
  await page.keyboard.press('Escape');
  expect(await app.startSecond(other)).toBe(0);
  await expect(page.getByTestId('backend')).toHaveText('HTP (emulator)');
});

test('a translated x64 program on a Snapdragon shows a message and ends before it opens a chat', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wyvern-translated-'));
  try {
    expect(await runToEnd({ WYVERN_USER_DATA: folder, ...translated })).toBe(1);
    expect(existsSync(join(folder, 'wyvern.sqlite'))).toBe(false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.describe('--smoke-test', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wyvern smoke ü '));
  test.afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const read = (file: string): SmokeTestResult => JSON.parse(readFileSync(file, 'utf8')) as SmokeTestResult;

  test('stores, loads, answers, describes the machine, and opens no existing chat', async () => {
    const file = join(folder, 'ok.json');
    const userData = join(folder, 'user data');
    const environment = { WYVERN_MODEL: tinyLlama, WYVERN_USER_DATA: userData };
    expect(await runToEnd(environment, [`--smoke-test=${file}`])).toBe(0);
    const { ok, steps, tokens, report } = read(file);
    expect({ ok, steps: steps.map(({ name, ok: fine }) => [name, fine]) }).toEqual({
      ok: true,
      steps: [
        ['build', true],
        ['store', true],
        ['load', true],
        ['generate', true],
      ],
    });
    expect(tokens).toBeGreaterThan(0);
    expect(report.app.backends).toContain('XnnpackBackend');
    expect(report.models).toMatchObject([{ name: 'Tiny wyvern (test model)', backend: 'CPU (XNNPACK)' }]);
    expect(report.system.arch).toBe(process.arch);
    expect(existsSync(userData)).toBe(false);
  });

  test('ends at once as a translated x64 program on a Snapdragon', async () => {
    const file = join(folder, 'translated.json');
    expect(await runToEnd({ WYVERN_MODEL: tinyLlama, ...translated }, [`--smoke-test=${file}`])).toBe(1);
    expect(read(file).steps).toMatchObject([{ name: 'build', ok: false, error: { code: 'wrong-build' } }]);
  });

  test('names the step that failed and ends with 1', async () => {
    const file = join(folder, 'failed.json');
    const environment = { WYVERN_MODEL: tinyLlama, WYVERN_ADDON: join(folder, 'none.node') };
    expect(await runToEnd(environment, [`--smoke-test=${file}`])).toBe(1);
    const { ok, steps } = read(file);
    expect(ok).toBe(false);
    expect(steps.at(-1)).toMatchObject({ name: 'load', ok: false, error: { code: 'addon-missing' } });
  });

  test('ends with 1 if its file cannot be written', async () => {
    const file = join(folder, 'no such folder', 'x.json');
    expect(await runToEnd({ WYVERN_MODEL: tinyLlama }, [`--smoke-test=${file}`])).toBe(1);
  });
});
