/** What a person sees and does in the window, by roles and names. */
import { expect } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';

export class ChatPage {
  readonly page: Page;
  readonly composer: Locator;
  readonly sendButton: Locator;
  readonly stopButton: Locator;
  readonly questions: Locator;
  readonly answers: Locator;
  readonly modelState: Locator;
  readonly chats: Locator;

  constructor(page: Page) {
    this.page = page;
    this.composer = page.getByRole('textbox', { name: 'Message', exact: true });
    this.sendButton = page.getByRole('button', { name: 'Send' });
    this.stopButton = page.getByRole('button', { name: 'Stop' });
    this.questions = page.getByTestId('question');
    this.answers = page.getByTestId('answer');
    this.modelState = page.getByTestId('model-state');
    this.chats = page.getByRole('navigation', { name: 'Chats' }).getByRole('listitem');
  }

  async modelReady(): Promise<void> {
    await expect(this.modelState).toHaveAttribute('data-status', 'ready');
  }

  async send(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press('Enter');
  }

  /** The last answer, once it has come to an end of this kind. */
  async lastAnswer(state: 'complete' | 'stopped' | 'failed' | 'interrupted'): Promise<Locator> {
    const answer = this.answers.last();
    await expect(answer).toHaveAttribute('data-state', state);
    return answer;
  }

  /** The text of an answer without its figures and buttons. */
  text(answer: Locator): Locator {
    return answer.getByTestId('answer-text');
  }
}
