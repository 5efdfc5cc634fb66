/** One life of the app in virtual time, on a virtual disk: a person, an engine that fails, crashes and power cuts. */
import { toAppError } from '../../main/app-error.ts';
import { fallAsleep, shutDown, wakeUp } from '../../main/services.ts';
import type { Dice } from '../../native/test/random.ts';
import { compareAtRest, compareDrafts } from './at-rest.ts';
import type { Wear } from './disk.ts';
import type { Fate } from './engine.ts';
import { Machine, type Places, type Process } from './machine.ts';
import { type Kept, SimulatedPage } from './page.ts';
import { type Deed, Person } from './person.ts';
import { Broken, Seen } from './seen.ts';
import { quiet, realTimeUntil } from './virtual-time.ts';

/** What a life consists of. */
export interface Plan {
  readonly actions: number;
  /** Virtual time after each action. */
  readonly paceMs: number;
  readonly hasFaults: boolean;
}

export const plans = {
  life: { actions: 60, paceMs: 0, hasFaults: true },
  /** Eight hours of use. */
  day: { actions: 960, paceMs: 30_000, hasFaults: false },
} as const satisfies Readonly<Record<string, Plan>>;

/** After this time without a fault, nothing waits any more: longer than every watch. */
const settleMs = 10 * 60_000;
/** The engine is replaced when it has not stopped after 30 looks, one a second. */
const stopMs = 45_000;
/** More messages than are ever under way. */
const all = 10_000;

type Choice = readonly [name: string, act: () => unknown, kind?: 'fault'];

/** The app's process, its page, and what they have begun and not ended. */
interface Session extends Process {
  page: SimulatedPage | undefined;
  readonly waits: Set<string>;
  /** What it still does reaches nobody. */
  isOver: boolean;
}

export class Life {
  readonly #places: Places;
  readonly #plan: Plan;
  readonly #random: Dice;
  readonly #machine: Machine;
  readonly #person: Person;
  readonly #seen = new Seen();
  /** Web storage that survives a restart. */
  readonly #lasting: Kept = new Map();
  #passing: Kept = new Map();
  #session: Session | undefined;
  #isWorn = false;
  /** The answer that must have ended by then. */
  #stopping: { readonly id: string; readonly due: number } | undefined;
  /** The first failure that was no refusal with a code. */
  #failure: Error | undefined;
  /** For a failed case. */
  readonly #story: string[] = [];

  constructor(places: Places, random: Dice, plan: Plan) {
    this.#places = places;
    this.#plan = plan;
    this.#random = random;
    this.#machine = new Machine(places, random);
    this.#person = new Person(random);
    this.#choices = this.#allChoices().filter(([, , kind]) => plan.hasFaults || kind !== 'fault');
  }

  /** @throws Broken with what happened before */
  async live(): Promise<void> {
    const noteFault = (cause: unknown): void => this.#fail(cause);
    process.on('unhandledRejection', noteFault);
    this.#machine.time.begin();
    try {
      await this.#start();
      for (let count = 0; count < this.#plan.actions; count += 1) await this.#act();
      await this.#settle();
    } catch (cause) {
      const { message } = cause instanceof Error ? cause : new Error(String(cause));
      throw new Broken(`${message}\n  after: ${this.#story.join(', ')}`, { cause });
    } finally {
      this.#machine.time.end();
      process.off('unhandledRejection', noteFault);
    }
  }

  get #now(): Session {
    if (this.#session === undefined) throw new Error('The app is not running');
    return this.#session;
  }

  get #page(): SimulatedPage {
    if (this.#now.page === undefined) throw new Error('There is no page');
    return this.#now.page;
  }

  #fail(cause: unknown): void {
    this.#failure ??= cause instanceof Error ? cause : new Error(String(cause));
  }

  /** Starts the app on the disk as it is, and compares it with what the person has seen. */
  async #start(): Promise<void> {
    const link: { session?: Session } = {};
    const process = this.#machine.start(
      () => (link.session?.isOver === true ? undefined : link.session?.page?.bridge.contents),
      (cause) => {
        if (link.session?.isOver !== true) this.#fail(cause);
      },
    );
    const session: Session = { ...process, page: undefined, waits: new Set(), isOver: false };
    this.#session = link.session = session;
    this.#passing = new Map();
    const { store, models, additions } = session.services;
    if (store.salvaged() && !this.#isWorn) throw new Broken('a power cut is not taken for damage');
    this.#seen.check(store, this.#isWorn);
    // As main/index.ts does: the window comes first, and slow work starts once it is drawn.
    this.#openPage();
    if (models.current.state.status === 'none' && (await models.catalogue.list()).length === 0)
      this.#begin('open', additions.open([this.#places.model]));
    else this.#begin('restore', models.restore());
    await quiet();
  }

  #openPage(): void {
    this.#now.page = new SimulatedPage(this.#places.page, this.#seen, this.#random, this.#lasting, this.#passing);
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
    this.#page.frame();
    const isWhole = this.#random.below(3) > 0;
    await this.#page.deliver(isWhole ? all : this.#random.below(6));
    if (this.#plan.paceMs > 0) await this.#passTime(this.#plan.paceMs);
    await quiet();
    await this.#check();
  }

  /** Time without a fault: the engine answers, and all messages arrive. */
  async #passTime(ms: number): Promise<void> {
    await this.#page.deliver(all);
    await this.#engineSteps();
    await this.#machine.time.pass(ms);
    await this.#page.deliver(all);
  }

  /** Checks what must hold at this moment. */
  async #check(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const { services } = this.#now;
    this.#page.check();
    if (this.#page.bridge.isEmpty && this.#page.bridge.waiting.length === 0) {
      services.chat.answering.stream?.flush();
      await this.#page.deliver(all);
      compareAtRest(this.#page.state, services);
    }
    this.#checkStop();
  }

  #checkStop(): void {
    if (this.#stopping === undefined || this.#machine.time.clock.now() < this.#stopping.due) return;
    if (!this.#page.bridge.isEmpty) return;
    const { id } = this.#stopping;
    this.#stopping = undefined;
    if (this.#page.state.shown().running?.answerId === id) throw new Broken(`stop ends ${id}`);
  }

  /** Follows something that may wait for time to pass. */
  #begin(name: string, work: Promise<unknown>): void {
    const { waits } = this.#now;
    waits.add(name);
    void work
      .catch((cause: unknown) => {
        if (toAppError(cause).code === 'internal') this.#fail(cause);
      })
      .finally(() => waits.delete(name));
  }

  /** Passes time until the work ends. */
  async #end(name: string, work: Promise<unknown>): Promise<void> {
    this.#begin(name, work);
    const { waits } = this.#now;
    await quiet();
    for (let ms = 0; ms < settleMs && waits.has(name); ms += 1000) await this.#machine.time.pass(1000);
    await realTimeUntil(() => !waits.has(name));
    if (waits.has(name)) throw new Broken(`${name} ends`);
  }

  readonly #choices: readonly Choice[];

  #allChoices(): readonly Choice[] {
    const { time } = this.#machine;
    return [
      ...this.#person.deeds.map((deed): Choice => [deed.name, () => this.#do(deed)]),
      ...Array<Choice>(14).fill(['engine', () => this.#engineStep('says')]),
      ...Array<Choice>(3).fill(['many words', () => this.#engineSteps()]),
      ['word twice', () => this.#engineStep('says it twice'), 'fault'],
      ['stop another', () => this.#now.services.chat.answering.stop('another')],
      ['engine crashes', () => this.#engineStep('crashes'), 'fault'],
      ['engine hangs', () => this.#engineStep('hangs'), 'fault'],
      ['second', () => time.pass(1000)],
      ['minute', () => time.pass(60_000)],
      ['sleep', () => this.#sleep()],
      ['full', () => this.#machine.setFull(true), 'fault'],
      ['room', () => this.#machine.setFull(false), 'fault'],
      ['reload', () => this.#reload(false)],
      ['page crashes', () => this.#reload(true), 'fault'],
      ['quit', () => this.#quit()],
      ['crash', () => this.#crash(), 'fault'],
      ...Array<Choice>(2).fill(['power cut', () => this.#cutPower('none'), 'fault']),
      ['power cut, worn disk', () => this.#cutPower(this.#random.pick(['lost', 'misdirected'])), 'fault'],
    ];
  }

  #do(deed: Deed): void {
    const page = this.#page;
    const work = deed.do(page.state);
    // A page that is gone finishes nothing.
    work?.catch((cause: unknown) => this.#fail(cause));
    const { running } = page.state.shown();
    if (deed.name === 'stop' && running?.stopping === true)
      this.#stopping ??= { id: running.answerId, due: this.#machine.time.clock.now() + stopMs };
  }

  #engineStep(fate: Fate): void {
    const { engines } = this.#now;
    this.#random.pick(engines.length > 0 ? engines : [undefined])?.step(fate);
  }

  async #engineSteps(): Promise<void> {
    for (const engine of this.#now.engines) {
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
    await this.#machine.time.sleep(ms);
    wakeUp(services);
  }

  async #reload(isKilled: boolean): Promise<void> {
    const old = this.#page;
    old.close(isKilled);
    this.#stopping = undefined;
    this.#openPage();
    await quiet();
  }

  async #quit(): Promise<void> {
    this.#machine.setFull(false);
    this.#page.close(false);
    await quiet();
    await this.#end('quit', shutDown(this.#now.services));
    this.#leave();
    this.#machine.crash();
    await this.#start();
  }

  async #crash(): Promise<void> {
    this.#machine.crash();
    await this.#abandon();
  }

  async #cutPower(wear: Wear): Promise<void> {
    this.#machine.cutPower(wear);
    if (wear !== 'none') this.#isWorn = true;
    await this.#abandon();
  }

  /** The process is gone. Its memory is freed here; what it still writes does not reach the next disk. */
  async #abandon(): Promise<void> {
    const { services } = this.#now;
    this.#page.drop();
    this.#leave();
    this.#machine.setFull(false);
    await this.#end('abandon', shutDown(services));
    await this.#start();
  }

  #leave(): void {
    this.#now.isOver = true;
    for (const engine of this.#now.engines) engine.destroy();
    this.#stopping = undefined;
  }

  /** No more faults: every wait ends, and the window shows what is on the disk. */
  async #settle(): Promise<void> {
    this.#machine.setFull(false);
    const { services, waits } = this.#now;
    for (let ms = 0; ms < settleMs; ms += 10_000) {
      await this.#machine.time.pass(10_000);
      await this.#engineSteps();
      await this.#page.deliver(all);
    }
    if (services.chat.answering.stream !== undefined) throw new Broken('every answer ends');
    if (services.models.current.state.status === 'loading') throw new Broken('every load ends');
    if (waits.size > 0) throw new Broken(`${[...waits].join(', ')} end`);
    const { waiting } = this.#page.bridge;
    if (waiting.length > 0) throw new Broken(`${waiting.join(', ')} are answered`);
    await this.#check();
    compareDrafts(this.#page.state, services);
    await this.#quit();
    await this.#page.deliver(all);
    await this.#check();
    this.#page.close(false);
    await this.#end('quit', shutDown(this.#now.services));
    this.#leave();
    this.#machine.clear();
  }
}

/** A refusal with a code is an answer. @throws everything else */
function refused(cause: unknown): void {
  if (cause instanceof Broken || toAppError(cause).code === 'internal') throw cause;
}
