/**
 * The bridge between one page and the main process. As in Electron, whose calls, replies and events share one ordered pipe
 * in each direction, a message may arrive late but never before an older one. What is under way to a closed page is lost.
 */
import type { Bridge, CallInput, CallName, CallOutputs, EventName, Events, Result } from '../../preload/contract.ts';
import { served } from './electron.ts';

/** Notes what passes the bridge. */
export interface Witness {
  /** The page has made a call. */
  readonly asked: (name: CallName, input: unknown) => void;
  /** The page gets the reply. */
  readonly answered: (name: CallName, input: unknown, result: Result<unknown>) => void;
  /** The page gets the event. */
  readonly heard: (name: EventName, payload: unknown) => void;
}

interface Call {
  readonly name: CallName;
  readonly input: unknown;
  readonly answer: (result: Result<unknown>) => void;
}

export class SimulatedBridge {
  readonly #witness: Witness;
  readonly #listeners = new Map<string, Set<(payload: never) => void>>();
  readonly #toMain: Call[] = [];
  readonly #toPage: (() => void)[] = [];
  /** Calls that the page has made and that were not answered. */
  readonly #open = new Set<Call>();
  #isClosed = false;

  constructor(witness: Witness) {
    this.#witness = witness;
  }

  /** For the page. */
  readonly page: Bridge = {
    call: <N extends CallName>(name: N, input: CallInput<N>) => {
      const { promise, resolve } = Promise.withResolvers<Result<CallOutputs[N]>>();
      const copy: unknown = structuredClone(input);
      // The contract gives both sides the types of each name's input and result.
      const call: Call = { name, input: copy, answer: (result) => resolve(result as Result<CallOutputs[N]>) };
      this.#witness.asked(name, copy);
      this.#open.add(call);
      this.#toMain.push(call);
      return promise;
    },
    on: (name, listener) => {
      const channel = `event:${name}`;
      const known = this.#listeners.get(channel) ?? new Set();
      this.#listeners.set(channel, known.add(listener));
      return () => known.delete(listener);
    },
    pathOf: () => '',
  };

  /** The page as the main process sees it. */
  readonly contents = {
    isDestroyed: (): boolean => this.#isClosed,
    send: (channel: string, payload: unknown): void => {
      const copy: unknown = structuredClone(payload);
      const name = channel.slice('event:'.length) as EventName;
      this.#toPage.push(() => {
        this.#witness.heard(name, copy);
        for (const listener of this.#listeners.get(channel) ?? []) listener(copy as Events[typeof name] as never);
      });
    },
  };

  get isEmpty(): boolean {
    return this.#toMain.length === 0 && this.#toPage.length === 0;
  }

  /** Names of the calls without an answer. */
  get waiting(): readonly CallName[] {
    return [...this.#open].map(({ name }) => name);
  }

  /** Delivers the oldest message to the main process. */
  deliverToMain(): void {
    const call = this.#toMain.shift();
    if (call === undefined) return;
    const { name, input, answer } = call;
    void served
      .get(`call:${name}`)?.({ senderFrame: null }, input)
      .then((reply) => {
        // `serve` answers each call with a result.
        const result = structuredClone(reply) as Result<unknown>;
        this.#toPage.push(() => {
          this.#open.delete(call);
          this.#witness.answered(name, input, result);
          answer(result);
        });
      });
  }

  deliverAllToMain(): void {
    while (this.#toMain.length > 0) this.deliverToMain();
  }

  /** Delivers the oldest message to the page. */
  deliverToPage(): void {
    if (!this.#isClosed) this.#toPage.shift()?.();
  }

  close(): void {
    this.#isClosed = true;
    this.#toMain.length = 0;
    this.#toPage.length = 0;
    this.#open.clear();
  }
}
