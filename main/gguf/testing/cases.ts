/** Tiny models for comparisons with llama.cpp: every block type, and every architecture with its variants. */
import type { TinyModel } from './tiny-models.ts';

/** GGUF's numbers of the block types. */
const types = {
  ...{ F32: 0, F16: 1, BF16: 30, Q4_0: 2, Q4_1: 3, Q5_0: 6, Q5_1: 7, Q8_0: 8 },
  ...{ Q2_K: 10, Q3_K: 11, Q4_K: 12, Q5_K: 13, Q6_K: 14, IQ4_NL: 20, IQ4_XS: 23 },
} as const;

/** Llama 3's factors: low frequencies are divided by 8, high ones are kept. */
const llama3Factors = Array.from({ length: 32 }, (_, pair) => (pair < 12 ? 1 : pair < 20 ? 1 + (pair - 12) : 8));

export const referenceModels: Readonly<Record<string, TinyModel>> = {
  ...Object.fromEntries(
    Object.entries(types).map(([name, type]) => [
      `llama, ${name}`,
      { architecture: 'llama', type, tableType: type } satisfies TinyModel,
    ]),
  ),
  'llama, output of its own': { architecture: 'llama', type: types.Q8_0, untied: true },
  'llama, factors of Llama 3': {
    architecture: 'llama',
    type: types.Q8_0,
    vectors: { 'rope_freqs.weight': llama3Factors },
  },
  'llama, linear scaling': {
    architecture: 'llama',
    type: types.Q8_0,
    metadata: { 'llama.rope.scaling.type': 'linear', 'llama.rope.scaling.factor': 4.5 },
  },
  'llama, YaRN': {
    architecture: 'llama',
    type: types.Q8_0,
    metadata: {
      'llama.rope.scaling.type': 'yarn',
      'llama.rope.scaling.factor': 4.5,
      'llama.rope.scaling.original_context_length': 64,
    },
  },
  qwen2: { architecture: 'qwen2', type: types.Q8_0 },
  'qwen2, Q4_K': { architecture: 'qwen2', type: types.Q4_K },
  qwen3: { architecture: 'qwen3', type: types.Q8_0 },
  // Seven layers, so that one sees the whole context. The window is shorter than the answers.
  gemma3: {
    architecture: 'gemma3',
    type: types.Q8_0,
    layers: 7,
    metadata: { 'gemma3.attention.sliding_window': 12, 'gemma3.rope.freq_base': 1_000_000.5 },
  },
  'gemma3, linear scaling of global layers': {
    architecture: 'gemma3',
    type: types.Q8_0,
    layers: 6,
    headSize: 128,
    metadata: {
      'gemma3.attention.sliding_window': 12,
      'gemma3.rope.scaling.type': 'linear',
      'gemma3.rope.scaling.factor': 8.5,
    },
  },
  phi3: {
    architecture: 'phi3',
    type: types.Q8_0,
    untied: true,
    // A name like Phi 3's makes llama.cpp expect its control tokens.
    metadata: { 'general.name': 'Tiny', 'phi3.attention.sliding_window': 4, 'phi3.rope.dimension_count': 64 },
  },
  'phi3, LongRoPE over three quarters of a head': {
    architecture: 'phi3',
    type: types.Q8_0,
    metadata: {
      'general.name': 'Tiny',
      'phi3.rope.dimension_count': 48,
      'phi3.rope.scaling.original_context_length': 128,
      'phi3.rope.scaling.attn_factor': 1.19,
    },
    vectors: {
      'rope_factors_short.weight': Array.from({ length: 24 }, (_, pair) => 1 + pair / 24),
      'rope_factors_long.weight': Array.from({ length: 24 }, (_, pair) => 1 + pair / 2),
    },
  },
  smollm3: { architecture: 'smollm3', type: types.Q8_0, layers: 5 },
  'qwen3, wide heads': { architecture: 'qwen3', type: types.Q8_0, headSize: 128 },
};

/** Prompts of each model, as token ids of the tiny vocabulary. */
export const referencePrompts: readonly (readonly number[])[] = [
  [40, 41, 42, 43, 44, 45, 46],
  [260, 72, 101, 256, 12, 99, 260, 301, 200, 5],
  [33],
];
/** Tokens after each prompt. */
export const referenceTokens = 24;
