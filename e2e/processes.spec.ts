/** The app's processes: it leaves none behind, survives a kill, and runs once. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { standIn } from '../main/engine/testing/qnn-stand-in.ts';
import { expect, test } from './app.ts';
import { ChatPage } from './chat-page.ts';
import { skipWithoutEmulator } from './emulator.ts';
import { canReadProcesses, listeningPorts, processTree, stillRunning } from './process-tree.ts';

const endless = { addon: 'fake:rate=50&answer=word%20&repeat=0' };

test.describe('processes', () => {
  test.skip(!canReadProcesses, 'needs /proc');

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test.describe(signal, () => {
      test.use({ launch: endless });

      test('ends all processes, also during an answer, and keeps the partial answer', async ({ app, page }) => {
        const chat = new ChatPage(page);
        await chat.send('Go on for ever');
        await chat.answering('word word');
        const { process } = app.shell;
        const tree = processTree(process.pid!);
        expect(tree.length).toBeGreaterThan(3);
        const exited = once(process, 'exit');
        process.kill(signal);
        expect(await exited).toEqual([0, null]);
        await expect.poll(() => stillRunning(tree)).toEqual([]);

        await app.restart();
        const again = new ChatPage(app.page);
        await again.chat('Go on for ever').click();
        await expect(again.text(await again.lastAnswer('interrupted'))).toContainText('word word');
      });
    });
  }

  for (const signal of ['SIGKILL', 'SIGSEGV', 'SIGABRT'] as const) {
    test.describe(`the app ends by ${signal}`, () => {
      test.use({ launch: endless });

      test('during an answer: no process is left', async ({ app, page }) => {
        const chat = new ChatPage(page);
        await chat.send('Go on for ever');
        await chat.answering('word word');
        const tree = processTree(app.shell.process.pid!);
        expect(tree.length).toBeGreaterThan(3);
        await app.kill(signal);
        await expect.poll(() => stillRunning(tree)).toEqual([]);
        await app.start();
      });
    });
  }

  test.describe('the app ends by SIGKILL', () => {
    test.use({ launch: { addon: 'fake:loadStopsAt=0.5' } });

    test('while a model loads: no process is left', async ({ app, page }) => {
      await expect(new ChatPage(page).modelState).toHaveAttribute('data-status', 'loading');
      await expect.poll(() => app.enginePids()).toHaveLength(1);
      const tree = processTree(app.shell.process.pid!);
      await app.kill();
      await expect.poll(() => stillRunning(tree)).toEqual([]);
      await app.start();
    });
  });

  test.describe('an NPU that hangs in its own code', () => {
    skipWithoutEmulator();
    const folder = mkdtempSync(join(tmpdir(), 'wyvern-hang-'));
    test.afterAll(() => rmSync(folder, { recursive: true }));
    test.use({
      launch: {
        model: join(import.meta.dirname, 'fixtures/tiny-llama-qnn-kv'),
        env: standIn(folder, 'execute:20:hang'),
      },
    });

    for (const how of ['quits', 'is killed'] as const) {
      test(`leaves no process when the app ${how}`, async ({ app, page }) => {
        const chat = new ChatPage(page);
        await chat.modelReady();
        await chat.answerGreedily();
        await chat.send('Tell me about the wyvern.');
        await chat.answering('A wyvern is a dragon');
        const { process: main } = app.shell;
        const tree = processTree(main.pid!);
        if (how === 'quits') {
          const exited = once(main, 'exit');
          main.kill('SIGTERM');
          expect(await exited).toEqual([0, null]);
        } else {
          await app.kill();
        }
        await expect.poll(() => stillRunning(tree)).toEqual([]);
        await app.restart();
      });
    }
  });

  test('closing the window ends the app', async ({ app, page }) => {
    await new ChatPage(page).modelReady();
    const { process } = app.shell;
    const tree = processTree(process.pid!);
    const exited = once(process, 'exit');
    await page.close();
    expect(await exited).toEqual([0, null]);
    await expect.poll(() => stillRunning(tree)).toEqual([]);
  });

  test('listens on no port', async ({ app, page }) => {
    // Playwright drives real Electron through two ports of its own.
    test.skip(process.env['WYVERN_E2E_SHELL'] === 'electron');
    await new ChatPage(page).modelReady();
    expect(listeningPorts(processTree(app.shell.process.pid!))).toEqual([]);
  });

  test('killed without warning: no process is left, and sent messages are there again', async ({ app, page }) => {
    const chat = new ChatPage(page);
    await chat.modelReady();
    await chat.send('Hello!');
    await chat.lastAnswer('complete');
    const tree = processTree(app.shell.process.pid!);
    await app.kill();
    await expect.poll(() => stillRunning(tree)).toEqual([]);

    await app.start();
    const again = new ChatPage(app.page);
    await again.chat('Hello!').click();
    await expect(again.questions).toHaveText(['Hello!']);
    await expect(again.text(await again.lastAnswer('complete'))).toHaveText('Hello! I am a very small model.');
  });
});

test('switching models ends the previous engine', async ({ app, page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  const before = await app.enginePids();
  expect(before).toHaveLength(1);
  const [model] = await page.evaluate(async () => {
    const result = await window.wyvern.call('models.list', {});
    return result.ok ? result.value.models.map(({ id }) => id) : [];
  });
  await page.evaluate((id) => window.wyvern.call('models.load', { id }), model!);
  await expect(chat.modelState).not.toHaveAttribute('data-status', 'ready');
  await chat.modelReady();
  const after = await app.enginePids();
  expect(after).toHaveLength(1);
  expect(after).not.toEqual(before);
});

test.describe('a machine that is about to sleep', () => {
  test.use({ launch: { addon: 'fake:rate=60&answer=word%20&repeat=0' } });

  test('saves the whole partial answer to the disk', async ({ app, page }) => {
    const chat = new ChatPage(page);
    await chat.send('Go on for ever');
    // So that it is not saved by the timer of one second.
    const answer = await chat.answering('word word');
    const shown = (await chat.text(answer).textContent())?.trim() ?? '';
    await app.shell.evaluate(({ powerMonitor }) => void powerMonitor.emit('suspend'), undefined);
    const store = new DatabaseSync(join(app.userData, 'wyvern.sqlite'), { readOnly: true });
    const row = store.prepare("SELECT text FROM messages WHERE role = 'assistant'").get();
    store.close();
    expect(shown.length).toBeGreaterThan(0);
    expect(String(row?.['text'])).toContain(shown);
  });
});

test('a second start gives way to the first', async ({ app, page }) => {
  await new ChatPage(page).modelReady();
  await app.shell.evaluate(({ app: electronApp }) => {
    const seen = new Promise<boolean>((resolve) => electronApp.once('second-instance', () => resolve(true)));
    Object.assign(globalThis, { seen });
  }, undefined);
  expect(await app.startSecond()).toBe(0);
  const seen = await app.shell.evaluate(() => (globalThis as unknown as { seen: Promise<boolean> }).seen, undefined);
  expect(seen).toBe(true);
  expect(await page.evaluate(() => 'wyvern' in window)).toBe(true);
});

test.describe('an engine that hangs', () => {
  test.use({ launch: { addon: 'fake:rate=50&answer=word%20&repeat=0&hangAt=9' } });

  test('is detected and replaced, and the partial answer is kept', async ({ app, page }) => {
    const chat = new ChatPage(page);
    await chat.modelReady();
    const before = await app.enginePids();
    await chat.send('Hang');
    const answer = await chat.lastAnswer('interrupted');
    await expect(chat.text(answer)).toHaveText('word wor');
    await expect(answer.getByTestId('notice')).toContainText('stopped responding');
    await chat.modelReady();
    const after = await app.enginePids();
    expect(after).toHaveLength(1);
    expect(after).not.toEqual(before);
  });
});
