/** Named settings of answers. */
import type { GenerationOverrides, Preset } from '../preload/contract.ts';
import { validOverrides } from './settings.ts';
import type { PresetTable } from './store/presets.ts';

export class Presets {
  readonly #table: PresetTable;

  constructor(table: PresetTable) {
    this.#table = table;
  }

  list(): readonly Preset[] {
    return this.#table.list().map((preset) => ({ ...preset, settings: validOverrides(preset.settings) }));
  }

  save(preset: {
    readonly id: string;
    readonly name: string;
    readonly settings: GenerationOverrides;
  }): readonly Preset[] {
    this.#table.save(preset);
    return this.list();
  }

  delete(id: string): readonly Preset[] {
    this.#table.delete(id);
    return this.list();
  }
}
