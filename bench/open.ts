/** Measures the time from the click on a long chat among many to the painted end of the chat. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { ChatPage } from '../e2e/chat-page.ts';
import { startShell } from '../e2e/shell.ts';
import { openStore } from '../main/store/store.ts';
import { median, round, type Figure } from './figure.ts';

const chats = 10_000;
const messages = 5000;
const rounds = 9;
const long = 'A long chat';
const short = 'A short chat';

/** Fills a new store, then opens the long chat repeatedly, each time in a window that did not read it before. */
export async function openFigure(): Promise<Figure> {
  const userData = mkdtempSync(join(tmpdir(), 'wyvern-open-'));
  fill(join(userData, 'wyvern.sqlite'));
  const times: number[] = [];
  try {
    for (let run = -1; run < rounds; run++) {
      const shell = await startShell({ WYVERN_USER_DATA: userData, WYVERN_ADDON: 'fake:' }, () => undefined);
      try {
        const chat = new ChatPage(shell.page);
        await chat.chat(short).click();
        await expect(chat.questions).toHaveText(['Hello']);
        await expect(chat.chat(long)).toBeVisible();
        const ms = await shell.page.evaluate(timeOpening, long);
        if (run >= 0) times.push(ms);
      } finally {
        await shell.quit();
      }
    }
  } finally {
    rmSync(userData, { recursive: true, force: true });
  }
  return {
    name: `opening ${messages} messages among ${chats} chats`,
    value: median(times),
    unit: 'ms',
    target: { atMost: 100 },
    detail: `click to paint, ${rounds} windows, slowest ${round(Math.max(...times))} ms`,
  };
}

function fill(path: string): void {
  const store = openStore(path);
  store.transaction(() => {
    for (let n = 0; n < chats; n++) {
      store.conversations.create(`c${n}`, n);
      store.conversations.rename(`c${n}`, `Chat number ${n}`);
    }
    for (const [id, title, length] of [
      ['short', short, 1],
      ['long', long, messages],
    ] as const) {
      store.conversations.create(id, chats + length);
      store.conversations.rename(id, title);
      for (let n = 0; n < length; n++) {
        const text = length === 1 ? 'Hello' : `Message ${n}. ${'Some **words** with `code`. '.repeat(10)}`;
        const role = n % 2 === 0 ? 'user' : 'assistant';
        store.tree.append(id, { id: `${id}${n}`, role, text, state: 'complete', createdAt: n });
      }
    }
  });
  store.close();
}

/** Runs in the page: clicks the chat, and resolves with the time when its last message is painted. */
async function timeOpening(title: string): Promise<number> {
  const row = [...document.querySelectorAll<HTMLElement>('nav button')].find((button) => button.title === title);
  if (!row) throw new Error('The chat is not in the list');
  const { promise, resolve } = Promise.withResolvers<number>();
  const start = performance.now();
  const look = (): void => {
    const end = document.querySelector('[data-message="long4999"]');
    // A message in the page may not be visible yet: the page measures it and scrolls to it later.
    const inSight =
      end?.checkVisibility({ visibilityProperty: true }) && end.getBoundingClientRect().bottom < innerHeight;
    if (!inSight) requestAnimationFrame(look);
    // The message's frame is painted when the next frame begins.
    else requestAnimationFrame(() => resolve(performance.now() - start));
  };
  row.click();
  look();
  return await promise;
}
