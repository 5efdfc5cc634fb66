/** One loaded page of the simulated window: the window's own state, and what a browser gives it. */
import { readFileSync } from 'node:fs';
import { compileFunction } from 'node:vm';
import type { Dice } from '../../native/test/random.ts';
import type { PageState } from '../../renderer/testing/page-state.ts';
import { SimulatedBridge, type Witness } from './bridge.ts';
import { Broken } from './seen.ts';
import { quiet } from './virtual-time.ts';

/** Web storage. */
export type Kept = Map<string, string>;

const given = [
  'exports',
  'window',
  'document',
  'localStorage',
  'sessionStorage',
  'navigator',
  'innerWidth',
  'addEventListener',
  'requestAnimationFrame',
  'crypto',
  'setTimeout',
  'clearTimeout',
] as const;

type Script = (...values: readonly unknown[]) => void;
const scripts = new Map<string, Script>();

/** @param path Made by `build-page.ts`; compiled once */
function scriptAt(path: string): Script {
  const known = scripts.get(path);
  if (known !== undefined) return known;
  const compiled = compileFunction(readFileSync(path, 'utf8'), given, { filename: path }) as Script;
  scripts.set(path, compiled);
  return compiled;
}

export class SimulatedPage {
  readonly bridge: SimulatedBridge;
  readonly state: PageState;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #onHide: (() => void)[] = [];
  #frames: (() => void)[] = [];
  #shownChat: string | undefined;

  /** @param lasting survives a restart of the app, @param passing survives a reload of the page */
  constructor(script: string, witness: Witness, random: Dice, lasting: Kept, passing: Kept) {
    this.bridge = new SimulatedBridge(witness);
    const exports: { page?: PageState } = {};
    const values: Readonly<Record<(typeof given)[number], unknown>> = {
      exports,
      window: { wyvern: this.bridge.page },
      document: { documentElement: { dataset: {}, style: {} } },
      localStorage: storage(lasting),
      sessionStorage: storage(passing),
      navigator: { languages: ['en'] },
      innerWidth: 1200,
      addEventListener: (name: string, listener: () => void) => {
        if (name === 'pagehide') this.#onHide.push(listener);
      },
      requestAnimationFrame: (draw: () => void) => this.#frames.push(draw),
      crypto: { getRandomValues: (bytes: Uint8Array) => bytes.map(() => random.below(256)) },
      setTimeout: (run: () => void, ms: number) => this.#after(run, ms),
      clearTimeout: (timer: NodeJS.Timeout | undefined) => clearTimeout(timer),
    };
    scriptAt(script)(...given.map((name) => values[name]));
    if (exports.page === undefined) throw new Error(`${script} sets no page`);
    this.state = exports.page;
    this.state.start();
  }

  /** Draws a frame. The page reads the chat that it now shows. */
  frame(): void {
    const frames = this.#frames;
    this.#frames = [];
    for (const draw of frames) draw();
    const { activeId } = this.state.shown();
    if (activeId === this.#shownChat) return;
    this.#shownChat = activeId;
    if (activeId !== undefined) void this.state.openThread(activeId);
  }

  /** Delivers up to this many messages in each direction. */
  async deliver(count: number): Promise<void> {
    for (let left = count; left > 0 && !this.bridge.isEmpty; left -= 1) {
      this.bridge.deliverToMain();
      await quiet();
      this.bridge.deliverToPage();
      await task();
      this.frame();
    }
  }

  /**
   * The page is closed or replaced: its calls still arrive, and no message reaches it any more.
   * @param isKilled it had no time to notice
   */
  close(isKilled: boolean): void {
    if (!isKilled) for (const hide of this.#onHide) hide();
    this.bridge.deliverAllToMain();
    this.drop();
  }

  /** The app's process is gone, and the page with it. */
  drop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.bridge.close();
  }

  /** Throws if the page shows something that it must not show at any time. */
  check(): void {
    const { threads, list = [] } = this.state.shown();
    if (new Set(list.map(({ id }) => id)).size !== list.length) throw new Broken('the window lists each chat once');
    for (const [id, { messages }] of Object.entries(threads)) {
      const ids = new Set(messages.map((message) => message.id));
      if (ids.size !== messages.length) throw new Broken(`the window shows each message of ${id} once`);
    }
  }

  #after(run: () => void, ms: number): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    this.#timers.add(timer);
    return timer;
  }
}

/** One turn of the event loop, with all promises. */
async function task(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

function storage(kept: Kept): Readonly<Record<string, (key: string, value: string) => unknown>> {
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, value),
    removeItem: (key) => kept.delete(key),
  };
}
