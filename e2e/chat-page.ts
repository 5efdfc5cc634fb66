/** A person's view of the window: elements and actions by roles and names. */
import { expect } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import type { Message, Settings } from '../preload/contract.ts';

export class ChatPage {
  readonly page: Page;
  readonly search: Locator;
  /** The search's results. */
  readonly found: Locator;
  readonly composer: Locator;
  readonly sendButton: Locator;
  readonly stopButton: Locator;
  /** The line under the composer: how to send a message, or why sending is not possible. */
  readonly composerNote: Locator;
  readonly questions: Locator;
  readonly answers: Locator;
  readonly modelState: Locator;
  readonly modelButton: Locator;
  readonly modelPanel: Locator;
  /** The screen with all models. */
  readonly library: Locator;
  /** Cards of the library. */
  readonly models: Locator;
  readonly chats: Locator;
  readonly welcome: Locator;
  readonly settings: Locator;
  readonly chatSettings: Locator;
  readonly notifications: Locator;
  /** The live region for screen readers. */
  readonly announcement: Locator;

  constructor(page: Page) {
    this.page = page;
    this.search = page.getByRole('searchbox', { name: 'Search chats' });
    this.found = page.getByRole('list', { name: 'Search results' }).getByRole('listitem');
    this.composer = page.getByRole('textbox', { name: 'Message', exact: true });
    this.sendButton = page.getByRole('button', { name: 'Send' });
    this.stopButton = page.getByRole('button', { name: 'Stop' });
    this.composerNote = page.getByTestId('composer-note');
    this.questions = page.getByTestId('question');
    this.answers = page.getByTestId('answer');
    this.modelState = page.getByTestId('model-state');
    this.modelButton = page.getByRole('button', { name: /^Model: / });
    this.modelPanel = page.getByRole('dialog', { name: 'Models' });
    this.library = page.getByTestId('library');
    this.models = page.getByRole('list', { name: 'Models' }).getByRole('listitem');
    this.chats = page.getByRole('navigation', { name: 'Chats' }).getByRole('listitem');
    this.welcome = page.getByTestId('welcome');
    this.settings = page.getByRole('dialog', { name: 'Settings', exact: true });
    this.chatSettings = page.getByRole('dialog', { name: 'Chat settings' });
    this.notifications = page.getByRole('region', { name: /Notifications/ }).getByRole('listitem');
    this.announcement = page.getByTestId('announcement');
  }

  async modelReady(): Promise<void> {
    await expect(this.modelState).toHaveAttribute('data-status', 'ready');
  }

  async send(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press('Enter');
  }

  /** The last answer, after this kind of end. */
  async lastAnswer(state: Message['state']): Promise<Locator> {
    const answer = this.answers.last();
    await expect(answer).toHaveAttribute('data-state', state);
    return answer;
  }

  /** An answer's text without figures and buttons. */
  text(answer: Locator): Locator {
    return answer.getByTestId('answer-text');
  }

  /** The folded thought before an answer. */
  thought(answer: Locator): Locator {
    return answer.getByTestId('thought');
  }

  /** The switch for thinking; absent for a model whose template has none. */
  get thinking(): Locator {
    return this.page.getByRole('switch', { name: 'Thinking' });
  }

  /** The streaming answer, as soon as it contains `part`. */
  async answering(part: string | RegExp): Promise<Locator> {
    const answer = this.answers.last();
    await expect(answer).toHaveAttribute('data-state', 'streaming');
    await expect(this.text(answer)).toContainText(part);
    return answer;
  }

  /** A chat in the sidebar. */
  chat(title: string): Locator {
    return this.chats.getByRole('button', { name: title, exact: true });
  }

  async chatMenu(title: string, item: string): Promise<void> {
    await this.chat(title).hover();
    await this.page.getByRole('button', { name: `Actions for “${title}”` }).click();
    await this.page.getByRole('menuitem', { name: item }).click();
  }

  /** Edits the question with the keyboard, starting at its button. */
  async edit(question: Locator, text: string): Promise<void> {
    await question.getByRole('button', { name: 'Edit the message' }).focus();
    await this.page.keyboard.press('Enter');
    const field = question.getByRole('textbox', { name: 'Edited message' });
    await expect(field).toBeFocused();
    await field.fill(text);
    await field.press('Enter');
  }

  async openChatSettings(): Promise<void> {
    await this.page.getByRole('button', { name: 'Chat settings' }).press('Enter');
    await expect(this.chatSettings).toBeVisible();
  }

  async openLibrary(): Promise<void> {
    await this.page.keyboard.press('Control+Shift+M');
    await expect(this.library.getByRole('searchbox')).toBeFocused();
  }

  /** Runs a command through the palette. @param words The command's whole text */
  async command(words: string): Promise<void> {
    await expect(this.page.getByRole('dialog')).toHaveCount(0);
    await this.page.keyboard.press('Control+k');
    await expect(this.page.getByRole('combobox')).toBeFocused();
    await this.page.keyboard.type(words);
    await expect(this.page.getByRole('option').first()).toHaveText(words);
    await this.page.keyboard.press('Enter');
  }

  async openSettings(): Promise<void> {
    await expect(this.composer).toBeVisible();
    await this.page.keyboard.press('Control+,');
    await expect(this.settings).toBeVisible();
  }

  /** Greedy sampling, with only one outcome. */
  async answerGreedily(): Promise<void> {
    await this.set({ temperature: 0, repetitionPenalty: 1 });
  }

  /** Skips the dialog, for tests of other features. */
  async set(change: Partial<Settings>): Promise<void> {
    const stored = await this.page.evaluate(
      async (input) => (await window.wyvern.call('settings.set', input)).ok,
      change,
    );
    expect(stored).toBe(true);
  }

  /** The exact stored messages of the newest chat. */
  async stored(): Promise<readonly Pick<Message, 'role' | 'text' | 'state' | 'thought'>[]> {
    return await this.page.evaluate(async () => {
      const list = await window.wyvern.call('conversations.list', { limit: 100 });
      const [newest] = list.ok
        ? [...list.value.conversations].sort((one, other) => other.updatedAt - one.updatedAt)
        : [];
      if (!newest) return [];
      const chat = await window.wyvern.call('conversations.open', { id: newest.id });
      return chat.ok
        ? chat.value.messages.map(({ role, text, state, thought }) => ({
            role,
            text,
            state,
            ...(thought && { thought }),
          }))
        : [];
    });
  }
}
