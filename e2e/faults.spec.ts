/** A fault costs seconds, never a chat. */
import { expect, test } from './app.ts';
import { ChatPage } from './chat-page.ts';
import { reload } from './reload.ts';
import { firstAnswers } from './tiny-llama.ts';

const phrase = 'Hello from the scripted model. ';
/** Long enough that a busy machine shows the window again before it ends. */
const whole = phrase.repeat(20).trim();

test('a restart keeps the chats', async ({ app, page }) => {
  const before = new ChatPage(page);
  await before.modelReady();
  await before.answerGreedily();
  const [first] = firstAnswers();
  await before.send(first!.question);
  await before.lastAnswer('complete');
  await app.restart();

  const chat = new ChatPage(app.page);
  await chat.modelReady();
  await chat.chat(first!.question).click();
  await expect(chat.questions).toHaveText([first!.question]);
  await expect(chat.text(await chat.lastAnswer('complete'))).toHaveText(first!.answer);
});

test.describe('mid-answer', () => {
  test.use({ launch: { addon: 'fake:rate=60&repeat=20' } });

  test('the engine is killed: the partial answer is kept, and the answer can be repeated', async ({ app, page }) => {
    const chat = new ChatPage(page);
    await chat.modelReady();
    await chat.send('Go on');
    await chat.answering('scripted');
    await app.killEngine();
    const answer = await chat.lastAnswer('interrupted');
    await expect(chat.text(answer)).toContainText('Hello from the scripted');
    await expect(answer.getByTestId('notice')).toContainText('This answer was cut short.');
    await chat.modelReady();
    await answer.getByRole('button', { name: 'Try again' }).click();
    await expect(chat.text(await chat.lastAnswer('complete'))).toHaveText(whole);
    await expect(chat.answers).toHaveCount(1);
  });

  test('the window is reloaded: the same answer continues without a lost or repeated letter', async ({ app, page }) => {
    const chat = new ChatPage(page);
    await chat.modelReady();
    await chat.send('Go on');
    await chat.answering('scripted');
    await reload(app);
    await chat.answering('scripted');
    await expect(chat.stopButton).toBeVisible();
    await expect(chat.text(await chat.lastAnswer('complete'))).toHaveText(whole);
    await expect(chat.questions).toHaveText(['Go on']);
  });

  test('the app is killed: the question and the saved part of the answer are there', async ({ app, page }) => {
    const before = new ChatPage(page);
    await before.modelReady();
    await before.send('Go on');
    await before.answering(phrase + phrase);
    await app.kill();
    await app.start();

    const chat = new ChatPage(app.page);
    await chat.chat('Go on').click();
    await expect(chat.questions).toHaveText(['Go on']);
    const answer = await chat.lastAnswer('interrupted');
    await expect(answer.getByTestId('notice')).toContainText('This answer was cut short.');
    await expect(answer.getByRole('button', { name: 'Try again' })).toBeVisible();
  });
});

test.describe('a model that fails while running', () => {
  test.use({ launch: { addon: 'fake:failAt=12' } });

  test('shows an answer with its reason, and the chat continues', async ({ page }) => {
    const chat = new ChatPage(page);
    await chat.modelReady();
    await chat.send('Go on');
    const answer = await chat.lastAnswer('failed');
    await expect(chat.text(answer)).toContainText('Hello from');
    await expect(answer.getByTestId('notice')).toContainText('The model failed while running');
    await chat.composer.fill('Next');
    await expect(chat.sendButton).toHaveAttribute('aria-disabled', 'false');
  });
});

test.describe('a message longer than the context', () => {
  test.use({ launch: { addon: 'fake:contextLength=64' } });

  test('shows that it is too long', async ({ page }) => {
    const chat = new ChatPage(page);
    await chat.modelReady();
    await chat.send('x'.repeat(200));
    const answer = await chat.lastAnswer('failed');
    await expect(answer.getByTestId('notice')).toContainText('The conversation is too long for this model');
  });
});
