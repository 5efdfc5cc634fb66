/** A person at the window, who does what the window offers at that moment. */
import type { Dice } from '../../native/test/random.ts';
import type { Conversation, Message } from '../../preload/contract.ts';
import type { PageState } from '../../renderer/testing/page-state.ts';

/** What the window has to finish; undefined if it offered nothing. */
type Work = Promise<void> | undefined;

export interface Deed {
  readonly name: string;
  readonly do: (page: PageState) => Work;
}

export class Person {
  readonly #random: Dice;
  #marks = 0;

  constructor(random: Dice) {
    this.#random = random;
  }

  /** All deeds, each as often as a person does it. */
  get deeds(): readonly Deed[] {
    const ask: Deed = { name: 'ask', do: (page) => this.#ask(page) };
    return [
      ...Array<Deed>(6).fill(ask),
      { name: 'type', do: (page) => this.#type(page) },
      { name: 'send twice', do: (page) => this.#sendTwice(page) },
      { name: 'stop', do: stop },
      { name: 'regenerate', do: (page) => this.#regenerate(page) },
      { name: 'continue', do: (page) => this.#continue(page) },
      { name: 'edit', do: (page) => this.#edit(page) },
      { name: 'other version', do: (page) => this.#showVersion(page) },
      { name: 'delete', do: (page) => this.#delete(page) },
      { name: 'undo', do: (page) => noWork(page.undo) },
      { name: 'new chat', do: (page) => noWork(() => page.openChat(undefined)) },
      { name: 'other chat', do: (page) => this.#openChat(page) },
      { name: 'another chat', do: (page) => this.#openChat(page) },
      { name: 'earlier', do: (page) => this.#withChat(page, (id) => page.openEarlier(id)) },
      { name: 'rename', do: (page) => this.#withListed(page, ({ id }) => page.rename(id, `Chat ${this.#newMark()}`)) },
      { name: 'pin', do: (page) => this.#withListed(page, ({ id, pinned }) => page.pin(id, !pinned)) },
      { name: 'copy chat', do: (page) => this.#withListed(page, page.duplicate) },
      { name: 'delete chat', do: (page) => this.#withListed(page, page.deleteChat) },
      { name: 'load', do: (page) => this.#load(page) },
      { name: 'unload', do: (page) => page.unloadModel() },
    ];
  }

  #newMark(): string {
    this.#marks += 1;
    return `«${this.#marks}»`;
  }

  #question(): string {
    return `${this.#newMark()} ${'x'.repeat(this.#random.below(3) * this.#random.below(4000))}`;
  }

  #type(page: PageState): undefined {
    page.write(this.#question());
  }

  #ask(page: PageState): Work {
    if (!canSend(page)) return undefined;
    page.write(this.#question());
    return page.send();
  }

  /** Presses Enter, types on and presses it again, before the window knows the reply. */
  #sendTwice(page: PageState): Work {
    if (!canSend(page)) return undefined;
    page.write(this.#question());
    const first = page.send();
    page.write(this.#question());
    if (!canSend(page)) return first;
    return Promise.all([first, page.send()]).then(() => undefined);
  }

  #regenerate(page: PageState): Work {
    return this.#withMessage(page, 'assistant', (id, message) => page.regenerate(id, message.id));
  }

  #continue(page: PageState): Work {
    const { activeId = '', threads, running } = page.shown();
    const last = threads[activeId]?.messages.at(-1);
    if (running !== undefined || last?.role !== 'assistant' || last.text === '') return undefined;
    return page.goOn(activeId, last);
  }

  #edit(page: PageState): Work {
    return this.#withMessage(page, 'user', (id, message) => page.edit(id, message, this.#question()));
  }

  #showVersion(page: PageState): Work {
    const { activeId = '', threads } = page.shown();
    const known = threads[activeId]?.messages.flatMap(({ versions }) => versions ?? []) ?? [];
    return known.length === 0 ? undefined : page.showVersion(activeId, this.#random.pick(known));
  }

  #delete(page: PageState): Work {
    const { activeId = '', threads } = page.shown();
    const questions = threads[activeId]?.messages.filter(({ role }) => role === 'user') ?? [];
    return questions.length === 0 ? undefined : page.deleteMessage(activeId, this.#random.pick(questions).id);
  }

  #openChat(page: PageState): undefined {
    const { list = [] } = page.shown();
    if (list.length > 0) page.openChat(this.#random.pick(list).id);
  }

  #load(page: PageState): Work {
    const { model } = page.shown();
    return 'modelId' in model ? page.loadModel(model.modelId) : undefined;
  }

  #withChat(page: PageState, work: (id: string) => Promise<void>): Work {
    const { activeId } = page.shown();
    return activeId === undefined ? undefined : work(activeId);
  }

  #withListed(page: PageState, work: (conversation: Conversation) => Promise<void>): Work {
    const { list = [] } = page.shown();
    return list.length === 0 ? undefined : work(this.#random.pick(list));
  }

  /** The window offers these only while no answer is in progress. */
  #withMessage(
    page: PageState,
    role: Message['role'],
    work: (conversationId: string, message: Message) => Promise<void>,
  ): Work {
    const { activeId = '', threads, running } = page.shown();
    const known = threads[activeId]?.messages.filter((message) => message.role === role) ?? [];
    if (running !== undefined || known.length === 0) return undefined;
    return work(activeId, this.#random.pick(known));
  }
}

/** As the composer decides. */
function canSend(page: PageState): boolean {
  const { running, model } = page.shown();
  return running === undefined && model.status !== 'failed' && !(model.status === 'none' && !model.idle);
}

function stop(page: PageState): Work {
  const { running, activeId } = page.shown();
  return running !== undefined && running.conversationId === activeId ? page.stop() : undefined;
}

/** For what the window does at once. */
function noWork(act: () => void): undefined {
  act();
}
