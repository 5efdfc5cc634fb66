/** The app without its window: its services over a store that survives it, with engines in separate processes. */
import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import { systemClock, type Clock } from '../main/clock.ts';
import type { EngineProcess } from '../main/engine-host/engine-process.ts';
import { emulatorFolder } from '../main/engine/testing/qnn-stand-in.ts';
import { AppFailure } from '../main/failure.ts';
import type { Services } from '../main/services.ts';
import { createServices, shutDown } from '../main/services.ts';
import { forkEngineInNode } from '../main/testing/forked-engine.ts';
import { windowlessSystem } from '../main/testing/windowless-system.ts';
import type { Emit, EventName, Events, Message, ModelState } from '../preload/contract.ts';
import { whyNoEmulator } from '../scripts/setup/qnn.mjs';
import { buildForNode } from './build.ts';

export const root = resolve(import.meta.dirname, '..');
export const fixture = (...names: readonly string[]): string => join(root, 'e2e/fixtures', ...names);
/** SmolLM2, which set-up makes: large enough for its steps to take time. */
export const defaultModel = join(root, 'resources/models/smollm2-135m-instruct');

/** Where Qualcomm's emulator exists, its absence fails what needs it. */
export const hasEmulator = whyNoEmulator() === undefined;

/** Longest wait; a longer one would never end. */
const patienceMs = 120_000;

export interface Asked {
  readonly conversationId: string;
  readonly userMessageId: string;
  readonly answerId: string;
  /** The window's events about the answer. */
  readonly told: () => string;
  readonly ended: Promise<Message>;
}

/** @param outDir Output folder. @returns The engine's file */
export async function buildEngine(outDir: string): Promise<string> {
  return await buildForNode('main/engine/index.ts', 'engine', outDir);
}

/** An engine with the checkout's addon, or with a script of the fake addon. */
export function forkBuilt(entry: string, environment: Readonly<Record<string, string>> = {}): EngineProcess {
  const own = { WYVERN_ADDON: join(root, 'resources/native/wyvern.node'), WYVERN_QNN: emulatorFolder };
  return forkEngineInNode({ entry, environment: { ...own, ...environment } });
}

export interface AppOptions {
  readonly fork: () => EngineProcess;
  readonly clock?: Clock;
}

/** Events that the window received. */
type Told = { readonly [N in EventName]: { readonly name: N; readonly payload: Events[N] } }[EventName];
type Listener = (told: Told) => void;

export class WindowlessApp {
  readonly services: Services;
  readonly #listeners = new Set<Listener>();
  /** Keeps the process alive, like a window. */
  readonly #alive = setInterval(() => undefined, 60_000);

  /** @param folder Its user data, with or without a store */
  constructor(folder: string, { fork, clock = systemClock }: AppOptions) {
    const emit: Emit = (name, payload) => {
      const told = { name, payload } as Told;
      for (const listener of [...this.#listeners]) listener(told);
    };
    this.services = createServices(windowlessSystem(folder, { clock, emit, fork }));
    const greedy = { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 };
    this.services.settings.set({ ...greedy, automaticTitles: false });
  }

  /** @returns A function that ends it. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Waits for the next matching event of this name. */
  async heard<N extends EventName>(name: N, wanted: (payload: Events[N]) => boolean = () => true): Promise<Events[N]> {
    const { promise, resolve: found, reject } = Promise.withResolvers<Events[N]>();
    const end = this.listen((told) => {
      if (told.name !== name) return;
      // The name decides the payload's type.
      const payload = told.payload as Events[N];
      if (wanted(payload)) found(payload);
    });
    const timer = setTimeout(() => reject(new Error(`No ${name} for ${patienceMs / 1000} s`)), patienceMs);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      end();
    }
  }

  /** Result of the running load. */
  async settled(): Promise<Extract<ModelState, { status: 'none' | 'ready' | 'failed' }>> {
    const { state } = this.services.models.current;
    const next = state.status === 'loading' ? await this.heard('models.state', isSettled) : state;
    if (!isSettled(next)) throw new Error('unreachable');
    return next;
  }

  /** @throws AppFailure if there is no model */
  async ready(): Promise<void> {
    const state = await this.settled();
    if (state.status === 'failed') throw AppFailure.from(state.error);
    if (state.status === 'none') throw new Error('No model is loaded');
  }

  /** Drops files and waits until their model is loaded. @throws AppFailure */
  async open(...paths: readonly string[]): Promise<string> {
    const opened = await this.services.additions.open(paths);
    if (!opened) throw new Error('Something is asked for');
    await this.ready();
    return opened.modelId;
  }

  /** Sends a message, in a new chat by default. */
  ask(text: string, conversationId: string = randomUUID()): Asked {
    const { conversations, chat, store } = this.services;
    if (!store.conversations.get(conversationId)) conversations.create(conversationId, undefined);
    const ids = { conversationId, userMessageId: randomUUID(), answerId: randomUUID() };
    let told = '';
    const end = this.listen(({ name, payload }) => {
      if (name === 'chat.tokens' && payload.answerId === ids.answerId)
        told = told.slice(0, payload.offset) + payload.text;
    });
    const ended = this.heard('chat.finished', ({ message }) => message.id === ids.answerId)
      .then(({ message }) => message)
      .finally(end);
    // The caller may read it later, or never.
    ended.catch(() => undefined);
    chat.send({ ...ids, text, attachments: [] });
    return { ...ids, told: () => told, ended };
  }

  /** Resolves when the window received this much of the answer. */
  async told({ answerId, told }: Asked, characters = 1): Promise<void> {
    const long = (): boolean => told().length >= characters;
    if (!long()) await this.heard('chat.tokens', (event) => event.answerId === answerId && long());
  }

  /** Quits. */
  async quit(): Promise<void> {
    await shutDown(this.services);
    clearInterval(this.#alive);
  }
}

function isSettled(state: ModelState): state is Extract<ModelState, { status: 'none' | 'ready' | 'failed' }> {
  return state.status !== 'loading';
}

/** Throws with the expectation. */
export function must(holds: boolean, expectation: string): asserts holds {
  if (!holds) throw new Error(`Expected ${expectation}`);
}
