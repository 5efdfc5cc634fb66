/** Settings of the app, and of the answers of one chat or preset. */
import { z } from 'zod';
import {
  idleUnloads,
  languages,
  longestStopString,
  mostStopStrings,
  motions,
  performanceModes,
  profileLevels,
  systemPlaces,
  textSizes,
  themes,
} from './values.ts';

/** How answers are generated: the person's defaults, and the overrides of a conversation or a preset. */
const generation = z.object({
  systemPrompt: z.string().max(100_000),
  /** Where a template without a place for the system prompt gets it. `ask`: it is left out, and the window offers the choice. */
  systemPlace: z.enum(systemPlaces),
  temperature: z.number().min(0).max(5),
  topK: z.number().int().min(0).max(1_000_000),
  topP: z.number().gt(0).max(1),
  minP: z.number().min(0).lt(1),
  repetitionPenalty: z.number().gt(0).max(10),
  /** 0: until the model stops or the context is full. */
  maxTokens: z.number().int().min(0).max(1_000_000),
  /** Tokens after which a thought is closed, so that the answer begins. 0: no limit. */
  maxThoughtTokens: z.number().int().min(0).max(1_000_000),
  /** null: a new seed for each answer. */
  seed: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).nullable(),
  /** An answer ends before the first of these. */
  stopStrings: z.array(z.string().min(1).max(longestStopString)).max(mostStopStrings),
});

export type GenerationSettings = z.infer<typeof generation>;

/**
 * Overrides of the person's settings; an absent field keeps the person's value. `thinking` has no such value: if it is absent,
 * the model's template decides.
 */
export const generationOverrides = generation.partial().extend({ thinking: z.boolean().optional() });

export type GenerationOverrides = z.infer<typeof generationOverrides>;

export const settings = generation.extend({
  theme: z.enum(themes),
  language: z.enum(languages),
  textSize: z.enum(textSizes),
  motion: z.enum(motions),
  /** The model names each chat after its first answer. */
  automaticTitles: z.boolean(),
  /** A thought is shown while the model generates it. */
  openThoughts: z.boolean(),
  /** 0: the engine chooses. */
  threads: z.number().int().min(0).max(256),
  /** Idle minutes before the model is unloaded. */
  idleUnload: z.enum(idleUnloads),
  /** Takes effect on the next load, like the next two. */
  performanceMode: z.enum(performanceModes),
  profileLevel: z.enum(profileLevels),
  /** Folder of Qualcomm's libraries; empty: Wyvern searches for them. */
  qnnFolder: z.string().max(32_768),
  /** Other programs on this machine may use the loaded model. */
  serverOn: z.boolean(),
  serverPort: z.number().int().min(1024).max(65_535),
});

export type Settings = z.infer<typeof settings>;

export interface Preset {
  readonly id: string;
  readonly name: string;
  readonly settings: GenerationOverrides;
}
