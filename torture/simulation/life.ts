/** One life of the app in virtual time, on a virtual disk: a person, an engine that fails, crashes and power cuts. */
import { mkdirSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { toAppError } from '../../main/app-error.ts';
import { createServices, fallAsleep, shutDown, wakeUp, type Services } from '../../main/services.ts';
import type { Dice } from '../../native/test/random.ts';
import { diskAfterCrash, diskAfterPowerCut, readChanges, type Disk, type Wear } from './disk.ts';
import { SimulatedEngine, type Fate } from './engine.ts';
import { quiet, realTimeUntil, VirtualTime } from './virtual-time.ts';
import { Broken, SimulatedWindow } from './window.ts';

/** The virtual disk: see `native/test/disk-log`. */
export interface Places {
  readonly root: string;
  readonly log: string;
  /** The folder of a model, on a disk that does not fail. */
  readonly model: string;
}

const actions = 60;
/** After this time without a fault, nothing waits any more: longer than every watch. */
const settleMs = 10 * 60_000;
/** The engine is replaced when it has not stopped after 30 looks, one a second. */
const stopMs = 45_000;

/** One run of the app's process. */
interface Run {
  readonly engines: SimulatedEngine[];
  /** What it still does reaches nobody. */
  isOver: boolean;
}

interface Session {
  readonly run: Run;
  readonly services: Services;
}

export class Life {
  readonly #places: Places;
  readonly #random: Dice;
  readonly #time = new VirtualTime();
  readonly #window = new SimulatedWindow();
  #disk: Disk = new Map();
  #session: Session | undefined;
  #starts = 0;
  #ids = 0;
  #isWorn = false;
  /** The answer that must have ended by then. */
  #stopping: { readonly id: string; readonly due: number } | undefined;
  /** What the app has begun and not ended, by name. */
  readonly #waits = new Set<{ readonly name: string }>();
  /** The first failure that was no refusal with a code. */
  #failure: Error | undefined;
  /** For a failed case. */
  readonly #story: string[] = [];

  constructor(places: Places, random: Dice) {
    this.#places = places;
    this.#random = random;
  }

  /** @throws Broken with what happened before */
  async live(): Promise<void> {
    this.#time.begin();
    try {
      await this.#start();
      for (let count = 0; count < actions; count += 1) await this.#act();
      await this.#settle();
    } catch (cause) {
      const { message } = cause instanceof Error ? cause : new Error(String(cause));
      throw new Broken(`${message}\n  after: ${this.#story.join(', ')}`, { cause });
    } finally {
      this.#time.end();
    }
  }

  get #now(): Session {
    if (this.#session === undefined) throw new Error('The app is not running');
    return this.#session;
  }

  #pathOf(start: number): string {
    return join(this.#places.root, `disk-${start}`, 'wyvern.sqlite');
  }

  /** Starts the app on the disk as it is, and compares it with what the window has shown. */
  async #start(): Promise<void> {
    this.#starts += 1;
    const path = this.#pathOf(this.#starts);
    mkdirSync(dirname(path), { recursive: true });
    const old = dirname(this.#pathOf(this.#starts - 1));
    const moved = [...this.#disk].map(([name, bytes]) => [name.replace(old, dirname(path)), bytes] as const);
    this.#disk = new Map(moved.filter(([name]) => !name.endsWith('-shm')));
    for (const [name, bytes] of this.#disk) writeFileSync(name, bytes);
    truncateSync(this.#places.log);
    const run: Run = { engines: [], isOver: false };
    const services = this.#create(path, run);
    this.#session = { run, services };
    const { store, models, additions } = services;
    if (store.salvaged() && !this.#isWorn) throw new Broken('a power cut is not taken for damage');
    this.#window.check(store, this.#isWorn);
    if (models.current.state.status === 'none' && (await models.catalogue.list()).length === 0)
      this.#begin('open', additions.open([this.#places.model]));
    else this.#begin('restore', models.restore());
    await quiet();
  }

  #create(path: string, run: Run): Services {
    return createServices({
      paths: { store: path, library: join(dirname(path), 'models'), defaultModel: join(dirname(path), 'none') },
      clock: this.#time.clock,
      emit: (name, payload) => {
        if (!run.isOver) this.#window.hear(name, payload);
      },
      fork: () => {
        const engine = new SimulatedEngine(this.#random);
        run.engines.push(engine);
        return engine;
      },
      useAppearance: () => undefined,
      reveal: () => undefined,
      chooseFiles: () => Promise.resolve([]),
      chooseSave: () => Promise.resolve(undefined),
      reload: () => undefined,
      close: () => undefined,
      readClipboard: () => Promise.resolve(''),
      preferredLanguages: () => ['en'],
      about: () => ({ version: '0', shell: 'chromium-host', platform: 'simulation' }),
    });
  }

  async #act(): Promise<void> {
    const [name, act] = this.#random.pick(this.#choices);
    this.#story.push(name);
    try {
      await act();
    } catch (cause) {
      refused(cause);
    }
    await quiet();
    if (this.#failure !== undefined) throw this.#failure;
    this.#checkStop();
  }

  /** Follows something that may wait for time to pass. */
  #begin(name: string, work: Promise<unknown>): void {
    const wait = { name };
    this.#waits.add(wait);
    void work
      .catch((cause: unknown) => {
        try {
          refused(cause);
        } catch (unexpected) {
          this.#failure ??= unexpected instanceof Error ? unexpected : new Error(String(unexpected));
        }
      })
      .finally(() => this.#waits.delete(wait));
  }

  /** Passes time until the work ends. */
  async #end(name: string, work: Promise<unknown>): Promise<void> {
    this.#begin(name, work);
    const ended = (): boolean => [...this.#waits].every((wait) => wait.name !== name);
    await quiet();
    for (let ms = 0; ms < settleMs && !ended(); ms += 1000) await this.#time.pass(1000);
    await realTimeUntil(ended);
    if (!ended()) throw new Broken(`${name} ends`);
  }

  readonly #choices: readonly (readonly [string, () => unknown])[] = [
    ...Array<readonly [string, () => unknown]>(14).fill(['engine', () => this.#engineStep('says')]),
    ...Array<readonly [string, () => unknown]>(6).fill(['send', () => this.#send()]),
    ...Array<readonly [string, () => unknown]>(3).fill(['many words', () => this.#engineSteps()]),
    ['word twice', () => this.#engineStep('says it twice')],
    ['send twice', () => this.#sendTwice()],
    ['stop', () => this.#stop()],
    ['stop another', () => this.#now.services.chat.answering.stop('another')],
    ['regenerate', () => this.#regenerate()],
    ['continue', () => this.#continue()],
    ['delete', () => this.#delete()],
    ['load', () => this.#begin('load', this.#now.services.models.restore())],
    ['unload', () => this.#begin('unload', this.#now.services.models.current.unload())],
    ['engine crashes', () => this.#engineStep('crashes')],
    ['engine hangs', () => this.#engineStep('hangs')],
    ['second', () => this.#time.pass(1000)],
    ['minute', () => this.#time.pass(60_000)],
    ['sleep', () => this.#sleep()],
    ['full', () => this.#setFull(true)],
    ['room', () => this.#setFull(false)],
    ['quit', () => this.#quit()],
    ['crash', () => this.#crash()],
    ['power cut', () => this.#cutPower('none')],
    ['power cut', () => this.#cutPower('none')],
    ['power cut, worn disk', () => this.#cutPower(this.#random.pick(['lost', 'misdirected']))],
  ];

  #newId(kind: string): string {
    this.#ids += 1;
    return `${kind}${this.#ids}`;
  }

  #question(): {
    ids: { conversationId: string; userMessageId: string; answerId: string };
    text: string;
    mark: string;
  } {
    const known = this.#window.conversations;
    const isNew = known.length === 0 || this.#random.below(4) === 0;
    const conversationId = isNew ? this.#newId('c') : this.#random.pick(known);
    const ids = { conversationId, userMessageId: this.#newId('u'), answerId: this.#newId('a') };
    const mark = String(this.#ids);
    return { ids, text: `«${mark}» ${'x'.repeat(this.#random.below(3) * this.#random.below(4000))}`, mark };
  }

  #send(): void {
    const { ids, text, mark } = this.#question();
    const { conversations, chat, store } = this.#now.services;
    if (store.conversations.get(ids.conversationId) === undefined) conversations.create(ids.conversationId, undefined);
    const { user } = chat.send({ ...ids, text, attachments: [] });
    this.#window.sent({ id: user.id, conversationId: ids.conversationId, text, mark }, ids.answerId);
  }

  /** A message of the window arrives twice. */
  #sendTwice(): void {
    const { ids, text, mark } = this.#question();
    const { conversations, chat, store } = this.#now.services;
    if (store.conversations.get(ids.conversationId) === undefined) conversations.create(ids.conversationId, undefined);
    chat.send({ ...ids, text, attachments: [] });
    this.#window.sent({ id: ids.userMessageId, conversationId: ids.conversationId, text, mark }, ids.answerId);
    const before = store.tree.path(ids.conversationId).length;
    try {
      chat.send({ ...ids, text, attachments: [] });
    } catch (cause) {
      refused(cause);
    }
    const path = store.tree.path(ids.conversationId);
    if (path.length !== before || new Set(path.map(({ id }) => id)).size !== path.length)
      throw new Broken('a message that arrives twice is stored once');
  }

  #stop(): void {
    const { chat } = this.#now.services;
    const id = chat.answering.stream?.answerId;
    if (id === undefined) return;
    chat.answering.stop(id);
    this.#stopping ??= { id, due: this.#time.clock.now() + stopMs };
  }

  #checkStop(): void {
    if (this.#stopping === undefined || this.#time.clock.now() < this.#stopping.due) return;
    const { id } = this.#stopping;
    this.#stopping = undefined;
    if (this.#session?.services.chat.answering.stream?.answerId === id) throw new Broken(`stop ends ${id}`);
  }

  #regenerate(): void {
    const known = [...this.#window.answers];
    if (known.length === 0) return;
    const [messageId, { question }] = this.#random.pick(known);
    const answerId = this.#newId('a');
    const { conversationId } = question;
    // An answer without any text is replaced.
    if (this.#now.services.store.messages.get(messageId)?.text === '') this.#window.deleted(messageId);
    this.#now.services.chat.regenerate({ conversationId, messageId, answerId });
    this.#window.asked(question.id, answerId);
  }

  #continue(): void {
    const known = [...this.#window.answers];
    if (known.length === 0) return;
    const [messageId, { question }] = this.#random.pick(known);
    this.#now.services.chat.continue({ conversationId: question.conversationId, messageId });
    this.#window.continued(messageId);
  }

  #delete(): void {
    const known = [...this.#window.answers];
    if (known.length === 0) return;
    const [messageId, { question }] = this.#random.pick(known);
    this.#window.deleted(messageId);
    this.#now.services.chat.delete({ conversationId: question.conversationId, messageId });
  }

  #engineStep(fate: Fate): void {
    const { engines } = this.#now.run;
    this.#random.pick(engines.length > 0 ? engines : [undefined])?.step(fate);
  }

  async #engineSteps(): Promise<void> {
    for (const engine of this.#now.run.engines) {
      for (let count = 0; count < 20 && engine.isBusy; count += 1) {
        engine.step('says');
        await quiet();
      }
    }
  }

  async #sleep(): Promise<void> {
    const { services } = this.#now;
    if (this.#random.below(2) === 0) fallAsleep(services);
    const ms = 3_600_000 * this.#random.below(10);
    if (this.#stopping !== undefined) this.#stopping = { ...this.#stopping, due: this.#stopping.due + ms + 60_000 };
    await this.#time.sleep(ms);
    wakeUp(services);
  }

  #setFull(isFull: boolean): void {
    try {
      openSync(join(this.#places.root, isFull ? '.full' : '.roomy'), 'r');
    } catch {
      // The library takes the name as an order, and the file does not exist.
    }
  }

  async #quit(): Promise<void> {
    this.#setFull(false);
    await this.#end('quit', shutDown(this.#now.services));
    this.#leave();
    this.#disk = diskAfterCrash(this.#disk, readChanges(readFileSync(this.#places.log)));
    await this.#start();
  }

  async #crash(): Promise<void> {
    this.#disk = diskAfterCrash(this.#disk, readChanges(readFileSync(this.#places.log)));
    await this.#abandon();
  }

  async #cutPower(wear: Wear): Promise<void> {
    const changes = readChanges(readFileSync(this.#places.log));
    this.#disk = diskAfterPowerCut(
      this.#disk,
      changes,
      changes.some(({ kind }) => kind === 'W') ? wear : 'none',
      this.#random,
    );
    if (wear !== 'none') this.#isWorn = true;
    await this.#abandon();
  }

  /** The process is gone. Its memory is freed here; what it still writes does not reach the next disk. */
  async #abandon(): Promise<void> {
    const { services } = this.#now;
    this.#leave();
    this.#setFull(false);
    await this.#end('abandon', shutDown(services));
    this.#waits.clear();
    await this.#start();
  }

  #leave(): void {
    this.#now.run.isOver = true;
    for (const engine of this.#now.run.engines) engine.destroy();
    this.#stopping = undefined;
  }

  /** No more faults: every wait ends, and everything shown is on the disk. */
  async #settle(): Promise<void> {
    this.#setFull(false);
    const { services } = this.#now;
    for (let ms = 0; ms < settleMs; ms += 10_000) {
      await this.#time.pass(10_000);
      await this.#engineSteps();
    }
    if (services.chat.answering.stream !== undefined) throw new Broken('every answer ends');
    if (services.models.current.state.status === 'loading') throw new Broken('every load ends');
    if (this.#waits.size > 0) throw new Broken(`${[...this.#waits].map(({ name }) => name).join(', ')} end`);
    await this.#quit();
    await this.#end('quit', shutDown(this.#now.services));
    this.#leave();
    for (let start = 1; start <= this.#starts; start += 1)
      rmSync(dirname(this.#pathOf(start)), { recursive: true, force: true });
  }
}

/** A refusal with a code is an answer. @throws everything else */
function refused(cause: unknown): void {
  if (cause instanceof Broken || toAppError(cause).code === 'internal') throw cause;
}
