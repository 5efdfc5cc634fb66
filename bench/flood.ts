/**
 * The window under a model of 5,000 tokens a second, for a minute: how long its longest tasks are, how late a token is on
 * the screen, and that none is lost.
 */
import { expect, type CDPSession, type Page } from '@playwright/test';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChatPage } from '../e2e/chat-page.ts';
import { startShell } from '../e2e/shell.ts';
import { tinyLlama } from '../e2e/tiny-llama.ts';
import { percentile, round, type Figure } from './figure.ts';

const rate = 5000;
const seconds = 60;
const frameMs = 1000 / 60;
/** One paragraph; tokens of the scripted model are bytes. The window shows it without the two line feeds. */
const paragraph = `${'A wyvern has two legs and reads token after token, all day long.'.padEnd(62, '.')}\n\n`;
const shownLength = paragraph.length - 2;
const repeat = Math.round((rate * seconds) / paragraph.length);

export async function* floodFigures(): AsyncGenerator<Figure> {
  const folder = mkdtempSync(join(tmpdir(), 'wyvern-flood-'));
  const times = join(folder, 'times');
  const script = new URLSearchParams({
    ...{ rate: `${rate}`, repeat: `${repeat}`, contextLength: '1000000' },
    ...{ answer: paragraph, times },
  });
  const environment = { WYVERN_USER_DATA: folder, WYVERN_MODEL: tinyLlama, WYVERN_ADDON: `fake:${script}` };
  const shell = await startShell(environment, () => undefined);
  try {
    const { page } = shell;
    const chat = new ChatPage(page);
    await chat.modelReady();
    await chat.set({ maxTokens: 0, automaticTitles: false });
    const tasks = await TaskTrace.start(page);
    const seen = page.evaluate(watchPainting, shownLength);
    await chat.send('Go');
    const painted = await seen;
    const durations = await tasks.end();
    await expect(chat.answers.last()).toHaveAttribute('data-state', 'complete');
    const text = (await chat.text(chat.answers.last()).textContent()) ?? '';
    const lost = repeat * shownLength - text.length;
    const made = readTimes(times);
    const madeRate = (1000 * (made.length - 1)) / ((made.at(-1) ?? 0) - (made[0] ?? 0));
    yield {
      name: `tokens lost of ${repeat * paragraph.length}`,
      value: lost,
      unit: 'letters',
      target: { atMost: 0 },
      detail: `made at ${round(madeRate)} tokens/s for ${round(((made.at(-1) ?? 0) - (made[0] ?? 0)) / 1000)} s`,
    };
    yield {
      name: 'window’s tasks meanwhile, p99',
      value: percentile(durations, 0.99),
      unit: 'ms',
      target: { atMost: 50 },
      detail: `${durations.length} tasks, longest ${round(percentile(durations, 1))} ms`,
    };
    yield late(`token made → painted at ${rate} tokens/s, p95`, made, painted);
  } finally {
    await shell.quit();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** At the pace of a fast model on a laptop, where frames are waited for and not work. */
export async function paintFigure(): Promise<Figure> {
  const folder = mkdtempSync(join(tmpdir(), 'wyvern-paint-'));
  const times = join(folder, 'times');
  const script = new URLSearchParams({ rate: '60', repeat: '20', contextLength: '10000', answer: paragraph, times });
  const environment = { WYVERN_USER_DATA: folder, WYVERN_MODEL: tinyLlama, WYVERN_ADDON: `fake:${script}` };
  const shell = await startShell(environment, () => undefined);
  try {
    const chat = new ChatPage(shell.page);
    await chat.modelReady();
    await chat.set({ maxTokens: 0, automaticTitles: false });
    const seen = shell.page.evaluate(watchPainting, shownLength);
    await chat.send('Go');
    const painted = await seen;
    const made = readTimes(times);
    return late('token made → painted at 60 tokens/s, p95', made, painted);
  } finally {
    await shell.quit();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the scripted model has written: when each token was made, in milliseconds since the epoch. */
function readTimes(file: string): Float64Array {
  return new Float64Array(new Uint8Array(readFileSync(file)).buffer);
}

type Painted = readonly { readonly paragraphs: number; readonly rest: number; readonly at: number }[];

/** Frames from the making of a token to the frame that showed it being over, an upper bound of the painting. */
function late(name: string, made: Float64Array, painted: Painted): Figure {
  const ms: number[] = [];
  let shown = 0;
  for (const { paragraphs, rest, at } of painted) {
    const upTo = Math.min(made.length, paragraphs * paragraph.length + rest);
    for (; shown < upTo; shown++) ms.push(at - (made[shown] ?? Number.NaN));
  }
  return {
    name,
    value: percentile(ms, 0.95) / frameMs,
    unit: 'frames of 1/60 s',
    target: { atMost: 2 },
    detail: `p50 ${round(percentile(ms, 0.5))} ms, p95 ${round(percentile(ms, 0.95))} ms, longest ${round(percentile(ms, 1))} ms, ${ms.length} tokens`,
  };
}

/**
 * Runs in the page. At the beginning of every frame: how much text the page holds, and when that was painted at the
 * latest, which is when the next frame begins. Times are milliseconds since the epoch.
 */
async function watchPainting(shown: number): Promise<Painted> {
  const { promise, resolve } = Promise.withResolvers<Painted>();
  const painted: { paragraphs: number; rest: number; at: number }[] = [];
  let before: { paragraphs: number; rest: number } | undefined;
  const look = (): void => {
    if (before) painted.push({ ...before, at: performance.timeOrigin + performance.now() });
    const answer = document.querySelector('[data-testid=answer]');
    const paragraphs = answer?.querySelector('[data-testid=answer-text]')?.getElementsByTagName('p');
    const whole = Math.max(0, (paragraphs?.length ?? 0) - 1);
    const last = paragraphs?.item(whole)?.textContent.length ?? 0;
    // The line feeds that end a paragraph are seen with the next one.
    before = { paragraphs: whole, rest: Math.min(last, shown) };
    if (answer?.getAttribute('data-state') === 'complete') resolve(painted);
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  return await promise;
}

/** The tasks of the page's main thread, by Chromium's own trace. */
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

  /** @returns Milliseconds each */
  async end(): Promise<readonly number[]> {
    const complete = new Promise((resolve) => this.#session.once('Tracing.tracingComplete', resolve));
    await this.#session.send('Tracing.end');
    await complete;
    await this.#session.detach();
    return this.#durations;
  }
}
