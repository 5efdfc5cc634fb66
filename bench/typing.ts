/** Measures the time from a key press to its letter while a fast model streams above the message box. */
import { expect } from '@playwright/test';
import { scripted, withWindow } from './bench-window.ts';
import { percentile, round, type Figure } from './figure.ts';

const rate = 5000;
const typed = 'While it answers, one writes on, and every letter stands there at once. '.repeat(4);
/** Milliseconds between two letters, like a fast typist. */
const delayMs = 60;
/** Chromium's resolution, and the least duration that it reports. */
const leastMs = 16;

export async function typingFigure(): Promise<Figure> {
  const answer = 'A **wyvern** has two legs and `reads` token after token, all day long.\n\n';
  return await withWindow(
    () => scripted({ rate: `${rate}`, repeat: '20000', contextLength: '10000000', answer }),
    async (chat, page) => {
      await chat.set({ maxTokens: 0, automaticTitles: false });
      await chat.send('Go');
      await chat.answering('two legs');
      await chat.composer.focus();
      const slow = await page.evaluateHandle(watchKeys, leastMs);
      await page.keyboard.type(typed, { delay: delayMs });
      await expect(chat.composer).toHaveValue(typed);
      await expect(chat.answers.last()).toHaveAttribute('data-state', 'streaming');
      const reported = await slow.evaluate((read) => read());
      const all = [...reported, ...Array<number>(typed.length - reported.length).fill(leastMs)];
      return {
        name: `key → letter while ${rate} tokens/s stream, p95`,
        value: percentile(all, 0.95),
        unit: 'ms',
        target: { atMost: 50 },
        detail: `${typed.length} keys, p50 at most ${round(percentile(all, 0.5))} ms, longest ${round(percentile(all, 1))} ms`,
      };
    },
  );
}

/** Runs in the page. @returns Handle of each key's time to the frame that showed it, by Chromium's event timing */
function watchKeys(durationThreshold: number): () => readonly number[] {
  const durations: number[] = [];
  const take = (entries: PerformanceEntryList): void => {
    for (const { name, duration } of entries) if (name === 'keydown') durations.push(duration);
  };
  const observer = new PerformanceObserver((list) => take(list.getEntries()));
  observer.observe({ type: 'event', durationThreshold } as PerformanceObserverInit);
  return () => {
    take(observer.takeRecords());
    return durations;
  };
}
