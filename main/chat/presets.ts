/** Named settings for answers, and their files. */
import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import type { GenerationOverrides, ImportedPresets, Preset, RenamedPreset } from '../../preload/contract.ts';
import { writeAtomically } from '../exchange/atomic-file.ts';
import type { SaveQuestion } from '../strings/save-question.ts';
import { decodeText } from '../exchange/encoding.ts';
import { freeName, maxPresetFileBytes, nameKey, presetsFromJson, presetsToJson } from '../exchange/preset-file.ts';
import type { FilePreset } from '../exchange/preset-file.ts';
import { AppFailure, fileNotWritten } from '../failure.ts';
import { portableName } from '../files/names.ts';
import { asReadError, readBytes, UnreadableFileError } from '../files/reading.ts';
import { validOverrides } from '../store/valid-settings.ts';
import type { PresetTable } from '../store/presets.ts';
import type { Store } from '../store/store.ts';

export interface PresetDependencies {
  readonly table: PresetTable;
  readonly transaction: Store['transaction'];
  /** Asks for a path with the system's dialog; undefined if the person cancels. */
  readonly chooseSave: (question: SaveQuestion) => Promise<string | undefined>;
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
    const name = freeName(wanted, keysOf(all.filter((one) => one !== preset)));
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
    const path = await this.#with.chooseSave({ what: 'presets', name, extension: 'json' });
    if (path === undefined) return undefined;
    try {
      await writeAtomically(path, [presetsToJson(presets)]);
    } catch (cause) {
      throw fileNotWritten(cause);
    }
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
    const found = await readPresets(path);
    return this.#with.transaction(() => {
      const before = this.list();
      const taken = keysOf(before);
      const known = new Set(before.map(contentKey));
      const renamed: RenamedPreset[] = [];
      let added = 0;
      for (const preset of found) {
        if (known.has(contentKey(preset))) continue;
        const name = freeName(preset.name, taken);
        if (name !== preset.name) renamed.push({ from: preset.name, to: name });
        this.#with.table.save({ id: randomUUID(), name, settings: preset.settings });
        taken.add(nameKey(name));
        known.add(contentKey(preset));
        added++;
      }
      return { presets: this.list(), added, known: found.length - added, renamed };
    });
  }
}

async function readPresets(path: string): Promise<readonly FilePreset[]> {
  try {
    return presetsFromJson(decodeText(await readBytes(path, maxPresetFileBytes)));
  } catch (cause) {
    const known = asReadError(cause);
    throw new AppFailure(
      'presets-unreadable',
      `“${basename(path)}” was not imported: ${known instanceof Error ? known.message : String(known)}`,
      known instanceof UnreadableFileError
        ? known.hint
        : 'Nothing was changed. Choose a preset file that Wyvern exported.',
    );
  }
}

function keysOf(presets: readonly Preset[]): Set<string> {
  return new Set(presets.map(({ name }) => nameKey(name)));
}

/** Equal for presets that differ only in their id. */
function contentKey({ name, settings }: Pick<Preset, 'name' | 'settings'>): string {
  const entries = Object.entries(settings).sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([nameKey(name), entries]);
}
