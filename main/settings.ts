/** The person's settings: defaults, overlaid with what was stored and is still valid. */
import { callInputs } from '../preload/contract.ts';
import type { Settings } from '../preload/contract.ts';
import type { SettingsTable } from './store/settings.ts';

export const defaultSettings: Settings = {
  theme: 'system',
  temperature: 0.7,
  topK: 40,
  topP: 0.95,
  minP: 0.05,
  repetitionPenalty: 1.1,
  maxTokens: 0,
  systemPrompt: '',
  threads: 0,
};

export type SettingsChange = (settings: Settings) => void;

export class SettingsService {
  readonly #table: SettingsTable;
  readonly #onChange: SettingsChange;
  #current: Settings;

  constructor(table: SettingsTable, onChange: SettingsChange) {
    this.#table = table;
    this.#onChange = onChange;
    this.#current = { ...defaultSettings, ...validParts(table.all()) };
    onChange(this.#current);
  }

  get(): Settings {
    return this.#current;
  }

  /** Stores what is given; the rest stays. */
  set(change: { readonly [K in keyof Settings]?: Settings[K] | undefined }): Settings {
    for (const [key, value] of Object.entries(change)) {
      if (value !== undefined) this.#table.set(key, value);
    }
    this.#current = { ...this.#current, ...validParts(change) };
    this.#onChange(this.#current);
    return this.#current;
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
