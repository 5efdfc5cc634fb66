/** A model that answers from a script, for tests of the server’s own work: order, ends, faults. */
import type { AppError, TemplateInfo } from '../../../preload/contract.ts';
import type { GenerateInput } from '../../engine/protocol.ts';
import { fromAppError } from '../errors.ts';
import type { AnswerPart, ModelAccess, ServedModel, ServedToken } from '../protocol.ts';
import { LocalServer, type LocalServerOptions } from '../server.ts';

export const token = 'wyvern-test-token-of-32-characters';

export function servedModel(chatTemplate: TemplateInfo = { source: 'manifest' }): ServedModel {
  return {
    id: 'm',
    name: 'Tiny',
    contextLength: 128,
    created: 1,
    chatTemplate,
    sampling: { temperature: 0.2, topK: 0, topP: 0.9, minP: 0, repetitionPenalty: 1.1 },
  };
}

export interface Script {
  readonly tokens?: readonly ServedToken[];
  /** Fails with this error, before the first token or after the last one. */
  readonly fails?: { readonly error: AppError; readonly at: 'start' | 'end' };
  /** Waits before the end until the test calls `release`, or until the client leaves. */
  readonly holds?: boolean;
}

export class ScriptedAccess implements ModelAccess {
  script: Script = { tokens: [{ text: 'Hello' }, { text: ' there' }] };
  served: ServedModel | AppError = servedModel();
  /** Inputs of the answers that have begun. */
  readonly inputs: GenerateInput[] = [];
  /** Answers that run now, and that were stopped. */
  running = 0;
  stopped = 0;
  /** Most answers at one time. */
  most = 0;
  #held: (() => void)[] = [];

  model(): Promise<ServedModel> {
    return 'code' in this.served ? Promise.reject(fromAppError(this.served)) : Promise.resolve(this.served);
  }

  /** Lets the answers end that wait. */
  release(): void {
    for (const end of this.#held.splice(0)) end();
  }

  async *generate(_model: ServedModel, input: GenerateInput, signal: AbortSignal): AsyncGenerator<AnswerPart> {
    const { tokens = [], fails, holds = false } = this.script;
    this.inputs.push(input);
    this.most = Math.max(this.most, ++this.running);
    try {
      yield { type: 'turn' };
      if (fails?.at === 'start') {
        yield { type: 'failed', error: fails.error };
        return;
      }
      yield { type: 'started', promptTokens: 7, cachedTokens: 3 };
      for (const one of tokens) yield { type: 'tokens', tokens: [one] };
      if (holds) await this.#hold(signal);
      const reason = signal.aborted ? 'cancelled' : input.maxTokens === tokens.length ? 'length' : 'stop';
      if (reason === 'cancelled') this.stopped++;
      const text = tokens.map((one) => one.text).join('');
      const thought = tokens.map((one) => one.thought ?? '').join('');
      if (fails !== undefined) yield { type: 'failed', error: fails.error };
      else {
        const whole = thought === '' ? { text } : { text, thought };
        yield { type: 'done', ...whole, reason, promptTokens: 7, cachedTokens: 3, generatedTokens: tokens.length };
      }
    } finally {
      this.running--;
    }
  }

  async #hold(signal: AbortSignal): Promise<void> {
    const end = Promise.withResolvers<undefined>();
    const release = (): void => end.resolve(undefined);
    this.#held.push(release);
    signal.addEventListener('abort', release, { once: true });
    if (signal.aborted) release();
    await end.promise;
  }
}

export async function startServer(
  access: ModelAccess,
  options: Partial<LocalServerOptions> = {},
): Promise<LocalServer> {
  return await LocalServer.start({ port: 0, token, access, ...options });
}

export interface Sent {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly signal?: AbortSignal;
}

/** Sends one request as a client with the token. A text is sent unchanged, everything else as JSON. */
export async function send(server: LocalServer, path: string, sent: Sent = {}): Promise<Response> {
  const { body, headers = {}, method = body === undefined ? 'GET' : 'POST', signal } = sent;
  return await fetch(`http://127.0.0.1:${server.port}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** The events of a stream, parsed; `[DONE]` as it is. */
export async function eventsOf(response: Response): Promise<unknown[]> {
  const text = await response.text();
  return text
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event): unknown => (event === 'data: [DONE]' ? '[DONE]' : JSON.parse(event.replace(/^data: /, ''))));
}
