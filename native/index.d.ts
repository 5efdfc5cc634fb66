/**
 * Types of `wyvern.node`, the native addon: ExecuTorch programs and SentencePiece tokenizers.
 *
 * Written by hand; `native/test/exports.test.ts` compares it with the binary's exports. Every asynchronous method
 * rejects with a {@link NativeError}. Misuse (a wrong argument type, use after `close`, a call while another is in
 * flight) throws or rejects with one too. The addon checks all input that could abort the process.
 */

/** Why a native call failed. A closed list: add a new failure here, with a sentence in `main/engine/errors.ts`. */
export type NativeErrorCode =
  | 'invalid-argument'
  | 'closed'
  | 'busy'
  | 'file-not-found'
  | 'file-unreadable'
  | 'program-invalid'
  | 'program-unsupported'
  | 'operator-missing'
  | 'backend-missing'
  | 'library-missing'
  | 'library-mismatch'
  | 'data-missing'
  | 'out-of-memory'
  | 'context-full'
  | 'nothing-to-continue'
  | 'execution-failed'
  | 'tokenizer-invalid'
  | 'runtime-incomplete';

/** Loading the addon fails with `runtime-incomplete` if a part of every build is missing. */
export interface NativeError extends Error {
  readonly code: NativeErrorCode;
}

/** The addon's build and registered parts. */
export interface RuntimeInfo {
  /** ExecuTorch release the addon was built against, e.g. `1.5.0`. */
  readonly executorch: string;
  /** Release of the SentencePiece library, e.g. `0.2.3`. */
  readonly sentencepiece: string;
  /** Registered backends, e.g. `XnnpackBackend`, `QnnBackend`. */
  readonly backends: readonly string[];
  /** Registered operators that upstream's SDK lacks and this addon adds, e.g. `llama::custom_sdpa.out`. */
  readonly ownOperators: readonly string[];
  /** Threads of the shared pool that kernels and XNNPACK use. */
  readonly threads: number;
}

export interface LoadProgress {
  readonly stage: 'read' | 'verify' | 'prepare' | 'warm-up';
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

export interface LoadOptions {
  /** Absolute path of the `.pte`. */
  readonly programPath: string;
  /** Absolute paths of the `.ptd` files with its weights, if they are separate. */
  readonly dataPaths?: readonly string[];
  /** Size of the thread pool, 1…256; process-wide. Default: the number of physical performance cores. */
  readonly threads?: number;
  /** Runs one step before the promise resolves, so that the first prompt does not pay for paging and packing. Default true. */
  readonly warmUp?: boolean;
  /**
   * The KV cache is a ring that overwrites its oldest slots: the program calls `llama::update_cache_with_indices`. Only
   * pre-flight reads the names of a program's operators. Default false.
   */
  readonly recyclesSlots?: boolean;
  /** A model in context binaries instead of a program; `programPath` then is its configuration, which is not read. */
  readonly contexts?: ContextOptions;
  /**
   * State that the program keeps from call to call: KV caches alone, or more, such as the last inputs of a convolution. Only
   * pre-flight reads the steps of a program. `unclear`: the load runs a few tokens twice to find out. Default `unclear`.
   */
  readonly keptState?: 'caches' | 'more' | 'unclear';
  /** Called on the JavaScript thread. The addon ignores its exceptions. */
  readonly onProgress?: (progress: LoadProgress) => void;
}

/** A language model in QNN context binaries, as Qualcomm's AI Hub delivers them. The binaries say everything else. */
export interface ContextOptions {
  /** Absolute paths of all parts, in any order. */
  readonly binaries: readonly string[];
  /** Rotary position embedding: radians a position for each pair of a head, D / 2 numbers. */
  readonly inverseFrequencies: readonly number[];
  /** Factor of cos and sin (longrope). Default 1. */
  readonly rotationScale?: number;
  /** Rows of embeddings that the CPU reads, for a model without a graph for them. */
  readonly embedding?: {
    /** Absolute path of a file of rows without a header, one for each token. */
    readonly path: string;
    /** Values of a row. */
    readonly width: number;
    /** Type of the file's elements; absent: that of the input which takes the rows. */
    readonly type?: 'float32' | 'uint8' | 'uint16';
    /** For integers: value = scale * (element + offset). */
    readonly scale?: number;
    readonly offset?: number;
  };
}

/** What context binaries say of themselves, before anything is loaded on the accelerator. */
export interface ContextFacts {
  /** Release of QNN that compiled each part, in their order, e.g. `v2.49.40.260810104044`; empty if a part does not say. */
  readonly buildIds: readonly string[];
  /** Context lengths, ascending. */
  readonly contextLengths: readonly number[];
  /** Most tokens of one prefill call (AR length). */
  readonly prefillLength: number;
  readonly vocabSize: number;
  readonly layers: number;
  /** Bytes of the KV caches at the longest context. */
  readonly cacheBytes: number;
  /** Bytes of all parts. */
  readonly binaryBytes: number;
}

/** A program's facts, from tensor metadata, because some metadata methods are wrong. */
export interface ModelFacts {
  /** The calling convention: upstream's standard LLM export, QNN's static llama, or context binaries of Qualcomm's AI Hub. */
  readonly contract: 'llama' | 'qnn-static-llama' | 'qnn-context';
  /** Backends that the compute methods delegate to; empty for a program of portable operators only. */
  readonly backends: readonly string[];
  readonly vocabSize: number;
  /** Most tokens that can be resident: the KV cache's capacity, or the longest call without a cache. */
  readonly contextLength: number;
  /** Most tokens of one prefill call (AR length); longer prompts take several chunks. */
  readonly prefillLength: number;
  /** Most tokens of a step that verifies a draft; 1 if the program gives the logits of one token alone, or cannot rewind. */
  readonly verifyLength: number;
  readonly kvCache: boolean;
  /** Whether the program keeps state that its position does not restore, beside the KV cache. */
  readonly keepsState: boolean;
  /**
   * Whether the model can go back to any position. False: only to the beginning, because of its state or because its cache is
   * a ring. `seek` to another position then makes the next `prefill` compute everything again.
   */
  readonly rewinds: boolean;
  /** Bytes of mutable state the runtime allocated for the method, KV cache included. */
  readonly stateBytes: number;
  readonly dynamicShape: boolean;
  readonly logits: {
    readonly dtype: 'float32' | 'float16' | 'bfloat16' | 'uint16';
    /** `chosen`: an input says from which token on. */
    readonly positions: 'last' | 'all' | 'chosen';
  };
  readonly layers?: number;
  /** From the program's own metadata (`get_bos_id`, `get_eos_ids`), absent if it has none or a wrong one. */
  readonly bosId?: number;
  readonly eosIds?: readonly number[];
  /** Why the accelerator did not take the performance mode; absent if it did, or if none was asked for. */
  readonly performanceFault?: string;
  /** Wall time of loading, µs. */
  readonly loadUs: number;
}

/** QNN's figures of a step at the profile level `detailed`, beside its times. Unreported figures are absent. */
export interface HtpDetails {
  /** QNN: "Time for initial VTCM acquire", µs. */
  readonly vtcmAcquireUs?: number;
  /** QNN: "Time for HVX + HMX power on and acquire", µs; may start before the step. */
  readonly powerOnUs?: number;
  /** QNN: "RPC (execute) time", µs. */
  readonly rpcUs?: number;
  /** QNN: "Accelerator (execute) time", cycles. */
  readonly cycles?: number;
  /** QNN: "Num times yield occured". */
  readonly yields?: number;
  /** QNN: "Accelerator (execute) time" of each part of a model in several context binaries, µs; absent for other models. */
  readonly partsUs?: readonly number[];
  /** Up to ten, slowest first. */
  readonly slowestOperators: readonly { readonly name: string; readonly cycles: number }[];
}

/** Times of one pass through the model, µs on a steady clock. Unreported figures are absent. */
export interface StepTimings {
  /** The whole call: copying in, executing, copying out. Excludes sampling. */
  readonly wallUs: number;
  /** The part inside delegates (XNNPACK: delegate calls; QNN: "QNN (execute) time"). */
  readonly backendUs?: number;
  /** The part on the accelerator (QNN: "Accelerator (execute) time"). */
  readonly acceleratorUs?: number;
  /** QNN: "Number of HVX threads used". */
  readonly hvxThreads?: number;
  /** Only at the profile level `detailed`. */
  readonly htp?: HtpDetails;
}

export interface Step extends StepTimings {
  /** The sampled token. It enters the KV cache with the following `next`, not before. */
  readonly token: number;
  /** Tokens resident in the KV cache after this step; `token` itself is not among them. */
  readonly position: number;
  readonly samplingUs: number;
  /**
   * Set if prompt lookup drafted the token before this one and the model accepted it: the logits came from that earlier step, so
   * the times of the pass are 0.
   */
  readonly accepted?: true;
}

export interface StepOptions {
  /**
   * Prompt lookup: if the latest tokens occurred before, the worker feeds the tokens that followed there in the same step, and
   * keeps those that are then sampled. The tokens are the same with and without. `measured`: where the measured times say that
   * it pays. `always` is for tests. Ignored if `facts.verifyLength` is 1. Default `measured`.
   */
  readonly promptLookup?: 'measured' | 'always' | 'off';
}

export interface PrefillChunk extends StepTimings {
  readonly tokens: number;
}

export interface Prefill {
  /** Tokens now resident. Fewer than requested after `stop`. */
  readonly position: number;
  readonly chunks: readonly PrefillChunk[];
  /** True if `stop` ended it early; the fed tokens are resident. */
  readonly stopped: boolean;
}

export interface Benchmark {
  readonly steps: readonly Step[];
  /** From the first step to the last, sampling included, µs. */
  readonly wallUs: number;
}

/** Options of the sampler. The constructor throws `invalid-argument` for impossible values. */
export interface SamplingOptions {
  /** 0 is greedy: the highest logit, the lowest id among equals. Default 0. */
  readonly temperature?: number;
  /** Keep the k most likely; 0 keeps all. Default 0. */
  readonly topK?: number;
  /** Keep the smallest set whose probability reaches p, 0 < p ≤ 1. Default 1. */
  readonly topP?: number;
  /** Drop tokens less likely than p times the most likely, 0 ≤ p < 1. Default 0. */
  readonly minP?: number;
  /** Divide positive and multiply negative logits of recent tokens by this; 1 is off. Default 1. */
  readonly repetitionPenalty?: number;
  /** Number of latest tokens, prompt included, that the penalty covers; 0 turns it off. Default 64. */
  readonly repetitionWindow?: number;
  /** 0…2^53−1. Default: a random seed from the system. */
  readonly seed?: number;
}

/** Chooses tokens, with its own random state. It never chooses NaN or infinite logits. */
export class Sampler {
  constructor(options?: SamplingOptions);
  /** The seed in use. */
  readonly seed: number;
  /**
   * Chooses from logits. For tests and tools; the token loop samples inside {@link Model.next}.
   * @throws `invalid-argument` if no logit is finite.
   */
  sample(logits: Float32Array, recentTokens?: Int32Array): number;
}

/**
 * One loaded program with its own worker thread and one KV cache. At most one of `prefill`, `next`, `benchmark`,
 * `seek`, `close` may be in flight; another meanwhile rejects with `busy`. Garbage collection is safe while work is in
 * flight.
 */
export class Model {
  private constructor();
  static load(options: LoadOptions): Promise<Model>;
  readonly facts: ModelFacts;
  /** Tokens resident in the KV cache. */
  readonly position: number;
  /**
   * Runs tokens through the model after the resident ones, in chunks of at most `facts.prefillLength`. Rejects with
   * `context-full` (and does nothing) if they do not fit, `invalid-argument` for ids outside the vocabulary.
   * @param onChunk called after each chunk, always before the promise settles
   */
  prefill(tokens: Int32Array, onChunk?: (chunk: PrefillChunk) => void): Promise<Prefill>;
  /**
   * Feeds the previously sampled token (if any), then samples the next. The worker may have fed it already, while
   * JavaScript handled the token, so a loop over `next` does not wait for JavaScript.
   * Rejects with `nothing-to-continue` before any prefill, with `context-full` if the cache has no room.
   */
  next(sampler: Sampler, options?: StepOptions): Promise<Step>;
  /**
   * Calls `next` `count` times, without prompt lookup and without JavaScript in between, like a token loop in C++. For
   * benchmarks. It ends early when the context is full, and rejects like `next`. A stand-in for the addon may omit it.
   */
  benchmark?(sampler: Sampler, count: number): Promise<Benchmark>;
  /**
   * Rewinds to `position` ≤ the current one and drops a sampled token that is not resident; the next `prefill`
   * continues there. A model that does not rewind (`facts.rewinds`) goes back to the beginning, and the next `prefill` feeds
   * the tokens before `position` again; `position` has the new value at once.
   */
  seek(position: number): void;
  /**
   * Returns a copy of the `vocabSize` logits that the next `next` would sample from; undefined if it must feed a token
   * first or has nothing to continue.
   */
  logits(): Float32Array | undefined;
  /** Asks a running `prefill` to end after the current chunk. Callable at any time from the JavaScript thread; never waits. */
  stop(): void;
  /** Frees the model. Resolves when its worker thread has ended. Idempotent. */
  close(): Promise<void>;
}

/** A SentencePiece processor over a model's bytes. */
export class SentencePiece {
  /** @throws `tokenizer-invalid` */
  constructor(model: Uint8Array);
  readonly vocabSize: number;
  /** −1 if the model has none. */
  readonly bosId: number;
  readonly eosId: number;
  readonly unkId: number;
  readonly padId: number;
  /**
   * Ids of plain text. Control symbols in `text` are text, never control tokens.
   * @throws `tokenizer-invalid` if the model's normalization makes the text longer than 32 MiB
   */
  encode(text: string): Int32Array;
  /** Bytes of the pieces, joined; `▁` is a space, byte pieces are their byte, control pieces are empty. No leading space is removed. */
  decode(ids: Int32Array): Uint8Array;
  /** Surface form of one id, e.g. `▁the`, `<0x0A>`, `</s>`. */
  piece(id: number): string;
  kind(id: number): 'normal' | 'unknown' | 'control' | 'user-defined' | 'byte' | 'unused';
  /** Id of a piece, or undefined. */
  id(piece: string): number | undefined;
  /** Whether the normalizer inserts a space before the first word. */
  readonly addsDummyPrefix: boolean;
}

/** Options of Qualcomm's HTP backend. */
export interface QnnOptions {
  /** Absolute path of the folder with Qualcomm's libraries (`QnnHtp`, `QnnSystem`, …), all of one release. */
  readonly folder: string;
  /** QNN's report per step: nothing; times and HVX threads; or also cycles and operators. Default `basic`. */
  readonly profile?: 'off' | 'basic' | 'detailed';
  /** Only for context binaries, which need no ExecuTorch. Default false. */
  readonly onlyContexts?: boolean;
  /** The accelerator's performance mode. Default: the program's own setting. */
  readonly performance?:
    | 'default'
    | 'sustained-high'
    | 'burst'
    | 'high'
    | 'power-saver'
    | 'low-power-saver'
    | 'high-power-saver'
    | 'low-balanced'
    | 'balanced';
}

/** The loaded libraries' own versions. */
export interface QnnLibraries {
  /** Release of the HTP backend, e.g. `v2.49.40.260810104044`; absent if unknown. */
  readonly buildId?: string;
  /** Its interface version, e.g. `2.38.0`. */
  readonly coreApi: string;
}

/**
 * Loads Qualcomm's libraries and sets the options of the QNN backend. Call it once per process, before the first
 * program for that backend. The CPU does not need it. If the process still has objects of QNN when it exits, it ends in a
 * listener of `exit`, with its status and without unloading Qualcomm's libraries, which would abort or hang.
 * @throws `library-missing` with the file, `library-mismatch`, `backend-missing`, `invalid-argument` if another folder
 * is in use.
 */
export function useQnn(options: QnnOptions): QnnLibraries;
/**
 * Reads the descriptions of a model's context binaries and checks that the parts belong together. Call {@link useQnn} first.
 * Qualcomm's library parses the files, so a hostile one may end the process.
 * @throws `file-not-found`, `file-unreadable`, `program-invalid`, `data-missing` for a missing part, `program-unsupported`
 * with the difference from a model that this addon runs
 */
export function describeContexts(options: ContextOptions): ContextFacts;

export interface CageOptions {
  /**
   * Absolute paths of files and folders that stay readable, beside those of the system's libraries. A path that does not exist
   * is ignored.
   */
  readonly readable?: readonly string[];
  /** Leaves `/dev/shm` writable: Chromium makes its shared memory there. Default false. */
  readonly sharedMemory?: boolean;
  /** Linux: the layers. Default true. Tests try each alone. */
  readonly landlock?: boolean;
  readonly seccomp?: boolean;
}

/** What the process can no longer do. */
export interface Cage {
  /** It reads the readable paths alone. */
  readonly reads: boolean;
  /** It writes no file. */
  readonly writes: boolean;
  /** It opens no connection. */
  readonly connections: boolean;
  /** It starts no program and reaches into no other process. */
  readonly processes: boolean;
  /** A short reason for each layer that is not up. */
  readonly missing: readonly string[];
}

/**
 * Puts this process, with all its threads, into the cage, for good. Call it after the libraries are loaded and before native
 * code reads a model. It does not throw for a system that lacks a layer.
 * @throws `invalid-argument`
 */
export function enterCage(options?: CageOptions): Cage;
export function runtimeInfo(): RuntimeInfo;
/**
 * Returns the `names` (with overload, e.g. `aten::add.out`) without a registered kernel, without repetition.
 * @throws `invalid-argument`
 */
export function missingOperators(names: readonly string[]): readonly string[];
/** Sends the runtime's own log lines (ExecuTorch, XNNPACK, QNN) to `listener`, at or above `level`; undefined restores silence. */
export function setLog(
  level: 'debug' | 'info' | 'warning' | 'error',
  listener?: (level: string, message: string) => void,
): void;
