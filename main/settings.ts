/** The person's settings: defaults, overlaid with what was stored and is still valid. */
import { callInputs } from '../preload/contract.ts';
import type { Settings } from '../preload/contract.ts';
import type { SamplingSettings } from './engine/protocol.ts';
import type { EngineSettings, FoundBundle } from './model-library.ts';
import type { SettingsTable } from './store/settings.ts';

export const defaultSettings: Settings = {
  theme: 'system',
  temperature: 0.2,
  topK: 0,
  topP: 0.9,
  minP: 0,
  repetitionPenalty: 1.1,
  maxTokens: 0,
  systemPrompt: '',
  threads: 0,
  performanceMode: 'default',
  profileLevel: 'basic',
  qnnFolder: '',
};

/** Always the likeliest token. */
const samplingOff: SamplingSettings = { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 };

export type SettingsChange = (settings: Settings) => void;

export class SettingsService {
  readonly #table: SettingsTable;
  readonly #onChange: SettingsChange;
  /** What the person has chosen; the rest is a default. */
  #chosen: Partial<Settings>;

  constructor(table: SettingsTable, onChange: SettingsChange) {
    this.#table = table;
    this.#onChange = onChange;
    this.#chosen = validParts(table.all());
    onChange(this.get());
  }

  get(): Settings {
    return { ...defaultSettings, ...this.#chosen };
  }

  /**
   * How to choose tokens: as the person has set it, else as the model's bundle recommends, else the defaults. A bundle's
   * recommendation is whole: what it does not name is off.
   */
  sampling(recommended: FoundBundle['sampling']): SamplingSettings {
    const { temperature, topK, topP, minP, repetitionPenalty } = {
      ...(Object.values(recommended).some((value) => value !== undefined)
        ? { ...samplingOff, ...validParts(recommended) }
        : defaultSettings),
      ...this.#chosen,
    };
    return { temperature, topK, topP, minP, repetitionPenalty };
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
    this.#chosen = { ...this.#chosen, ...validParts(change) };
    const settings = this.get();
    this.#onChange(settings);
    return settings;
  }
}

/** Each value by itself: one that is damaged or from another version falls back alone. */
function validParts(values: Readonly<Record<string, unknown>>): Partial<Settings> {
  const entries = Object.keys(defaultSettings).flatMap((key) => {
    if (values[key] === undefined) return [];
    const parsed = callInputs['settings.set'].safeParse({ [key]: values[key] });
    return parsed.success ? Object.entries(parsed.data) : [];
  });
  return Object.fromEntries(entries);
}
