/**
 * Runs the window under a model of 5,000 tokens per second for a minute. Measures its longest tasks and the delay until
 * a token is on the screen, and checks that no token is lost.
 */
import { expect, type CDPSession, type Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scripted, withWindow } from './bench-window.ts';
import { percentile, round, type Figure } from './figure.ts';

const rate = 5000;
const seconds = 60;
const frameMs = 1000 / 60;
/** One paragraph. The scripted model's tokens are bytes. The window shows the paragraph without its two line feeds. */
const paragraph = `${'A wyvern has two legs and reads token after token, all day long.'.padEnd(62, '.')}\n\n`;
const shownLength = paragraph.length - 2;
const repeat = Math.round((rate * seconds) / paragraph.length);

export async function floodFigures(): Promise<readonly Figure[]> {
  return await withWindow(
    (folder) => scripted({ ...paced(rate, repeat, folder), contextLength: '1000000' }),
    async (chat, page, folder) => {
      await chat.set({ maxTokens: 0, automaticTitles: false });
      const tasks = await TaskTrace.start(page);
      const seen = page.evaluate(watchPainting, shownLength);
      await chat.send('Go');
      const painted = await seen;
      const durations = await tasks.end();
      await expect(chat.answers.last()).toHaveAttribute('data-state', 'complete');
      const text = (await chat.text(chat.answers.last()).textContent()) ?? '';
      const lost = repeat * shownLength - text.length;
      const made = readTimes(folder);
      const madeMs = (made.at(-1) ?? 0) - (made[0] ?? 0);
      return [
        {
          name: `tokens lost of ${repeat * paragraph.length}`,
          value: lost,
          unit: 'letters',
          target: { atMost: 0 },
          detail: `made at ${round((1000 * (made.length - 1)) / madeMs)} tokens/s for ${round(madeMs / 1000)} s`,
        },
        {
          name: 'window’s tasks meanwhile, p99',
          value: percentile(durations, 0.99),
          unit: 'ms',
          target: { atMost: 50 },
          detail: `${durations.length} tasks, longest ${round(percentile(durations, 1))} ms`,
        },
        late(`token made → painted at ${rate} tokens/s, p95`, made, painted),
      ];
    },
  );
}

/** The speed of a fast model on a laptop. Tokens then wait for frames, not for work. */
export async function paintFigure(): Promise<Figure> {
  return await withWindow(
    (folder) => scripted({ ...paced(60, 20, folder), contextLength: '10000' }),
    async (chat, page, folder) => {
      await chat.set({ maxTokens: 0, automaticTitles: false });
      const seen = page.evaluate(watchPainting, shownLength);
      await chat.send('Go');
      const painted = await seen;
      return late('token made → painted at 60 tokens/s, p95', readTimes(folder), painted, { atMost: 2 });
    },
  );
}

/** The scripted model's text, its speed, and the file for its times. */
function paced(tokensPerSecond: number, paragraphs: number, folder: string): Readonly<Record<string, string>> {
  return { rate: `${tokensPerSecond}`, repeat: `${paragraphs}`, answer: paragraph, times: timesIn(folder) };
}

const timesIn = (folder: string): string => join(folder, 'times');

/** Reads the scripted model's file: the time of each token, in milliseconds since the epoch. */
function readTimes(folder: string): Float64Array {
  return new Float64Array(new Uint8Array(readFileSync(timesIn(folder))).buffer);
}

type Painted = readonly { readonly paragraphs: number; readonly rest: number; readonly at: number }[];

/** Counts the frames from each token to the frame that shows it. White space draws nothing and does not count. */
function late(name: string, made: Float64Array, painted: Painted, target?: Figure['target']): Figure {
  const ms: number[] = [];
  let shown = 0;
  for (const { paragraphs, rest, at } of painted) {
    const upTo = Math.min(made.length, paragraphs * paragraph.length + rest);
    for (; shown < upTo; shown++) {
      if (/\S/.test(paragraph.charAt(shown % paragraph.length))) ms.push(at - (made[shown] ?? Number.NaN));
    }
  }
  return {
    name,
    value: percentile(ms, 0.95) / frameMs,
    unit: 'frames of 1/60 s',
    ...(target === undefined ? {} : { target }),
    detail: `p50 ${round(percentile(ms, 0.5))} ms, p95 ${round(percentile(ms, 0.95))} ms, longest ${round(percentile(ms, 1))} ms, ${ms.length} tokens`,
  };
}

/**
 * Runs in the page. Records for every frame the length of its text and the end of the page's work. It reads the text in
 * a ResizeObserver, which runs after all callbacks and the layout of a frame and before its painting, so that nothing
 * can change the text. The page's work ends when the first task after the frame runs; the compositor's work is not in
 * the figure. Times are milliseconds since the epoch.
 */
async function watchPainting(shown: number): Promise<Painted> {
  const { promise, resolve } = Promise.withResolvers<Painted>();
  const painted: { paragraphs: number; rest: number; at: number }[] = [];
  const probe = document.body.appendChild(document.createElement('div'));
  probe.style.position = 'fixed';
  const { port1, port2 } = new MessageChannel();
  const drawn: { paragraphs: number; rest: number }[] = [];
  let ended = false;
  port2.onmessage = () => {
    const at = performance.timeOrigin + performance.now();
    for (const frame of drawn.splice(0)) painted.push({ ...frame, at });
    if (ended) resolve(painted);
  };
  new ResizeObserver(() => {
    const answer = document.querySelector('[data-testid=answer]');
    const paragraphs = answer?.querySelector('[data-testid=answer-text]')?.getElementsByTagName('p');
    const whole = Math.max(0, (paragraphs?.length ?? 0) - 1);
    const last = paragraphs?.item(whole)?.textContent.length ?? 0;
    drawn.push({ paragraphs: whole, rest: Math.min(last, shown) });
    port1.postMessage(undefined);
    ended = answer?.getAttribute('data-state') === 'complete';
  }).observe(probe);
  const frame = (): void => {
    probe.style.width = probe.style.width === '1px' ? '2px' : '1px';
    if (!ended) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  return await promise;
}

/** Reads the tasks of the page's main thread from Chromium's trace. */
class TaskTrace {
  readonly #session: CDPSession;
  readonly #durations: number[] = [];

  private constructor(session: CDPSession) {
    this.#session = session;
  }

  static async start(page: Page): Promise<TaskTrace> {
    const session = await page.context().newCDPSession(page);
    const trace = new TaskTrace(session);
    session.on('Tracing.dataCollected', ({ value }) => {
      for (const event of value as unknown as { name: string; dur?: number }[]) {
        if (event.name === 'RunTask' && event.dur !== undefined) trace.#durations.push(event.dur / 1000);
      }
    });
    await session.send('Tracing.start', {
      categories: '-*,disabled-by-default-devtools.timeline',
      transferMode: 'ReportEvents',
    });
    return trace;
  }

  /** @returns Milliseconds per task */
  async end(): Promise<readonly number[]> {
    const complete = new Promise((resolve) => this.#session.once('Tracing.tracingComplete', resolve));
    await this.#session.send('Tracing.end');
    await complete;
    await this.#session.detach();
    return this.#durations;
  }
}
