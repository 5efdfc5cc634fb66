/** The model of the main process, for the server in its own process. */
import { randomUUID } from 'node:crypto';
import type { GenerateInput } from '../engine/protocol.ts';
import { fromAppError } from './errors.ts';
import type { AnswerPart, ModelAccess, ModelStatus, ServedModel, ServerEvent } from './protocol.ts';

export class ProcessAccess implements ModelAccess {
  readonly #post: (event: ServerEvent) => void;
  readonly #answers = new Map<string, (part: AnswerPart) => void>();
  #status: ModelStatus;
  #changed = Promise.withResolvers<undefined>();

  constructor(status: ModelStatus, post: (event: ServerEvent) => void) {
    this.#status = status;
    this.#post = post;
  }

  change(status: ModelStatus): void {
    this.#status = status;
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers();
    resolve(undefined);
  }

  /** A part of an answer has come. */
  receive(id: string, part: AnswerPart): void {
    this.#answers.get(id)?.(part);
  }

  async model(signal: AbortSignal): Promise<ServedModel> {
    const left = Promise.withResolvers<never>();
    left.promise.catch(() => undefined);
    const leave = (): void => left.reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
    try {
      for (;;) {
        signal.throwIfAborted();
        const status = this.#status;
        if (status.status === 'ready') return status.model;
        if (status.status === 'none') throw fromAppError(status.error);
        await Promise.race([this.#changed.promise, left.promise]);
      }
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  async *generate({ id: modelId }: ServedModel, input: GenerateInput, signal: AbortSignal): AsyncGenerator<AnswerPart> {
    if (signal.aborted) return;
    const id = randomUUID();
    const parts: AnswerPart[] = [];
    let arrived = Promise.withResolvers<undefined>();
    this.#answers.set(id, (part) => {
      parts.push(part);
      arrived.resolve(undefined);
    });
    const stop = (): void => this.#post({ type: 'stop', id });
    signal.addEventListener('abort', stop, { once: true });
    this.#post({ type: 'generate', id, modelId, input });
    try {
      for (;;) {
        const part = parts.shift();
        if (part === undefined) {
          await arrived.promise;
          arrived = Promise.withResolvers();
          continue;
        }
        yield part;
        if (part.type === 'done' || part.type === 'failed') return;
      }
    } finally {
      signal.removeEventListener('abort', stop);
      this.#answers.delete(id);
    }
  }
}
