/** Answers of the default model of a fixed length, in the built app's window, timed as a person sees them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page } from '@playwright/test';
import { ChatPage } from '../e2e/chat-page.ts';
import { startShell } from '../e2e/shell.ts';

const timeoutMs = 120_000;
const answerTokens = 256;
const question = 'Write a story about a dragon who learns to bake bread.';

/** Opens the window with the model it starts with, ready for {@link answerInWindow}, and closes it after `work`. */
export async function withWindow<T>(work: (chat: ChatPage, page: Page) => Promise<T>): Promise<T> {
  const userData = mkdtempSync(join(tmpdir(), 'wyvern-bench-'));
  const shell = await within(
    startShell({ WYVERN_USER_DATA: userData }, () => undefined),
    'the window to open',
  );
  try {
    const chat = new ChatPage(shell.page);
    await chat.modelReady();
    await chat.set({ temperature: 0, repetitionPenalty: 1, maxTokens: answerTokens, automaticTitles: false });
    return await work(chat, shell.page);
  } finally {
    // The figure is there; a window that does not close must not hide it.
    await within(shell.quit(), 'the window to close').catch((error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      shell.process.kill('SIGKILL');
    });
    rmSync(userData, { recursive: true, force: true });
  }
}

/** A new chat with one answer: how many tokens, and the time from the first text on the screen to the end of the answer. */
export async function answerInWindow(chat: ChatPage, page: Page): Promise<{ tokens: number; ms: number }> {
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
