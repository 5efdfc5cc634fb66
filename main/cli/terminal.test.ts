import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { Prompt, type Work } from './terminal.ts';

const ctrlC = '\x03';
const ctrlD = '\x04';
const up = '\x1b[A';

function open(): {
  readonly prompt: Prompt;
  readonly type: (keys: string) => Promise<void>;
  readonly shown: () => string;
  readonly abandoned: () => number;
} {
  const input = new PassThrough();
  const output = new PassThrough();
  let shown = '';
  output.setEncoding('utf8').on('data', (text: string) => (shown += text));
  let abandoned = 0;
  const prompt = new Prompt({ input, output }, () => abandoned++);
  return {
    prompt,
    async type(keys) {
      const taken = once(input, 'data');
      input.write(keys);
      await taken;
      // readline handles the keys in listeners of the same event; output follows in the next turn.
      await new Promise(setImmediate);
    },
    shown: () => stripVTControlCharacters(shown),
    abandoned: () => abandoned,
  };
}

/** Work that ends when it is stopped. */
function endless(): Work & { readonly stops: () => number; readonly finish: () => void } {
  let finish = (): void => undefined;
  const running = new Promise<void>((resolve) => (finish = resolve));
  let stops = 0;
  return { run: () => running, stop: () => stops++, stops: () => stops, finish: () => finish() };
}

test('returns each line, and the arrow keys bring back earlier ones', async () => {
  const { prompt, type, shown } = open();
  for (const keys of ['first\r', 'second\r', `${up}${up}!\r`]) {
    const line = prompt.next();
    await type(keys);
    expect(await line).toBe(keys.startsWith(up) ? 'first!' : keys.trim());
  }
  expect(shown()).toContain('› first');
});

test('Ctrl+C clears a line that has text, and ends at an empty prompt', async () => {
  const { prompt, type } = open();
  const line = prompt.next();
  await type(`half a question${ctrlC}`);
  await type('another\r');
  expect(await line).toBe('another');
  const end = prompt.next();
  await type(ctrlC);
  expect(await end).toBeUndefined();
  expect(await prompt.next()).toBeUndefined();
});

test('Ctrl+D at an empty prompt ends', async () => {
  const { prompt, type } = open();
  const end = prompt.next();
  await type(ctrlD);
  expect(await end).toBeUndefined();
});

test('the first Ctrl+C stops the answer and drops lines typed ahead; a second one abandons it', async () => {
  const { prompt, type, abandoned } = open();
  const work = endless();
  const answer = prompt.during(work);
  await type('typed ahead\r');
  await type(ctrlC);
  expect([work.stops(), abandoned()]).toEqual([1, 0]);
  await type(ctrlC);
  expect([work.stops(), abandoned()]).toEqual([1, 1]);
  work.finish();
  await answer;
  const line = prompt.next();
  await type('next\r');
  expect(await line).toBe('next');
});

test('keys typed during an answer do not appear in it; the lines become the next prompts', async () => {
  const { prompt, type, shown } = open();
  const work = endless();
  const answer = prompt.during(work);
  await type('ahead\rand a ha');
  expect(shown()).not.toContain('ahead');
  work.finish();
  await answer;
  expect(await prompt.next()).toBe('ahead');
  const line = prompt.next();
  await type('lf\r');
  expect(await line).toBe('and a half');
  expect(shown()).toMatch(/› ahead[^]*› and a ha/);
});
