/** Named settings for answers, and their files. */
import { randomUUID } from 'node:crypto';
import type { GenerationOverrides, ImportedPresets, Preset } from '../../preload/contract.ts';
import { additionOf, foldedNames, freeName } from '../exchange/names.ts';
import { type FilePreset, longestPresetName, presetFile } from '../exchange/preset-file.ts';
import { type ChooseSave, saveFile } from '../exchange/save-file.ts';
import { AppFailure } from '../failure.ts';
import { portableName } from '../files/names.ts';
import type { PresetTable } from '../store/presets.ts';
import type { Store } from '../store/store.ts';
import { validOverrides } from '../store/valid-settings.ts';

export interface PresetDependencies {
  readonly table: PresetTable;
  readonly transaction: Store['transaction'];
  readonly chooseSave: ChooseSave;
  /** Asks for a preset file; undefined if the person cancels. */
  readonly chooseFile: () => Promise<string | undefined>;
}

export class Presets {
  readonly #with: PresetDependencies;

  constructor(dependencies: PresetDependencies) {
    this.#with = dependencies;
  }

  list(): readonly Preset[] {
    return this.#with.table.list().map((preset) => ({ ...preset, settings: validOverrides(preset.settings) }));
  }

  save(preset: {
    readonly id: string;
    readonly name: string;
    readonly settings: GenerationOverrides;
  }): readonly Preset[] {
    this.#with.table.save(preset);
    return this.list();
  }

  /** A taken name gets a number. @throws AppFailure `preset-not-found` */
  rename(id: string, wanted: string): { readonly presets: readonly Preset[]; readonly name: string } {
    const all = this.list();
    const preset = all.find((one) => one.id === id);
    if (!preset) throw new AppFailure('preset-not-found', 'This preset no longer exists.', 'Choose another one.');
    const others = all.filter((one) => one !== preset);
    const name = freeName(wanted, foldedNames(others), longestPresetName);
    return { presets: this.save({ ...preset, name }), name };
  }

  delete(id: string): readonly Preset[] {
    this.#with.table.delete(id);
    return this.list();
  }

  /**
   * Writes presets to a file that the person chooses.
   * @param id Absent: all of them.
   * @returns undefined if the person cancelled
   * @throws AppFailure `preset-not-found`, `file-not-written`
   */
  async export(id: string | undefined): Promise<{ readonly path: string; readonly presets: number } | undefined> {
    const presets = this.list().filter((preset) => id === undefined || preset.id === id);
    const [first] = presets;
    if (!first) throw new AppFailure('preset-not-found', 'You have no presets to export.', 'Save one first.');
    const name = `${id === undefined ? 'Wyvern presets' : portableName(first.name, 'Preset')}.json`;
    const path = await saveFile(this.#with.chooseSave, { what: 'presets', name, extension: 'json' }, () => [
      presetFile.write(presets.map(toFile)),
    ]);
    if (path === undefined) return undefined;
    return { path, presets: presets.length };
  }

  /**
   * Adds the presets of a file that the person chooses, all or none. A preset with the same name and settings is skipped; a
   * taken name gets a number.
   * @returns undefined if the person cancelled
   * @throws AppFailure `presets-unreadable`
   */
  async import(): Promise<ImportedPresets | undefined> {
    const path = await this.#with.chooseFile();
    if (path === undefined) return undefined;
    const found = await presetFile.read(path);
    return this.#with.transaction(() => {
      const { added, ...rest } = additionOf(found, this.list().map(toFile), longestPresetName, contentOf);
      for (const preset of added) this.#with.table.save({ id: randomUUID(), ...preset });
      return { presets: this.list(), added: added.length, ...rest };
    });
  }
}

function toFile({ name, settings }: Preset): FilePreset {
  return { name, settings };
}

function contentOf({ settings }: FilePreset): string {
  return JSON.stringify(Object.entries(settings).sort(([one], [other]) => (one < other ? -1 : 1)));
}
