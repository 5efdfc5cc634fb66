/** Times answers of the default model, of a fixed length, in the built app's window, as a person sees them. */
import { expect, type Page } from '@playwright/test';
import type { ChatPage } from '../e2e/chat-page.ts';
import { within, withWindow } from './bench-window.ts';

const answerTokens = 256;
const question = 'Write a story about a dragon who learns to bake bread.';

/** Opens the window with its default model, ready for {@link answerInWindow}, and closes it after `work`. */
export async function withDefaultModel<T>(work: (chat: ChatPage, page: Page) => Promise<T>): Promise<T> {
  return await withWindow(
    () => ({}),
    async (chat, page) => {
      await chat.set({ temperature: 0, repetitionPenalty: 1, maxTokens: answerTokens, automaticTitles: false });
      return await work(chat, page);
    },
  );
}

/** Makes a new chat with one answer; returns its tokens, and the time from the first text on the screen to its end. */
export async function answerInWindow(chat: ChatPage, page: Page): Promise<{ tokens: number; ms: number }> {
  await page.getByRole('button', { name: /^New chat/ }).click();
  await expect(chat.answers).toHaveCount(0);
  const watched = page.evaluate(watchAnswer);
  await chat.send(question);
  const ms = await within(watched, 'the answer');
  const figures = (await chat.lastAnswer('complete')).getByRole('list', { name: 'Answer statistics' });
  await expect(figures).toContainText(/\d tokens/);
  const tokens = Number(/(\d+) tokens/.exec(await figures.innerText())?.[1]);
  return { tokens, ms };
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
