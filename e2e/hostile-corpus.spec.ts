/** Thousands of hostile texts in every place that shows text: nothing runs or leaves, and only text is drawn. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test } from './app.ts';
import { ChatPage } from './chat-page.ts';
import { batches, blame, corpus, wholeCorpus } from './hostile/corpus.ts';
import type { Payload } from './hostile/corpus.ts';
import { pressLinks, watch } from './hostile/watch.ts';
import { reload } from './reload.ts';
import { tinyLlama } from './tiny-llama.ts';

const folder = mkdtempSync(join(tmpdir(), 'wyvern-hostile-'));
/** The scripted model's text; its tokens are bytes, so they split every multi-byte character. */
const answerFile = join(folder, 'answer.md');
test.use({ launch: { addon: `fake:contextLength=10000000&answerFile=${encodeURIComponent(answerFile)}` } });
test.beforeAll(() => writeFileSync(answerFile, 'Fine.'));
test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

const payloads = corpus();

/** Each text is below a heading with its number. A text that swallows the next heading would hide the next text. */
function asOneText(texts: readonly Payload[]): string {
  return texts.map(({ text }, index) => `# Number ${index}\n\n${text}\n`).join('\n');
}

/** The page contains only visible messages. */
async function showFirst(page: Page): Promise<void> {
  await page.getByRole('region', { name: 'Messages' }).evaluate((element) => element.scrollTo(0, 0));
}

test('in questions and answers, while streaming and after a reload', async ({ app, page }) => {
  // A longer limit, because there are many texts.
  test.setTimeout(1_800_000);
  const chat = new ChatPage(page);
  await chat.modelReady();
  const watched = await watch(app);
  let links = 0;
  const asked = async (some: readonly Payload[]): Promise<readonly string[]> => {
    const text = asOneText(some);
    writeFileSync(answerFile, text);
    await page.keyboard.press('Control+n');
    await chat.send(text.toWellFormed());
    const answer = chat.text(await chat.lastAnswer('complete'));
    const shown = await answer.getByRole('heading', { level: 1 }).allTextContents();
    const hidden = some.filter((_, index) => !shown.includes(`Number ${index}`));
    const pressed = await pressLinks(answer);
    links += pressed.links;
    await showFirst(page);
    await expect(chat.questions).toHaveCount(1);
    return [
      ...(await watched.findings()),
      ...hidden.map(({ name }) => `${name} was not shown for itself`),
      ...pressed.wrong.map((url) => `a link to ${url}`),
    ];
  };
  for (const some of batches(payloads, 100)) expect(await blame(some, asked)).toEqual([]);
  expect(links).toBeGreaterThan(200);
  expect(payloads.length).toBeGreaterThan(1600);
  test.info().annotations.push({ type: 'tried', description: `${payloads.length} texts, ${links} links pressed` });
});

test.describe('a byte at a time', () => {
  // Slower than the window's frames: each byte arrives alone, so that the window draws the text cut after every byte.
  const rate = 50;
  const most = wholeCorpus ? 20_000 : 2000;
  const longest = wholeCorpus ? Infinity : 100;
  test.use({
    launch: { addon: `fake:rate=${rate}&contextLength=10000000&answerFile=${encodeURIComponent(answerFile)}` },
  });

  test('in an answer', async ({ app, page }) => {
    let bytes = 0;
    // A selection from the whole corpus, with each attack in another context.
    const some = Array.from(payloads, (_, index) => payloads[(index * 577) % payloads.length] as Payload).filter(
      ({ text }) => text.length <= longest && (bytes += Buffer.byteLength(text) + 16) < most,
    );
    test.setTimeout(600_000 + (2000 * most) / rate);
    const chat = new ChatPage(page);
    await chat.modelReady();
    const watched = await watch(app);
    const parts = page.evaluate(countParts);
    const text = asOneText(some);
    writeFileSync(answerFile, text);
    await chat.send('Go on.');
    const count = await parts;
    await chat.lastAnswer('complete');
    expect(await watched.findings()).toEqual([]);
    // A busy machine joins a few bytes; most must arrive alone.
    expect(count).toBeGreaterThan(Buffer.byteLength(text) / 2);
    expect(some.length).toBeGreaterThan(20);
    test.info().annotations.push({ type: 'tried', description: `${some.length} texts in ${count} parts` });
  });
});

/** Runs in the page. @returns The number of parts of an answer. */
async function countParts(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  let parts = 0;
  window.wyvern.on('chat.tokens', () => (parts += 1));
  window.wyvern.on('chat.finished', () => resolve(parts));
  return await promise;
}

test('in titles, search results, the palette, and notifications', async ({ app, page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  // As many texts per title as fit; only some texts, because a list of thousands is slow.
  const titles = payloads
    .filter((_, index) => index % 3 === 0)
    .map(({ text }) => text.trim().slice(0, 200))
    .reduce<string[]>((all, text) => {
      const last = all.at(-1);
      if (last !== undefined && last.length + text.length < 200) all[all.length - 1] = `${last} ${text}`;
      else if (text !== '') all.push(text);
      return all;
    }, []);
  const failed = await page.evaluate(async (all) => {
    const results = all.map(async (title, index) => {
      const id = `hostile-${index}`;
      await window.wyvern.call('conversations.create', { id });
      const renamed = await window.wyvern.call('conversations.rename', { id, title });
      return renamed.ok ? [] : [`${renamed.error.message} ${title}`];
    });
    return (await Promise.all(results)).flat();
  }, titles);
  expect(failed).toEqual([]);
  await reload(app);
  await chat.modelReady();
  const watched = await watch(app);

  const list = page.getByTestId('conversations');
  // Rows are in the page only while visible, so scroll past all of them to the first.
  await expect(async () => {
    await list.evaluate(async (element) => {
      for (; element.scrollTop < element.scrollHeight - element.clientHeight - 1;) {
        element.scrollBy(0, element.clientHeight / 2);
        await new Promise(requestAnimationFrame);
      }
    });
    expect(await chat.chats.last().textContent()).toContain("canary('script-plainly')");
  }).toPass({ intervals: [50] });
  expect(await watched.findings()).toEqual([]);

  for (const words of ['canary', 'script', 'example', 'onerror', 'href', 'javascript', 'press', 'style']) {
    await chat.search.fill(words);
    await expect(chat.found.first().locator('mark').first()).toBeVisible();
    expect(await chat.found.count()).toBeGreaterThan(3);
  }
  await chat.search.fill('');
  expect(await watched.findings()).toEqual([]);

  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Search chats and commands' });
  for (const words of ['canary', 'example', 'onerror']) {
    await palette.getByRole('combobox').fill(words);
    await expect(palette.getByRole('group', { name: 'Chats', exact: true }).getByRole('option').first()).toBeVisible();
  }
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  expect(await watched.findings()).toEqual([]);

  for (let index = 0; index < 8; index += 1) {
    await chat.chats.first().getByRole('button').first().focus();
    await page.keyboard.press('Delete');
    await expect(chat.notifications.filter({ hasText: 'Deleted “' })).not.toHaveCount(0);
  }
  expect(await watched.findings()).toEqual([]);
});

test('in attached files and in branches', async ({ app, page }) => {
  writeFileSync(answerFile, 'Fine.');
  const chat = new ChatPage(page);
  await chat.modelReady();
  const watched = await watch(app);
  const files = batches(payloads, Math.ceil(payloads.length / 20)).map((some, index) => ({
    name: payloads[index * 97]?.text.slice(0, 300) ?? 'name',
    text: asOneText(some),
  }));
  const sent = await page.evaluate(async (attachments) => {
    await window.wyvern.call('conversations.create', { id: 'files' });
    const ids = { conversationId: 'files', userMessageId: 'files-1', answerId: 'files-2' };
    return await window.wyvern.call('chat.send', { ...ids, text: 'Read these.', attachments });
  }, files);
  expect(sent).toMatchObject({ ok: true });
  await chat.chat('Read these.').click();
  await chat.lastAnswer('complete');
  const attached = page.getByTestId('attachment').locator('summary');
  await expect(attached).toHaveCount(20);
  for (const file of await attached.all()) await file.press('Enter');
  await expect(page.getByTestId('attachment').locator('details[open]')).toHaveCount(20);
  expect(await watched.findings()).toEqual([]);

  for (const some of batches(payloads.slice(200, 320), 40)) {
    writeFileSync(answerFile, asOneText(some));
    await showFirst(page);
    await chat.edit(chat.questions.first(), asOneText(some).toWellFormed());
    await chat.lastAnswer('complete');
  }
  await showFirst(page);
  const versions = chat.questions.first().getByTestId('versions');
  await expect(versions).toHaveText('4/4');
  await versions.getByRole('button', { name: 'Previous version' }).press('Enter');
  await showFirst(page);
  await expect(versions).toHaveText('3/4');
  expect(await watched.findings()).toEqual([]);
});

test('in the names of models', async ({ app, page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  const names = batches(payloads, 40)
    .slice(0, 8)
    .map((some) =>
      some
        .map(({ text }) => text)
        .join(' ')
        .slice(0, 4096),
    );
  const bundles = names.map((name, index) => {
    const bundle = join(folder, `bundle-${index}`);
    mkdirSync(bundle);
    for (const file of ['model.pte', 'tokenizer.model']) cpSync(join(tinyLlama, file), join(bundle, file));
    writeFileSync(join(bundle, 'wyvern.json'), JSON.stringify({ name, license: name, source: name, completion: true }));
    return bundle;
  });
  const watched = await watch(app);
  for (const path of bundles) {
    const opened = await page.evaluate(async (one) => await window.wyvern.call('models.open', { paths: [one] }), path);
    expect(opened).toMatchObject({ ok: true });
  }
  await chat.openLibrary();
  await expect(chat.models).toHaveCount(names.length + 1);
  for (const details of await chat.models.getByRole('button', { name: /details/i }).all()) {
    await details.press('Enter');
    await expect(page.getByRole('dialog')).toHaveCount(1);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  }
  expect(await watched.findings()).toEqual([]);
});
