/** The library of models as the window sees it, what one of them is made of, and what is loaded. */
import { z } from 'zod';
import type { ModelFileState } from './contract-imports.ts';
import type { TemplateInfo } from './contract-templates.ts';
import type { AppError, Settings } from './contract.ts';

const spread = z.object({ median: z.number(), least: z.number(), most: z.number() });
const percentiles = z.object({ p50: z.number(), p95: z.number(), p99: z.number() });

/** How fast a model was on this machine; what its backend did not report is absent. Times in µs, rates per second. */
export const benchmarkFigures = z.object({
  /** Where the model ran: never told of one what another did. */
  place: z.enum(['CPU', 'emulator', 'device']),
  backend: z.string(),
  /** As it names itself. */
  machine: z.string(),
  threads: z.number().optional(),
  promptTokens: z.number(),
  tokens: z.number(),
  runs: z.number(),
  prefillRate: spread.optional(),
  decodeRate: spread.optional(),
  timeToFirstTokenUs: spread.optional(),
  stepUs: percentiles.optional(),
  /** Of the time of all tokens, what was spent on the accelerator. */
  acceleratorShare: z.number().optional(),
  residentBytes: z.number(),
});
export interface ModelBenchmark extends z.output<typeof benchmarkFigures> {
  /** Unix time, ms. */
  readonly measuredAt: number;
}

/** Run 0 does not count; without a run nothing is measured. */
export interface BenchmarkProgress {
  readonly modelId?: string;
  readonly run?: number;
  readonly runs?: number;
}

export interface ModelEntry {
  readonly id: string;
  readonly name: string;
  readonly folder: string;
  readonly bytes: number;
  readonly license?: string;
  readonly bundled: boolean;
  /** False when some of its files are no longer where they were. */
  readonly available: boolean;
  readonly files: ModelFileState;
  /** The engine died over it, twice in a row: it is loaded only if the person insists. */
  readonly quarantined: boolean;
  /** Its files are the only ones in a folder of the library's own: they can be deleted from here. */
  readonly owned: boolean;
  /** The chip it was compiled for, e.g. `Snapdragon 8 Elite (V79)`; absent for models of the CPU. */
  readonly target?: string;
  /** What would run it here, e.g. `CPU (XNNPACK)`; absent where its program cannot be read. */
  readonly backend?: string;
  /** Why it cannot run on this machine; absent if it can, as far as its program tells. */
  readonly misfit?: string;
  /** Tokens, as it was when it was loaded last, else as its exporter wrote it down. */
  readonly contextLength?: number;
  readonly parameters?: number;
  /** Unix time, ms. */
  readonly usedAt?: number;
  /** The last one on this machine. */
  readonly benchmark?: ModelBenchmark;
}

/** One method of a program, in words. */
export interface ModelMethod {
  readonly name: string;
  /** E.g. `int64 [1, 511]` or `8 × uint8 [1, 4, 8, 255]`; long lists are cut. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly delegates: readonly { readonly backend: string; readonly parts: number; readonly bytes: number }[];
}

/** What a model is made of, as far as its files tell without running it, and what it told when it ran. */
export interface ModelDetails {
  readonly id: string;
  /** Its files cannot be read, or are not what they were. */
  readonly problem?: AppError;
  readonly files: readonly { readonly name: string; readonly bytes?: number }[];
  readonly methods: readonly ModelMethod[];
  /** Of all methods, each once; long lists are cut. */
  readonly operators: readonly string[];
  readonly operatorCount: number;
  /** KV cache, activations and arguments, as the program asks for them. */
  readonly stateBytes?: number;
  readonly compiledFor?: {
    readonly chip: string;
    readonly runsOn: 'device' | 'emulator' | 'unknown';
    readonly parts: number;
    readonly contextBytes: number;
  };
  /** Known once it has been loaded. */
  readonly tokenizer?: { readonly kind: string; readonly vocabSize: number };
  readonly vocabSize?: number;
}

/** Qualcomm's libraries in use. */
export interface NpuState {
  /** Release, e.g. `2.49.40`; absent if the libraries do not tell. */
  readonly release?: string;
  readonly folder: string;
  /** Where the part that runs on the NPU comes from. */
  readonly dspPart: 'folder' | 'driver';
  readonly profileLevel: Settings['profileLevel'];
  readonly performanceMode: Settings['performanceMode'];
}

export type ModelState =
  /** The app has just started and is about to load the model used last: what is sent waits for it. */
  | { readonly status: 'starting' }
  | {
      readonly status: 'none';
      /** It was unloaded because nobody used it; the next message loads it again. */
      readonly idle?: { readonly modelId: string; readonly name: string; readonly minutes: number };
    }
  | {
      readonly status: 'loading';
      readonly modelId: string;
      readonly name: string;
      readonly stage: string;
      readonly fraction: number;
      /** Of this stage; absent where it does not count bytes. */
      readonly bytesDone?: number;
      readonly bytesTotal?: number;
    }
  | {
      readonly status: 'ready';
      readonly modelId: string;
      readonly name: string;
      /** What a person should read, e.g. `CPU (XNNPACK)`, `HTP (emulator)`, `HTP (device)`. */
      readonly backend: string;
      readonly contextLength: number;
      /** Absent where the model's runner makes tokens by itself. */
      readonly vocabSize?: number;
      readonly chatTemplate: TemplateInfo;
      readonly residentBytes: number;
      readonly npu?: NpuState;
    }
  | { readonly status: 'failed'; readonly modelId?: string; readonly name?: string; readonly error: AppError };
