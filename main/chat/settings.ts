/** The person's settings: defaults, overlaid with what was stored and is still valid. */
import type { GenerationSettings, Settings } from '../../preload/contract.ts';
import { defaultServerPort } from '../../preload/contract/values.ts';
import type { SamplingSettings } from '../engine/protocol.ts';
import type { EngineSettings } from '../library/current-model.ts';
import type { FoundBundle } from '../library/found-bundle.ts';
import { defaultSampling, samplingOf } from '../models/default-sampling.ts';
import type { SettingsTable } from '../store/settings.ts';
import { validOverrides, validSettings } from '../store/valid-settings.ts';

export const defaultSettings: Settings = {
  theme: 'system',
  language: 'system',
  textSize: '100',
  motion: 'system',
  automaticTitles: true,
  openThoughts: false,
  ...defaultSampling,
  maxTokens: 0,
  maxThoughtTokens: 0,
  systemPrompt: '',
  systemPlace: 'ask',
  seed: null,
  stopStrings: [],
  threads: 0,
  idleUnload: 'never',
  performanceMode: 'default',
  profileLevel: 'basic',
  qnnFolder: '',
  serverOn: false,
  serverPort: defaultServerPort,
};

/** What one answer is made with. */
export interface AnswerSettings extends Pick<
  GenerationSettings,
  'systemPrompt' | 'systemPlace' | 'maxTokens' | 'maxThoughtTokens' | 'stopStrings'
> {
  readonly sampling: SamplingSettings;
  /** Absent: the model's template decides. */
  readonly thinking?: boolean;
}

export type SettingsChange = (settings: Settings) => void;

export class SettingsService {
  readonly #table: SettingsTable;
  readonly #onChange: SettingsChange;
  /** What the person has chosen; the rest is a default. */
  #chosen: Partial<Settings>;

  constructor(table: SettingsTable, onChange: SettingsChange) {
    this.#table = table;
    this.#onChange = onChange;
    this.#chosen = validSettings(table.all());
    onChange(this.get());
  }

  /** Others were put into the store. */
  reload(): void {
    this.#chosen = validSettings(this.#table.all());
    this.#onChange(this.get());
  }

  get(): Settings {
    return { ...defaultSettings, ...this.#chosen };
  }

  /**
   * The conversation's values come first, then the person's, then the model's recommendation, then the defaults.
   */
  forAnswer(recommended: FoundBundle['sampling'], own: Readonly<Record<string, unknown>>): AnswerSettings {
    const chats = validOverrides(own);
    const all = { ...defaultSettings, ...samplingOf(recommended), ...this.#chosen, ...chats };
    const { systemPrompt, systemPlace, maxTokens, maxThoughtTokens, stopStrings, seed } = all;
    const { temperature, topK, topP, minP, repetitionPenalty } = all;
    const sampling = { temperature, topK, topP, minP, repetitionPenalty, ...(seed === null ? {} : { seed }) };
    const { thinking } = chats;
    const answer = { systemPrompt, systemPlace, maxTokens, maxThoughtTokens, stopStrings, sampling };
    return thinking === undefined ? answer : { ...answer, thinking };
  }

  /** Minutes without use until the model is unloaded; undefined: never. */
  get idleMinutes(): number | undefined {
    const { idleUnload } = this.get();
    return idleUnload === 'never' ? undefined : Number(idleUnload);
  }

  /** How the next load is to run. */
  engine(): EngineSettings {
    const { threads, performanceMode, profileLevel, qnnFolder } = this.get();
    return {
      ...(threads > 0 ? { threads } : {}),
      npu: {
        profile: profileLevel,
        ...(performanceMode === 'default' ? {} : { performance: performanceMode }),
        ...(qnnFolder === '' ? {} : { folder: qnnFolder }),
      },
    };
  }

  /** Stores what is given; the rest stays. */
  set(change: { readonly [K in keyof Settings]?: Settings[K] | undefined }): Settings {
    for (const [key, value] of Object.entries(change)) {
      if (value !== undefined) this.#table.set(key, value);
    }
    this.#chosen = { ...this.#chosen, ...validSettings(change) };
    const settings = this.get();
    this.#onChange(settings);
    return settings;
  }
}
