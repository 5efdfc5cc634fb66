/** Measures the cost of the latency panel: tokens per second with and without it, in turns in one window. */
import { expect } from '@playwright/test';
import { answerInWindow, withDefaultModel } from './answer-in-window.ts';
import { median, round, type Figure } from './figure.ts';

const rounds = 16;

export async function panelFigure(): Promise<Figure> {
  const open: number[] = [];
  const closed: number[] = [];
  await withDefaultModel(async (chat, page) => {
    const panel = page.getByRole('complementary', { name: 'Latency' });
    const measure = async (shown: boolean, rates: number[] | undefined): Promise<void> => {
      if ((await panel.count()) > 0 !== shown) await page.keyboard.press('Control+Shift+L');
      await expect(panel).toHaveCount(shown ? 1 : 0);
      const { tokens, ms } = await answerInWindow(chat, page);
      rates?.push((1000 * (tokens - 1)) / ms);
    };
    await measure(false, undefined);
    for (let round = 0; round < rounds; round++) {
      // The order alternates, so that a machine that warms up favours neither.
      const first = round % 2 === 0;
      await measure(first, first ? open : closed);
      await measure(!first, first ? closed : open);
    }
  });
  return {
    name: 'tokens/s with the latency panel / without',
    value: median(open.map((rate, index) => rate / (closed[index] ?? Number.NaN))),
    unit: '×',
    target: { atLeast: 0.98 },
    detail: `${round(median(open))} and ${round(median(closed))} tokens/s`,
  };
}
