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
  textSizes,
  themes,
} from './values.ts';

/** How answers are made: a person's defaults, and what a conversation or a preset sets otherwise. */
const generation = z.object({
  systemPrompt: z.string().max(100_000),
  temperature: z.number().min(0).max(5),
  topK: z.number().int().min(0).max(1_000_000),
  topP: z.number().gt(0).max(1),
  minP: z.number().min(0).lt(1),
  repetitionPenalty: z.number().gt(0).max(10),
  /** 0: until the model stops or the context ends. */
  maxTokens: z.number().int().min(0).max(1_000_000),
  /** null: another one for each answer. */
  seed: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).nullable(),
  /** Each ends an answer; it is not part of it. */
  stopStrings: z.array(z.string().min(1).max(longestStopString)).max(mostStopStrings),
});

export type GenerationSettings = z.infer<typeof generation>;

/** What differs from the person's settings; absent: as those are. */
export const generationOverrides = generation.partial();

export type GenerationOverrides = z.infer<typeof generationOverrides>;

export const settings = generation.extend({
  theme: z.enum(themes),
  language: z.enum(languages),
  textSize: z.enum(textSizes),
  motion: z.enum(motions),
  /** The model names a chat after its first answer. */
  automaticTitles: z.boolean(),
  /** 0: chosen by the engine. */
  threads: z.number().int().min(0).max(256),
  /** Minutes without use until the model is unloaded. */
  idleUnload: z.enum(idleUnloads),
  /** Takes effect on the next load, as the two below. */
  performanceMode: z.enum(performanceModes),
  profileLevel: z.enum(profileLevels),
  /** Folder of Qualcomm's libraries; empty: looked for. */
  qnnFolder: z.string().max(32_768),
});

export type Settings = z.infer<typeof settings>;

export interface Preset {
  readonly id: string;
  readonly name: string;
  readonly settings: GenerationOverrides;
}
