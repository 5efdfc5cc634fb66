/** Wyvern's own preset file, described in docs/chat-format.md. Its content is hostile. */
import { z } from 'zod';
import { generationOverrides } from '../../preload/contract.ts';
import type { GenerationOverrides } from '../../preload/contract.ts';
import { parseJson } from '../engine/bounded-json.ts';

const presetFormat = 'wyvern-presets';
const presetFormatVersion = 1;

export const maxPresetFileBytes = 4 * 2 ** 20;
const maxPresets = 1000;
/** The format has an object, a list, presets, settings and a list of stop strings. */
const maxDepth = 8;
const maxPresetName = 200;

export interface FilePreset {
  readonly name: string;
  readonly settings: GenerationOverrides;
}

const head = z.object({ format: z.literal(presetFormat, 'it is no file of presets'), version: z.number().int() });
const file = head.extend({
  presets: z
    .array(z.object({ name: z.string().trim().min(1).max(maxPresetName), settings: generationOverrides }))
    .max(maxPresets),
});

export function presetsToJson(presets: readonly FilePreset[]): string {
  const kept = presets.map(({ name, settings }) => ({ name, settings }));
  return `${JSON.stringify({ format: presetFormat, version: presetFormatVersion, presets: kept }, undefined, 2)}\n`;
}

/** @throws Error with a sentence on what is wrong; the caller knows which file it was */
export function presetsFromJson(text: string): readonly FilePreset[] {
  const limits = { maxBytes: maxPresetFileBytes, maxDepth };
  const { version } = parseJson(text, head, limits);
  if (version !== presetFormatVersion) {
    throw new Error(`it has version ${version}, and this Wyvern reads version ${presetFormatVersion}.`);
  }
  return parseJson(text, file, limits).presets;
}

/** The name, or the name with the first free number, that differs from all `taken` without regard to case. */
export function freeName(name: string, taken: ReadonlySet<string>, longest = maxPresetName): string {
  if (!taken.has(nameKey(name))) return name;
  for (let number = 2; ; number++) {
    const end = ` ${number}`;
    const candidate = `${name.slice(0, longest - end.length).trimEnd()}${end}`;
    if (!taken.has(nameKey(candidate))) return candidate;
  }
}

/** Equal for names that the store considers equal: it folds only the letters A to Z. */
export function nameKey(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}
