/** Passes requests of the server process to the engine, each in its turn. */
import type { ModelState } from '../../preload/contract.ts';
import { toAppError } from '../app-error.ts';
import { AppFailure } from '../failure.ts';
import type { AnswerEvent } from '../engine-host/engine-host.ts';
import type { GenerateInput } from '../engine/protocol.ts';
import type { CurrentModel } from '../library/current-model.ts';
import type { Turns } from '../library/turns.ts';
import { samplingOf } from '../models/default-sampling.ts';
import type { AnswerPart, ModelStatus, ServedModel } from '../server/protocol.ts';

export interface ModelRequestsDependencies {
  readonly current: Pick<CurrentModel, 'require' | 'ready' | 'state'>;
  readonly turns: Turns;
}

export interface ModelRequest {
  readonly id: string;
  /** The model for which the request was checked. */
  readonly modelId: string;
  readonly input: GenerateInput;
}

export class ModelRequests {
  readonly #with: ModelRequestsDependencies;
  /** Stops each request that waits or runs. */
  readonly #open = new Map<string, AbortController>();
  /** The last model that was ready. It stays available while it is unloaded because nobody used it. */
  #served: ServedModel | undefined;

  constructor(dependencies: ModelRequestsDependencies) {
    this.#with = dependencies;
  }

  /** The last part is `done` or `failed`. */
  async start({ id, modelId, input }: ModelRequest, post: (part: AnswerPart) => void): Promise<void> {
    const stop = new AbortController();
    this.#open.set(id, stop);
    const { current, turns } = this.#with;
    let end: (() => void) | undefined;
    try {
      end = await turns.take('server', { signal: stop.signal });
      post({ type: 'turn' });
      current.require();
      const { host, modelId: ready } = await current.ready();
      if (ready !== modelId) {
        const why = 'Another model was loaded while this request waited.';
        throw new AppFailure('model-not-loaded', why, 'Send the request again.');
      }
      stop.signal.throwIfAborted();
      const ended = Promise.withResolvers<undefined>();
      const stopHost = (): void => host.stop(id);
      stop.signal.addEventListener('abort', stopHost, { once: true });
      host.generate(id, input, (event) => {
        const part = partOf(event);
        post(part);
        if (part.type === 'done' || part.type === 'failed') ended.resolve(undefined);
      });
      await ended.promise;
    } catch (cause) {
      post({ type: 'failed', error: toAppError(cause) });
    } finally {
      this.#open.delete(id);
      end?.();
    }
  }

  /** Stops a request, or does nothing if it has ended. */
  stop(id: string): void {
    this.#open.get(id)?.abort(clientLeft);
  }

  stopAll(): void {
    for (const id of [...this.#open.keys()]) this.stop(id);
  }

  /** The model for the server’s clients. */
  async status(state: ModelState): Promise<ModelStatus> {
    switch (state.status) {
      case 'ready': {
        const { sampling } = await this.#with.current.ready();
        const { modelId: id, name, contextLength, chatTemplate } = state;
        const created = Math.floor(Date.now() / 1000);
        this.#served = { id, name, contextLength, created, chatTemplate, sampling: samplingOf(sampling) };
        return { status: 'ready', model: this.#served };
      }
      case 'starting':
      case 'loading':
        return { status: 'waiting' };
      case 'none': {
        // The next request loads it again.
        if (state.idle !== undefined && state.idle.modelId === this.#served?.id) {
          return { status: 'ready', model: this.#served };
        }
        return { status: 'none', error: noModel };
      }
      case 'failed':
        return { status: 'none', error: state.error };
    }
  }
}

const clientLeft = new AppFailure('engine-lost', 'The client left.');
const noModel = {
  code: 'model-not-loaded',
  message: 'No model is loaded.',
  hint: 'Load one in Wyvern, then send the request again.',
} as const;

function partOf(event: AnswerEvent): AnswerPart {
  switch (event.type) {
    case 'prefilled':
      return { type: 'started', promptTokens: event.promptTokens, cachedTokens: event.reusedTokens };
    case 'tokens':
      return {
        type: 'tokens',
        tokens: event.tokens.map(({ text, thought }) => (thought === undefined ? { text } : { text, thought })),
      };
    case 'done': {
      const { text, thought, reason, statistics } = event;
      const { promptTokens, reusedTokens: cachedTokens, generatedTokens } = statistics;
      const whole = thought === undefined ? { text } : { text, thought };
      return { type: 'done', ...whole, reason, promptTokens, cachedTokens, generatedTokens };
    }
    case 'failed':
    case 'lost':
      return { type: 'failed', error: event.error };
  }
}
