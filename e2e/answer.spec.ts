/** Questions and answers. */
import { expect, test } from './app.ts';
import { ChatPage } from './chat-page.ts';
import { reload } from './reload.ts';
import { firstAnswers } from './tiny-llama.ts';

test('streams the exact text of the trained model', async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.answerGreedily();
  for (const { question, answer } of firstAnswers()) {
    await page.keyboard.press('Control+n');
    await expect(chat.welcome).toBeVisible();
    await chat.send(question);
    await chat.lastAnswer('complete');
    await expect(chat.questions).toHaveText([question]);
    expect(await chat.stored()).toEqual([
      { role: 'user', text: question, state: 'complete' },
      { role: 'assistant', text: answer, state: 'complete' },
    ]);
  }
});

test('renders Markdown', async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.answerGreedily();
  await chat.send('Show me some code.');
  const code = await chat.lastAnswer('complete');
  await expect(chat.text(code).locator('p')).toHaveText([
    'Here is a loop that counts wings:',
    'Every wyvern adds two.',
  ]);
  await expect(code.locator('pre')).toHaveText('wings = 0 for wyvern in flock: wings += 2 print(wings)');
  await expect(code.locator('strong')).toHaveText('two');

  await page.keyboard.press('Control+n');
  await chat.send('Make a table.');
  const table = (await chat.lastAnswer('complete')).getByRole('table');
  await expect(table.getByRole('columnheader')).toHaveText(['Animal', 'Legs']);
  await expect(table.getByRole('cell')).toHaveText(['dragon', '4', 'wyvern', '2', 'serpent', '0']);

  await page.keyboard.press('Control+n');
  const hostile = 'Is it <b>bold</b> & "safe"?';
  await chat.send(hostile);
  await expect(chat.questions).toHaveText([hostile]);
  await expect(chat.text(await chat.lastAnswer('complete'))).toHaveText(
    'Only text is safe: <b>tags</b> & "quotes" stay as they are.',
  );
});

test('remembers earlier messages', async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.answerGreedily();
  const turns = [
    ['My name is Ada.', 'Nice to meet you, Ada.'],
    ['My name is Bruno.', 'Nice to meet you, Bruno.'],
    ['What is my name?', 'Your name is Bruno.'],
  ] as const;
  for (const [index, [question, answer]] of turns.entries()) {
    await chat.send(question);
    await expect(chat.answers).toHaveCount(index + 1);
    await expect(chat.text(await chat.lastAnswer('complete'))).toHaveText(answer);
  }
});

test('explains an answer that ends at the end of the context', async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.answerGreedily();
  await chat.send('Sing without end.');
  const answer = await chat.lastAnswer('complete');
  await expect(chat.text(answer)).toContainText('La, la, la, la');
  await expect(answer.getByTestId('notice')).toContainText('The context is full');
});

test('shows figures for each answer', async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.send('Who are you?');
  const answer = await chat.lastAnswer('complete');
  const figures = answer.getByRole('list', { name: 'Answer statistics' });
  await expect(figures).toContainText(/\d tokens?/);
  await expect(figures).toContainText(/[\d.,]+ tokens\/s/);
  await expect(figures).toContainText(/first token [\d.]+ (µs|ms|s)/);
  await expect(page.getByText(/\d+ of \d+ context tokens, \d+ left/)).toBeVisible();
});

test('keeps the old answer when it answers again', async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.answerGreedily();
  const [first] = firstAnswers();
  await chat.send(first!.question);
  const answer = await chat.lastAnswer('complete');
  await answer.getByRole('button', { name: 'Answer again' }).click();
  await expect(chat.announcement).toHaveText('The answer is finished.');
  await expect(chat.answers).toHaveCount(1);
  await expect(chat.text(await chat.lastAnswer('complete'))).toHaveText(first!.answer);
});

test.describe('an answer that refers to its end', () => {
  const answer =
    'Tides follow the Moon[^1], as [tables][t] say.\n\n[^1]: And a little the Sun.\n\n[t]: https://example.org/tides';
  test.use({ launch: { addon: `fake:repeat=1&answer=${encodeURIComponent(answer)}` } });

  test('shows footnotes and links in the language of the window', async ({ app, page }) => {
    const chat = new ChatPage(page);
    await chat.modelReady();
    await chat.send('What moves them?');
    const text = chat.text(await chat.lastAnswer('complete'));
    await expect(text.getByRole('link')).toHaveText('tables');
    const notes = text.getByRole('heading', { name: 'Footnotes' });
    await expect(notes).toHaveCount(1);
    await expect(text.locator('section')).toContainText('And a little the Sun.');
    await expect(text.locator('sup')).toHaveText('1');
    await expect(text).not.toContainText('↩');
    await page.evaluate(async () => await window.wyvern.call('settings.set', { language: 'de' }));
    await reload(app);
    await chat.chat('What moves them?').click();
    await expect(page.getByRole('heading', { name: 'Fußnoten' })).toHaveCount(1);
  });
});

test.describe('a long answer', () => {
  test.use({ launch: { addon: 'fake:rate=60&repeat=0' } });

  test('Escape stops it and keeps the partial answer', async ({ page }) => {
    const chat = new ChatPage(page);
    await chat.modelReady();
    await chat.send('Go on');
    await chat.answering('scripted');
    await page.keyboard.press('Escape');
    const answer = await chat.lastAnswer('stopped');
    await expect(chat.text(answer)).toContainText('Hello from the scripted');
    await expect(answer.getByTestId('notice')).toContainText('You stopped this answer.');
    await expect(chat.announcement).toHaveText('The answer was stopped.');
    await expect(chat.stopButton).toHaveCount(0);
    await chat.modelReady();
  });

  test('its button stops it, and another answer can follow', async ({ page }) => {
    const chat = new ChatPage(page);
    await chat.modelReady();
    await chat.send('Go on');
    await chat.answering('Hello');
    await chat.stopButton.click();
    await chat.lastAnswer('stopped');
    await chat.send('And again');
    await chat.answering('Hello');
    await page.keyboard.press('Escape');
    await chat.lastAnswer('stopped');
    await expect(chat.answers).toHaveCount(2);
  });

  test('blocks sending in other chats, and names its chat', async ({ page }) => {
    const chat = new ChatPage(page);
    await chat.modelReady();
    await chat.send('Go on');
    await chat.answering('Hello');
    await page.keyboard.press('Control+n');
    await expect(chat.composerNote).toContainText('being written in another chat');
    await chat.send('Not yet');
    await expect(chat.composer).toHaveValue('Not yet');
    await page.getByRole('button', { name: 'Go there' }).click();
    await chat.answering('Hello');
    await page.keyboard.press('Escape');
    await chat.lastAnswer('stopped');
  });

  test('stays at its end until the person scrolls away', async ({ page }) => {
    const chat = new ChatPage(page);
    await page.setViewportSize({ width: 700, height: 400 });
    await chat.modelReady();
    await chat.send('Go on\n'.repeat(30));
    await chat.answering('scripted');
    const messages = page.getByRole('region', { name: 'Messages' });
    const fromEnd = async (): Promise<number> =>
      await messages.evaluate(({ scrollHeight, clientHeight, scrollTop }) => scrollHeight - clientHeight - scrollTop);
    expect(await fromEnd()).toBeLessThan(2);
    await messages.hover();
    await page.mouse.wheel(0, -300);
    await page.getByRole('button', { name: 'Jump to latest' }).click();
    await expect.poll(fromEnd).toBeLessThan(2);
    await expect(page.getByRole('button', { name: 'Jump to latest' })).toHaveCount(0);
    await page.keyboard.press('Escape');
    await chat.lastAnswer('stopped');
  });
});

test.describe('a long prefill', () => {
  test.use({ launch: { addon: 'fake:prefillRate=80&prefillLength=8' } });

  test('is shown, and stops at once', async ({ page }) => {
    const chat = new ChatPage(page);
    await chat.modelReady();
    await chat.send('x'.repeat(900));
    await expect(page.getByTestId('reading')).toHaveText('Reading the prompt');
    await page.keyboard.press('Escape');
    await chat.lastAnswer('stopped');
  });
});

test.describe('a model that is faster than the screen', () => {
  const line = 'The **quick** fox: `code` and [a link](https://example.com/). ';
  test.use({ launch: { addon: `fake:rate=5000&repeat=60&contextLength=20000&answer=${encodeURIComponent(line)}` } });

  test('loses no letter', async ({ page }) => {
    const chat = new ChatPage(page);
    await chat.modelReady();
    await chat.send('Go');
    await chat.answering('quick');
    const answer = await chat.lastAnswer('complete');
    await expect(chat.text(answer)).toHaveText('The quick fox: code and a link. '.repeat(60).trim());
  });
});
