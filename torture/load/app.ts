/** The built app over Chromium with two small models, and what a person does in it over hours. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ChatPage } from '../../e2e/chat-page.ts';
import { type Shell, startShell } from '../../e2e/shell.ts';
import { lmStudioChat } from '../../main/testing/foreign-chats.ts';
import { fixture } from '../windowless-app.ts';
import { type Holding, holdings } from './processes.ts';

export class LoadedApp {
  readonly #folder: string;
  readonly #shell: Shell;
  readonly #chat: ChatPage;
  #models: readonly string[] = [];
  #imports = 0;

  private constructor(folder: string, shell: Shell) {
    this.#folder = folder;
    this.#shell = shell;
    this.#chat = new ChatPage(shell.page);
  }

  static async start(): Promise<LoadedApp> {
    const folder = mkdtempSync(join(tmpdir(), 'wyvern-load-'));
    const environment = { WYVERN_USER_DATA: folder, WYVERN_MODEL: fixture('tiny-llama') };
    const shell = await startShell(environment, () => undefined);
    // A busy machine may take longer for one step than any timeout.
    shell.page.setDefaultTimeout(0);
    const app = new LoadedApp(folder, shell);
    await app.#addModels();
    return app;
  }

  async newChat(): Promise<void> {
    await this.#shell.page.keyboard.press('Control+n');
    await this.#chat.welcome.waitFor();
  }

  /** @returns when the answer has ended; waits as long as a busy machine needs */
  async turn(question: string): Promise<void> {
    const { page } = this.#shell;
    const before = await this.#chat.answers.count();
    await this.#chat.send(question);
    const ended = await page.waitForFunction((known) => {
      const answers = [...document.querySelectorAll('[data-testid="answer"]')];
      return answers.length > known && answers.at(-1)?.getAttribute('data-state') !== 'streaming';
    }, before);
    // Playwright keeps a handle in the measured process until someone disposes it.
    await ended.dispose();
  }

  async switchModel(): Promise<void> {
    const [next = '', ...others] = this.#models;
    this.#models = [...others, next];
    await this.#shell.page.evaluate(async (id) => await window.wyvern.call('models.load', { id }), next);
    await this.#ready(next);
  }

  /** Imports a chat that is not known yet. */
  async importChat(): Promise<void> {
    this.#imports += 1;
    const path = join(this.#folder, `${this.#imports}.conversation.json`);
    writeFileSync(path, JSON.stringify({ ...lmStudioChat, name: `Imported ${this.#imports}` }));
    const result = await this.#shell.page.evaluate(
      async (paths) => await window.wyvern.call('chats.import', { paths }),
      [path],
    );
    if (!result.ok) throw new Error(`The import failed: ${result.error.message}`);
  }

  /** The system's notices of sleep and of waking up. */
  async sleep(): Promise<void> {
    await this.#shell.evaluate(({ powerMonitor }) => void powerMonitor.emit('suspend'), undefined);
    await this.#shell.evaluate(({ powerMonitor }) => void powerMonitor.emit('resume'), undefined);
  }

  /** Frees what the page and the main process no longer use, then reads the facts of every process. */
  async holdings(): Promise<ReadonlyMap<string, Holding>> {
    const devtools = await this.#shell.page.context().newCDPSession(this.#shell.page);
    await devtools.send('HeapProfiler.collectGarbage');
    await devtools.detach();
    await this.#shell.evaluate(() => {
      process.getBuiltinModule('v8').setFlagsFromString('--expose-gc');
      process.getBuiltinModule('vm').runInNewContext('gc()');
    }, undefined);
    return holdings(this.#shell.process.pid ?? 0);
  }

  /** Bytes of the store, with what is still in its log. */
  storeBytes(): number {
    const store = new DatabaseSync(join(this.#folder, 'wyvern.sqlite'), { readOnly: true });
    try {
      const { bytes } =
        store.prepare('SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size').get() ?? {};
      return Number(bytes);
    } finally {
      store.close();
    }
  }

  async quit(): Promise<void> {
    await this.#shell.quit();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #addModels(): Promise<void> {
    const { page } = this.#shell;
    await page.evaluate(async (input) => await window.wyvern.call('settings.set', input), {
      automaticTitles: false,
      temperature: 0,
      maxTokens: 24,
    });
    await this.#chat.modelState.and(page.locator('[data-status="ready"]')).waitFor();
    const opened = await page.evaluate(
      async (paths) => await window.wyvern.call('models.open', { paths }),
      [fixture('tiny-thinker')],
    );
    if (!opened.ok) throw new Error(`A model was not added: ${opened.error.message}`);
    await this.#ready(opened.value?.modelId ?? '');
    const listed = await page.evaluate(async () => await window.wyvern.call('models.list', {}));
    if (!listed.ok) throw new Error(`The models were not listed: ${listed.error.message}`);
    this.#models = listed.value.models.map(({ id }) => id);
    await this.switchModel();
  }

  async #ready(modelId: string): Promise<void> {
    const isReady = async (id: string): Promise<boolean> => {
      const result = await window.wyvern.call('models.list', {});
      return result.ok && result.value.state.status === 'ready' && result.value.state.modelId === id;
    };
    const ready = await this.#shell.page.waitForFunction(isReady, modelId);
    await ready.dispose();
  }
}
