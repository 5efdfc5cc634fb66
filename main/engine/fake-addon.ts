/**
 * A scripted model with the addon's interface, for tests of faults and speed that no real model shows on demand. Selected by
 * `WYVERN_ADDON=fake:…`, e.g. `fake:rate=5000&answer=Hello&crashAt=7`. Tokens are bytes: id b is byte b, 256 is begin of text,
 * 257 is end of text.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type {
  LoadOptions,
  Model as NativeModel,
  ModelFacts,
  NativeErrorCode,
  Prefill,
  PrefillChunk,
  SamplingOptions,
  Step,
} from '../../native/index.d.ts';
import type { Addon } from './addon.ts';

const bosId = 256;
const eosId = 257;
const vocabSize = 258;

const number = z.coerce.number().min(0);
const position = z.coerce.number().int().min(1).optional();

/** The script, as a URL query. */
const scriptSchema = z.strictObject({
  /** The text of every answer. */
  answer: z.string().min(1).default('Hello from the scripted model. '),
  /** A file with the bytes of every answer, read when the answer begins; for texts that are too long for a command line. */
  answerFile: z.string().min(1).optional(),
  /** Repetitions of the text before end of text; 0: until the context is full. */
  repeat: number.int().default(1),
  /** Tokens per second of decoding; 0: as fast as the event loop. */
  rate: number.default(0),
  /** Prompt tokens per second; 0: no delay. */
  prefillRate: number.default(0),
  contextLength: z.coerce.number().int().min(2).default(2048),
  prefillLength: z.coerce.number().int().min(1).default(128),
  /**
   * A file that gets the time at which each token of the answers was made: float64 milliseconds since the epoch, in the
   * machine's byte order, in the order of the tokens. The file is written after the last token of an answer.
   */
  times: z.string().optional(),
  /** Ends the process at this token of an answer, counted from 1, like a crash in native code. */
  crashAt: position,
  /** Hangs at this token. */
  hangAt: position,
  /** Hangs in this chunk of a prompt, counted from 1. */
  hangAtChunk: position,
  /** Fails with `execution-failed` at this token. */
  failAt: position,
  /** Loads up to this share of 1 GB, then hangs. */
  loadStopsAt: z.coerce.number().min(0).max(1).optional(),
  /** Ends the process while loading. */
  crashOnLoad: z.stringbool().default(false),
  /** Loading fails with this code of the addon. */
  loadError: z.enum(['program-invalid', 'operator-missing', 'backend-missing', 'out-of-memory']).optional(),
});
export type FakeScript = z.output<typeof scriptSchema>;

/** Reads a script such as `rate=5000&crashAt=7`. */
export function parseScript(query: string): FakeScript {
  return scriptSchema.parse(Object.fromEntries(new URLSearchParams(query)));
}

class FakeError extends Error {
  readonly code: NativeErrorCode;

  constructor(code: NativeErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Ends the process with a signal, so that the parent gets a crash and none of our handlers run. */
function crash(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new FakeError('execution-failed', 'unreachable');
}

/** A promise that never settles, so the process does not end. */
async function forEver(): Promise<never> {
  return await new Promise<never>(() => setInterval(() => undefined, 60_000));
}

const us = (sinceMs: number): number => (performance.now() - sinceMs) * 1000;

class FakeSampler {
  readonly seed: number;

  constructor(options: SamplingOptions = {}) {
    for (const [name, value] of Object.entries(options)) {
      if (!Number.isFinite(value)) throw new FakeError('invalid-argument', `${name} is not a number.`);
    }
    this.seed = options.seed ?? 0;
  }

  sample(logits: Float32Array): number {
    return logits.indexOf(Math.max(...logits));
  }
}

/** The answer as bytes. Each byte is a token. */
function answerOf({ answer, answerFile }: FakeScript): Uint8Array {
  return answerFile === undefined ? new TextEncoder().encode(answer) : readFileSync(answerFile);
}

class FakeModel implements NativeModel {
  readonly facts: ModelFacts;
  readonly #script: FakeScript;
  readonly #pace = new Pace();
  /** When each token was made, Unix time in ms. */
  readonly #times: number[] = [];
  #position = 0;
  #generated = 0;
  #answer: Uint8Array = new Uint8Array();
  #pending = false;
  #stopping = false;
  #inFlight = false;
  #closed = false;

  constructor(script: FakeScript, loadUs: number) {
    this.#script = script;
    this.facts = {
      contract: 'llama',
      backends: ['ScriptedBackend'],
      vocabSize,
      contextLength: script.contextLength,
      prefillLength: script.prefillLength,
      verifyLength: 1,
      kvCache: true,
      keepsState: false,
      rewinds: true,
      stateBytes: 0,
      dynamicShape: true,
      logits: { dtype: 'float32', positions: 'last' },
      bosId,
      eosIds: [eosId],
      loadUs,
    };
  }

  static async open(script: FakeScript, options: LoadOptions): Promise<FakeModel> {
    const startMs = performance.now();
    for (const bytesDone of [0, 1]) {
      options.onProgress?.({ stage: 'read', bytesDone, bytesTotal: 1 });
      await turn();
    }
    if (script.loadStopsAt !== undefined) {
      options.onProgress?.({ stage: 'read', bytesDone: script.loadStopsAt * 1e9, bytesTotal: 1e9 });
      await forEver();
    }
    if (script.crashOnLoad) crash();
    if (script.loadError !== undefined) throw new FakeError(script.loadError, 'the script says so.');
    return new FakeModel(script, us(startMs));
  }

  get position(): number {
    return this.#position;
  }

  async prefill(tokens: Int32Array, onChunk?: (chunk: PrefillChunk) => void): Promise<Prefill> {
    return await this.#exclusively(async () => {
      if (this.#position + tokens.length > this.#script.contextLength) {
        throw new FakeError('context-full', 'the tokens do not fit.');
      }
      this.#stopping = false;
      this.#pending = false;
      this.#generated = 0;
      this.#answer = answerOf(this.#script);
      const chunks: PrefillChunk[] = [];
      for (let at = 0; at < tokens.length && !this.#stopped(); at += this.#script.prefillLength) {
        const startMs = performance.now();
        const count = Math.min(this.#script.prefillLength, tokens.length - at);
        if (chunks.length + 1 === this.#script.hangAtChunk) await forEver();
        await this.#pace.wait(count, this.#script.prefillRate);
        this.#position += count;
        const chunk = { tokens: count, wallUs: us(startMs) };
        chunks.push(chunk);
        onChunk?.(chunk);
      }
      return { position: this.#position, chunks, stopped: this.#stopped() };
    });
  }

  async next(): Promise<Step> {
    return await this.#exclusively(async () => {
      if (this.#position === 0) throw new FakeError('nothing-to-continue', 'there is no prompt.');
      if (this.#pending && this.#position >= this.#script.contextLength) {
        throw new FakeError('context-full', 'the context is full.');
      }
      const startMs = performance.now();
      const index = this.#generated + 1;
      if (index === this.#script.crashAt) crash();
      if (index === this.#script.failAt) throw new FakeError('execution-failed', 'the script says so.');
      if (index === this.#script.hangAt) await forEver();
      await this.#pace.wait(1, this.#script.rate);
      if (this.#pending) this.#position++;
      this.#pending = true;
      this.#generated = index;
      if (this.#script.times !== undefined) this.#times.push(performance.timeOrigin + performance.now());
      const { length } = this.#answer;
      const ended = this.#script.repeat > 0 && index > length * this.#script.repeat;
      const token = ended ? eosId : (this.#answer[(index - 1) % length] ?? eosId);
      if (ended && this.#script.times !== undefined)
        appendFileSync(this.#script.times, new Uint8Array(new Float64Array(this.#times.splice(0)).buffer));
      return { token, position: this.#position, wallUs: us(startMs), samplingUs: 0 };
    });
  }

  seek(position: number): void {
    if (!Number.isInteger(position) || position < 0 || position > this.#position) {
      throw new FakeError('invalid-argument', 'no such position.');
    }
    this.#position = position;
    this.#pending = false;
  }

  logits(): Float32Array | undefined {
    return this.#position === 0 ? undefined : new Float32Array(vocabSize);
  }

  stop(): void {
    this.#stopping = true;
  }

  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }

  #stopped(): boolean {
    return this.#stopping;
  }

  async #exclusively<T>(task: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new FakeError('closed', 'the model is closed.');
    if (this.#inFlight) throw new FakeError('busy', 'a call is in flight.');
    this.#inFlight = true;
    try {
      return await task();
    } finally {
      this.#inFlight = false;
    }
  }
}

function createModelClass(script: FakeScript): Addon['Model'] {
  return class extends FakeModel {
    constructor() {
      super(script, 0);
    }

    static load(options: LoadOptions): Promise<FakeModel> {
      return FakeModel.open(script, options);
    }
  };
}

/** Maximum delay that is made up for, so that a busy machine causes no burst. */
const catchUpMs = 50;

/** Keeps a rate: the next step makes up for a late one. */
class Pace {
  #dueMs = 0;

  /** Waits for the time of `count` tokens at `rate`, or for one turn of the event loop. */
  async wait(count: number, rate: number): Promise<void> {
    const ms = rate > 0 ? (count * 1000) / rate : 0;
    // Timers have a resolution of a millisecond. For shorter waits, the event loop turns until the time has come.
    if (ms >= 2) return delay(ms);
    this.#dueMs = Math.max(this.#dueMs, performance.now() - catchUpMs) + ms;
    do await turn();
    while (performance.now() < this.#dueMs);
  }
}

class FakeSentencePiece {
  readonly vocabSize = vocabSize;
  readonly bosId = bosId;
  readonly eosId = eosId;
  readonly unkId = -1;
  readonly padId = -1;
  readonly addsDummyPrefix = false;

  encode(text: string): Int32Array {
    return Int32Array.from(new TextEncoder().encode(text));
  }

  decode(ids: Int32Array): Uint8Array {
    return Uint8Array.from(ids.filter((id) => id < bosId));
  }

  piece(id: number): string {
    if (id === bosId) return '<s>';
    if (id === eosId) return '</s>';
    return `<0x${id.toString(16).toUpperCase().padStart(2, '0')}>`;
  }

  kind(id: number): 'control' | 'byte' {
    return id >= bosId ? 'control' : 'byte';
  }

  id(piece: string): number | undefined {
    return Array.from({ length: vocabSize }, (_, id) => id).find((id) => this.piece(id) === piece);
  }
}

/** An addon that follows the script. */
export function createFakeAddon(script: FakeScript): Addon {
  return {
    Model: createModelClass(script),
    Sampler: FakeSampler,
    SentencePiece: FakeSentencePiece,
    runtimeInfo: () => ({
      executorch: 'scripted',
      sentencepiece: 'scripted',
      backends: ['ScriptedBackend'],
      ownOperators: [],
      threads: 1,
    }),
    missingOperators: () => [],
    enterCage: () => ({
      reads: false,
      writes: false,
      connections: false,
      processes: false,
      missing: ['No addon is loaded.'],
    }),
    useQnn: () => ({ coreApi: '0.0.0' }),
    describeContexts: () => {
      throw new FakeError('program-unsupported', 'The scripted model has no context binaries.');
    },
    setLog: () => undefined,
  };
}
