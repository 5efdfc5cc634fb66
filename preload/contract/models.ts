/** The library of models, the details of one model, and the state of the loaded model. */
import { z } from 'zod';
import type { ModelFileState } from './additions.ts';
import type { AppError } from './errors.ts';
import type { Settings } from './settings.ts';
import type { TemplateInfo } from './templates.ts';

const spread = z.object({ median: z.number(), least: z.number(), most: z.number() });
const percentiles = z.object({ p50: z.number(), p95: z.number(), p99: z.number() });

/**
 * Speed of a model on this machine. Times in µs, rates per second; a figure that the backend does not report is absent.
 */
export const benchmarkFigures = z.object({
  /** Where the model ran. Figures of one place are never shown for another. */
  place: z.enum(['CPU', 'emulator', 'device']),
  backend: z.string(),
  /** Name that the machine reports. */
  machine: z.string(),
  threads: z.number().optional(),
  promptTokens: z.number(),
  tokens: z.number(),
  runs: z.number(),
  prefillRate: spread.optional(),
  decodeRate: spread.optional(),
  timeToFirstTokenUs: spread.optional(),
  stepUs: percentiles.optional(),
  /** Share of the total token time spent on the accelerator, 0 to 1. */
  acceleratorShare: z.number().optional(),
  residentBytes: z.number(),
});
export interface ModelBenchmark extends z.output<typeof benchmarkFigures> {
  /** Unix time, ms. */
  readonly measuredAt: number;
}

/** Run 0 is the warm-up. Without `run`, no benchmark is running. */
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
  /** False if some files are no longer in place. */
  readonly available: boolean;
  readonly files: ModelFileState;
  /** The engine crashed twice in a row with this model, so it loads only if the person insists. */
  readonly quarantined: boolean;
  /** All files are in a folder of the library that holds nothing else, so Wyvern may delete them. */
  readonly owned: boolean;
  /** Target chip, e.g. `Snapdragon 8 Elite (V79)`; absent for CPU models. */
  readonly target?: string;
  /** Where the model runs on this machine, e.g. `CPU (XNNPACK)`; absent if the program cannot be read. */
  readonly backend?: string;
  /** Why the model cannot run on this machine; absent if nothing in the program prevents it. */
  readonly misfit?: string;
  /** Context length in tokens from the last load; before the first load, from the exporter's metadata. */
  readonly contextLength?: number;
  readonly parameters?: number;
  /** Unix time, ms. */
  readonly usedAt?: number;
  /** Result of the last benchmark on this machine. */
  readonly benchmark?: ModelBenchmark;
}

/** One method of a program, as text. */
export interface ModelMethod {
  readonly name: string;
  /** E.g. `int64 [1, 511]` or `8 × uint8 [1, 4, 8, 255]`; long lists are cut. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly delegates: readonly { readonly backend: string; readonly parts: number; readonly bytes: number }[];
}

/** Details of a model, from its files and from its last load. */
export interface ModelDetails {
  readonly id: string;
  /** The files cannot be read, or they changed. */
  readonly problem?: AppError;
  readonly files: readonly { readonly name: string; readonly bytes?: number }[];
  readonly methods: readonly ModelMethod[];
  /** Operators of all methods, each once; long lists are cut. */
  readonly operators: readonly string[];
  readonly operatorCount: number;
  /** Bytes for KV cache, activations and arguments, from the program's memory plan, else from the last load. */
  readonly stateBytes?: number;
  /**
   * Whether the model can go back in a chat. False: after an edit it reads the whole chat again. Absent: only loading it tells.
   */
  readonly rewinds?: boolean;
  readonly compiledFor?: {
    readonly chip: string;
    readonly runsOn: 'device' | 'emulator' | 'unknown';
    readonly parts: number;
    readonly contextBytes: number;
    /** Release of QNN that compiled it, e.g. `2.49.40`; absent if its files do not say. */
    readonly release?: string;
    /** This machine's chip, if the program was compiled for another one with the same architecture. */
    readonly otherChip?: string;
  };
  /** Inputs of a multimodal program that Wyvern does not use. */
  readonly unusedMedia?: readonly ('images' | 'sound')[];
  /** Absent until the model was loaded once. */
  readonly tokenizer?: { readonly kind: string; readonly vocabSize: number };
  readonly vocabSize?: number;
}

/** Qualcomm's libraries in use. */
export interface NpuState {
  /** Release, e.g. `2.49.40`; absent if the libraries do not report it. */
  readonly release?: string;
  readonly folder: string;
  /** Source of the library that runs on the NPU. */
  readonly dspPart: 'folder' | 'driver';
  readonly profileLevel: Settings['profileLevel'];
  readonly performanceMode: Settings['performanceMode'];
}

export type ModelState =
  /** The app has just started and will load the last used model. Messages sent now wait for it. */
  | { readonly status: 'starting' }
  | {
      readonly status: 'none';
      /** The model was unloaded because it was idle; the next message loads it again. */
      readonly idle?: { readonly modelId: string; readonly name: string; readonly minutes: number };
    }
  | {
      readonly status: 'loading';
      readonly modelId: string;
      readonly name: string;
      readonly stage: string;
      readonly fraction: number;
      /** Bytes of this stage; absent for a stage that does not count bytes. */
      readonly bytesDone?: number;
      readonly bytesTotal?: number;
    }
  | {
      readonly status: 'ready';
      readonly modelId: string;
      readonly name: string;
      /** Text for people, e.g. `CPU (XNNPACK)`, `HTP (emulator)`, `HTP (device)`. */
      readonly backend: string;
      readonly contextLength: number;
      /** Absent if the model's runner tokenizes by itself. */
      readonly vocabSize?: number;
      readonly chatTemplate: TemplateInfo;
      /** Values in the bundle's files that were not used; `field` is absent for a whole file. */
      readonly notes?: readonly { readonly file: string; readonly field?: string; readonly value: string }[];
      readonly residentBytes: number;
      readonly npu?: NpuState;
    }
  | { readonly status: 'failed'; readonly modelId?: string; readonly name?: string; readonly error: AppError };
