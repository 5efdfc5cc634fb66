/** What is known about the time of one answer, token by token. Times in µs, absent where the backend does not report them. */

/** Of one step, from the NPU's detailed profile; absent where it is not reported. */
interface LiveHtp {
  readonly vtcmAcquireUs?: number;
  readonly powerOnUs?: number;
  readonly rpcUs?: number;
  readonly cycles?: number;
  readonly slowestOperators: readonly { readonly name: string; readonly cycles: number }[];
}

/** One token as the window sees it. */
export interface LiveToken {
  /** Text that became complete with this token; may be empty. */
  readonly text: string;
  /** The pass of the model that the token needed, and choosing it. */
  readonly stepUs: number;
  /** Of it on the accelerator. */
  readonly acceleratorUs?: number;
  /** Of it inside the backend, the accelerator's share included. */
  readonly backendUs?: number;
  readonly samplingUs: number;
  readonly hvxThreads?: number;
  readonly htp?: LiveHtp;
  /**
   * On the first token after a prompt: since the request arrived in the engine. Such a token is chosen from what reading
   * the prompt gave, and needs no pass of its own.
   */
  readonly timeToFirstTokenUs?: number;
}

/** One call of the model that read a part of the prompt. */
interface RunChunk {
  readonly tokens: number;
  readonly wallUs: number;
  readonly acceleratorUs?: number;
  readonly backendUs?: number;
}

/** How the prompt was read. */
export interface RunPrefill {
  readonly promptTokens: number;
  /** Of them remembered from the turn before: not read again. */
  readonly reusedTokens: number;
  readonly prefillUs: number;
  readonly chunks: readonly RunChunk[];
  /** Of the engine process, once the prompt was read. */
  readonly residentBytes: number;
}

/** Nearest rank, µs. */
export interface RunPercentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Where an answer was made. */
export interface RunPlace {
  readonly model: string;
  /** As the window names it, e.g. `HTP (emulator)`. */
  readonly backend: string;
  readonly contextLength: number;
  /** Of the NPU, as it was asked for. */
  readonly performanceMode?: string;
}

/** One answer's run: the time of each of its tokens, in order. */
export interface Run extends RunPlace {
  readonly messageId: string;
  /** Of the last time that the answer was begun or went on; absent until the prompt is read. */
  readonly prefill?: RunPrefill;
  readonly tokens: readonly LiveToken[];
}
