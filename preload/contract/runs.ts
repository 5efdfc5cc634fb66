/** The time of one answer, token by token. Times in µs; a time that the backend does not report is absent. */

/** Figures of one step from the NPU's detailed profile. */
interface LiveHtp {
  readonly vtcmAcquireUs?: number;
  readonly powerOnUs?: number;
  readonly rpcUs?: number;
  readonly cycles?: number;
  /** Time on the accelerator of each part, for a model in several context binaries. */
  readonly partsUs?: readonly number[];
  readonly slowestOperators: readonly { readonly name: string; readonly cycles: number }[];
}

/** One token of a run. */
export interface LiveToken {
  /** Text of the answer that this token completed; may be empty. */
  readonly text: string;
  /** Present if the token belongs to the thought: the text of the thought that it completed. */
  readonly thought?: string;
  /** Time of the model's pass for this token and of sampling. */
  readonly stepUs: number;
  /** Part of `stepUs` on the accelerator. */
  readonly acceleratorUs?: number;
  /** Part of `stepUs` inside the backend, accelerator included. */
  readonly backendUs?: number;
  readonly samplingUs: number;
  readonly hvxThreads?: number;
  readonly htp?: LiveHtp;
  /**
   * Set if prompt lookup drafted this token and the model accepted it: the pass of an earlier token computed its logits, so
   * `stepUs` is the time of sampling.
   */
  readonly accepted?: true;
  /**
   * Set on the first token after a prompt: time since the request reached the engine. Sampling takes this token from
   * the logits of the prefill, so it needs no pass of its own.
   */
  readonly timeToFirstTokenUs?: number;
}

/** One prefill call of the model. */
interface RunChunk {
  readonly tokens: number;
  readonly wallUs: number;
  readonly acceleratorUs?: number;
  readonly backendUs?: number;
}

/** Prefill of the prompt. */
export interface RunPrefill {
  readonly promptTokens: number;
  /** Prompt tokens that were already in the KV cache. */
  readonly reusedTokens: number;
  readonly prefillUs: number;
  readonly chunks: readonly RunChunk[];
  /** Resident memory of the engine process after the prefill, in bytes. */
  readonly residentBytes: number;
}

/** Percentiles by nearest rank, µs. */
export interface RunPercentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Where the answer was computed. */
export interface RunPlace {
  readonly model: string;
  /** Name for people, e.g. `HTP (emulator)`. */
  readonly backend: string;
  readonly contextLength: number;
  /** Requested performance mode of the NPU. */
  readonly performanceMode?: string;
}

/** Run of one answer: the time of each token, in order. */
export interface Run extends RunPlace {
  readonly messageId: string;
  /** Prefill of the last start or continuation; absent until the prefill is done. */
  readonly prefill?: RunPrefill;
  readonly tokens: readonly LiveToken[];
}
