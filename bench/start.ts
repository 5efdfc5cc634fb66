/** Measures the time from the app's start to a window that accepts typing, with a realistic store. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { ChatPage } from '../e2e/chat-page.ts';
import { startShell } from '../e2e/shell.ts';
import { median, round, type Figure } from './figure.ts';

const rounds = 7;

/** Returns the figure for the Chromium host, which starts Chromium. Electron's figure differs. */
export async function startFigure(): Promise<Figure> {
  const userData = mkdtempSync(join(tmpdir(), 'wyvern-start-'));
  const all: number[] = [];
  const inPage: number[] = [];
  try {
    // The first run makes the folder and warms the disk.
    for (let run = -1; run < rounds; run++) {
      const begun = Date.now();
      const shell = await startShell({ WYVERN_USER_DATA: userData }, () => undefined);
      try {
        const { page } = shell;
        await expect(new ChatPage(page).composer).toBeFocused();
        await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0);
        const { origin, painted } = await page.evaluate(firstPaint);
        if (run < 0) continue;
        all.push(origin + painted - begun);
        inPage.push(painted);
      } finally {
        await shell.quit();
      }
    }
  } finally {
    rmSync(userData, { recursive: true, force: true });
  }
  return {
    name: 'start → window to type into (Chromium host)',
    value: median(all),
    unit: 'ms',
    target: { atMost: 1000 },
    detail: `${round(median(inPage))} ms of it in the page, ${rounds} starts, slowest ${round(Math.max(...all))} ms`,
  };
}

/** Runs in the page: checks that the first paint contains the message box. */
function firstPaint(): { origin: number; painted: number } {
  const entry = performance.getEntriesByName('first-contentful-paint')[0];
  if (!entry) throw new Error('Nothing has been painted');
  return { origin: performance.timeOrigin, painted: entry.startTime };
}
