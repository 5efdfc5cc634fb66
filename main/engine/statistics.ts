/**
 * Turns token times into the statistics of an answer. Names follow ExecuTorch's `Stats`; times are µs on a steady clock. A
 * value that the backend does not report is absent, never zero and never estimated.
 */
import type { GenerationStatistics, Percentiles, TokenEvent } from './protocol.ts';
import type { AnswerPiece, PromptRead } from './runner.ts';
import type { Said } from './thoughts/reader.ts';

type TokenPiece = Extract<AnswerPiece, { kind: 'token' }>;

/** Steady clock, µs. */
export const nowUs = (): number => performance.now() * 1000;

/** Nearest-rank percentiles; undefined without values. */
export function percentiles(values: readonly number[]): Percentiles | undefined {
  if (values.length === 0) return undefined;
  const sorted = Float64Array.from(values).sort();
  const at = (fraction: number): number => sorted[Math.ceil(fraction * sorted.length) - 1] ?? Number.NaN;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

/**
 * A token for the window and the command line.
 * @param timeToFirstTokenUs of the answer, on its first token
 */
export function tokenEvent(
  { id, timings }: Pick<TokenPiece, 'id' | 'timings'>,
  { text, thought }: Said,
  timeToFirstTokenUs?: number,
): TokenEvent {
  const { wallUs, backendUs, acceleratorUs, hvxThreads, htp, samplingUs, accepted } = timings;
  return {
    ...(id === undefined ? {} : { id }),
    text,
    ...(thought === undefined ? {} : { thought }),
    stepUs: wallUs + samplingUs,
    samplingUs,
    ...(acceleratorUs === undefined ? {} : { acceleratorUs }),
    ...(backendUs === undefined ? {} : { backendUs, hostUs: Math.max(0, wallUs - backendUs) }),
    ...(hvxThreads === undefined ? {} : { hvxThreads }),
    ...(htp === undefined ? {} : { htp }),
    ...(accepted === undefined ? {} : { accepted }),
    ...(timeToFirstTokenUs === undefined ? {} : { timeToFirstTokenUs }),
  };
}

export class GenerationTimer {
  readonly #arrivedUs: number;
  readonly #stepUs: number[] = [];
  readonly #acceleratorUs: number[] = [];
  #hvxThreads: number | undefined;
  #prompt: PromptRead | undefined;
  #firstTokenUs: number | undefined;
  #lastTokenUs = 0;
  #generatedTokens = 0;
  #acceptedTokens = 0;

  constructor(arrivedUs: number) {
    this.#arrivedUs = arrivedUs;
  }

  read(prompt: PromptRead): void {
    this.#prompt = prompt;
  }

  /** A token of the answer was sampled. @returns the time to the first token, for that one */
  generated(step: TokenPiece['timings']): number | undefined {
    this.#lastTokenUs = nowUs();
    this.#generatedTokens++;
    if (this.#firstTokenUs === undefined) {
      // The first token is sampled from the prefill's logits and needs no step.
      this.#firstTokenUs = this.#lastTokenUs;
      return this.#firstTokenUs - this.#arrivedUs;
    }
    if (step.accepted === true) {
      this.#acceptedTokens++;
      return undefined;
    }
    this.#stepUs.push(step.wallUs + step.samplingUs);
    if (step.acceleratorUs !== undefined) this.#acceleratorUs.push(step.acceleratorUs);
    if (step.hvxThreads !== undefined) this.#hvxThreads = step.hvxThreads;
    return undefined;
  }

  finish(contextUsed: number, contextLength: number): GenerationStatistics {
    const {
      promptTokens = 0,
      reusedTokens = 0,
      encodeUs = 0,
      prefillUs = 0,
      chunks: prefillChunks = [],
    } = this.#prompt ?? {};
    const newTokens = prefillChunks.reduce((sum, chunk) => sum + chunk.tokens, 0);
    const decodeUs = this.#lastTokenUs - (this.#firstTokenUs ?? 0);
    const stepUs = percentiles(this.#stepUs);
    const acceleratorUs = percentiles(this.#acceleratorUs);
    const hvxThreads = this.#hvxThreads ?? prefillChunks.find((chunk) => chunk.hvxThreads !== undefined)?.hvxThreads;
    return {
      promptTokens,
      reusedTokens,
      generatedTokens: this.#generatedTokens,
      ...(this.#acceptedTokens === 0 ? {} : { acceptedTokens: this.#acceptedTokens }),
      encodeUs,
      ...(this.#firstTokenUs === undefined ? {} : { timeToFirstTokenUs: this.#firstTokenUs - this.#arrivedUs }),
      prefillUs,
      ...(newTokens > 0 && prefillUs > 0 ? { prefillRate: (newTokens / prefillUs) * 1e6 } : {}),
      ...(this.#generatedTokens > 1 && decodeUs > 0
        ? { decodeRate: ((this.#generatedTokens - 1) / decodeUs) * 1e6 }
        : {}),
      prefillChunks,
      ...(stepUs === undefined ? {} : { stepUs }),
      ...(acceleratorUs === undefined ? {} : { acceleratorUs }),
      ...(hvxThreads === undefined ? {} : { hvxThreads }),
      contextUsed,
      contextLength,
      residentBytes: process.memoryUsage.rss(),
    };
  }
}
