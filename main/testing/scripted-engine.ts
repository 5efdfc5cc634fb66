/** An engine process under the control of a test: the test reads its requests and sends its events. */
import type { EngineProcess } from '../engine-host/engine-process.ts';
import type { EngineEvent, EngineRequest, GenerationStatistics, LoadedModel, TokenEvent } from '../engine/protocol.ts';

export class ScriptedEngine implements EngineProcess {
  readonly requests: EngineRequest[] = [];
  readonly lastOutput = '';
  pid: number | undefined = 2 ** 30;
  killed = false;
  #onEvent: (event: EngineEvent) => void = () => undefined;
  #onExit: (code: number) => void = () => undefined;

  post(request: EngineRequest): void {
    this.requests.push(request);
    if (request.type === 'shutdown') this.exit(0);
  }

  onEvent(listener: (event: EngineEvent) => void): void {
    this.#onEvent = listener;
  }

  onExit(listener: (code: number) => void): void {
    this.#onExit = listener;
  }

  kill(): void {
    this.killed = true;
    this.exit(15);
  }

  destroy(): void {
    this.exit(9);
  }

  say(event: EngineEvent): void {
    this.#onEvent(event);
  }

  exit(code: number): void {
    if (this.pid === undefined) return;
    this.pid = undefined;
    this.#onExit(code);
  }

  /** The last request of this type. */
  asked<T extends EngineRequest['type']>(type: T): Extract<EngineRequest, { type: T }> | undefined {
    return this.requests.findLast((request): request is Extract<EngineRequest, { type: T }> => request.type === type);
  }

  /** Sends `ready` and, after the request, `loaded`. */
  async load(model: LoadedModel = loadedModel()): Promise<void> {
    this.say({ type: 'ready' });
    await settled();
    this.say({ type: 'loaded', id: this.asked('load')?.id ?? '', model });
    await settled();
  }

  /** Sends these texts, one token each, as the answer to the last request. */
  tokens(...texts: readonly string[]): void {
    this.say({ type: 'tokens', id: this.#answering, tokens: texts.map(token) });
  }

  /** Sends a token of a thought. */
  thinks(thought: string): void {
    this.say({ type: 'tokens', id: this.#answering, tokens: [{ ...token(''), thought, stepUs: 1000 }] });
  }

  done(text: string, reason: 'stop' | 'cancelled' = 'stop', thought?: string): void {
    const made = thought === undefined ? { text } : { text, thought };
    this.say({ type: 'done', id: this.#answering, ...made, tokens: [], reason, statistics });
  }

  fail(code: 'prompt-too-long' | 'execution-failed'): void {
    this.say({ type: 'failed', id: this.#answering, error: { code, message: 'The script says so.' } });
  }

  get #answering(): string {
    return this.asked('generate')?.id ?? '';
  }
}

/** Waits until every settled promise has run its callbacks. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

const token = (text: string): TokenEvent => ({ id: 1, text, stepUs: 10, samplingUs: 1 });

export const statistics: GenerationStatistics = {
  promptTokens: 4,
  reusedTokens: 1,
  generatedTokens: 2,
  encodeUs: 1,
  timeToFirstTokenUs: 20,
  prefillUs: 10,
  decodeRate: 100,
  prefillChunks: [],
  contextUsed: 6,
  contextLength: 64,
  residentBytes: 1000,
};

export function loadedModel(name = 'Tiny'): LoadedModel {
  return {
    name,
    facts: {
      contract: 'llama',
      backends: ['XnnpackBackend'],
      vocabSize: 32,
      contextLength: 64,
      prefillLength: 16,
      verifyLength: 1,
      kvCache: true,
      keepsState: false,
      rewinds: true,
      stateBytes: 0,
      dynamicShape: true,
      logits: { dtype: 'float32', positions: 'last' },
      loadUs: 1,
    },
    runtime: {
      executorch: '1.5.0',
      sentencepiece: '0.2.3',
      backends: ['XnnpackBackend'],
      ownOperators: [],
      threads: 1,
    },
    tokenizer: { kind: 'sentencepiece', vocabSize: 32 },
    chatTemplate: { source: 'none' },
    stopTokens: [],
    notes: [],
    residentBytes: 1000,
  };
}
