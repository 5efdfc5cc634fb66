/** Tokens per second as a person sees them in the window, against the native loop with nothing around it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page } from '@playwright/test';
import { ChatPage } from '../e2e/chat-page.ts';
import { startShell } from '../e2e/shell.ts';
import { median, round, type Figure } from './figure.ts';
import { startOurs, type ProgramFiles } from './speed.ts';

const rounds = 5;
const timeoutMs = 120_000;
const answerTokens = 256;
const question = 'Write a story about a dragon who learns to bake bread.';

/** Drives the built app with the default model; the bundle must be the one it starts with. */
export async function windowFigure(files: ProgramFiles): Promise<Figure> {
  const userData = mkdtempSync(join(tmpdir(), 'wyvern-bench-'));
  const shell = await within(
    startShell({ WYVERN_USER_DATA: userData }, () => undefined),
    'the window to open',
  );
  const native = await startOurs(files, availableParallelism());
  try {
    const chat = new ChatPage(shell.page);
    await chat.modelReady();
    await chat.set({ temperature: 0, repetitionPenalty: 1, maxTokens: answerTokens, automaticTitles: false });
    const inWindow: number[] = [];
    const inLoop: number[] = [];
    for (let run = -1; run < rounds; run++) {
      const { tokens, ms } = await answerInWindow(chat, shell.page);
      const loopMs = await native.measure({ do: 'loop', tokens: tokens - 1 });
      if (run < 0) continue;
      inWindow.push((1000 * (tokens - 1)) / ms);
      inLoop.push((1000 * (tokens - 1)) / loopMs);
    }
    return {
      name: 'tokens/s in the window / native loop',
      value: median(inWindow.map((rate, index) => rate / (inLoop[index] ?? Number.NaN))),
      unit: '×',
      target: { atLeast: 0.97 },
      detail: `${round(median(inWindow))} and ${round(median(inLoop))} tokens/s`,
    };
  } finally {
    await native.end();
    // The figure is there; a window that does not close must not hide it.
    await within(shell.quit(), 'the window to close').catch((error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      shell.process.kill('SIGKILL');
    });
    rmSync(userData, { recursive: true, force: true });
  }
}

/** A new chat with one answer: how many tokens, and the time from the first text on the screen to the end of the answer. */
async function answerInWindow(chat: ChatPage, page: Page): Promise<{ tokens: number; ms: number }> {
  await page.getByRole('button', { name: /^New chat/ }).click();
  await expect(chat.answers).toHaveCount(0);
  const watched = page.evaluate(watchAnswer);
  await chat.send(question);
  const ms = await within(watched, 'the answer');
  const figures = (await chat.lastAnswer('complete')).getByRole('list', { name: 'Figures of this answer' });
  await expect(figures).toContainText(/\d tokens/);
  const tokens = Number(/(\d+) tokens/.exec(await figures.innerText())?.[1]);
  return { tokens, ms };
}

/** @throws Error naming what did not come in time. */
async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`Waited ${timeoutMs / 1000} s for ${what}.`)), timeoutMs);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs in the page. */
async function watchAnswer(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  let first: number | undefined;
  const observer = new MutationObserver(() => {
    const answer = document.querySelector('[data-testid=answer]');
    if (!answer) return;
    const text = answer.querySelector('[data-testid=answer-text]')?.textContent;
    if (text) first ??= performance.now();
    if (first === undefined || answer.getAttribute('data-state') !== 'complete') return;
    observer.disconnect();
    resolve(performance.now() - first);
  });
  observer.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
  return await promise;
}
