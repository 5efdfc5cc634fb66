/** Measures the growth of the window's heap over a thousand answers. */
import { expect, type Page } from '@playwright/test';
import type { ChatPage } from '../e2e/chat-page.ts';
import { scripted, withWindow } from './bench-window.ts';
import { round, type Figure } from './figure.ts';

const answers = 1000;
/** Answers before the first measurement, which compile code and fill caches. */
const before = 100;
const inOneChat = 50;

export async function heapFigure(): Promise<Figure> {
  const answer = 'Some **words**, some `code`, and a list:\n\n- one\n- two\n\n';
  return await withWindow(
    () => scripted({ repeat: '3', contextLength: '1000000', answer }),
    async (chat, page) => {
      await chat.set({ automaticTitles: false });
      await ask(chat, before);
      const first = await heapBytes(page);
      await ask(chat, answers);
      const last = await heapBytes(page);
      return {
        name: `window’s heap after ${answers} more answers`,
        value: (last - first) / 2 ** 20,
        unit: 'MiB more',
        target: { atMost: 20 },
        detail: `${round(first / 2 ** 20)} and ${round(last / 2 ** 20)} MiB in use, in chats of ${inOneChat} answers`,
      };
    },
  );
}

async function ask(chat: ChatPage, times: number): Promise<void> {
  for (let n = 0; n < times; n++) {
    if (n % inOneChat === 0) {
      await chat.page.keyboard.press('Control+n');
      await expect(chat.welcome).toBeVisible();
    }
    await chat.send(`Question ${n}`);
    await expect(chat.questions.last()).toHaveText(`Question ${n}`);
    await chat.lastAnswer('complete');
  }
}

/** Bytes in use after garbage collection. */
async function heapBytes(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize;
}
