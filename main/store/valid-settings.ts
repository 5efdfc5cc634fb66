/** Stored settings as far as they are valid. A store may be damaged, or written by another version. */
import type { z } from 'zod';
import { callInputs, generationOverrides } from '../../preload/contract.ts';
import type { GenerationSettings, Settings } from '../../preload/contract.ts';

/** The settings that are valid; the rest falls back to its default. */
export function validSettings(values: Readonly<Record<string, unknown>>): Partial<Settings> {
  return validBy<Settings>(callInputs['settings.set'], values);
}

/** The overrides of a conversation or a preset that are valid. */
export function validOverrides(values: Readonly<Record<string, unknown>>): Partial<GenerationSettings> {
  return validBy<GenerationSettings>(generationOverrides, values);
}

/** Checks each value by itself: one damaged value, or one of another version, does not cost the others. */
function validBy<T>(
  schema: z.ZodType<{ [K in keyof T]?: T[K] | undefined }>,
  values: Readonly<Record<string, unknown>>,
): Partial<T> {
  const entries = Object.entries(values).flatMap(([key, value]) => {
    const parsed = schema.safeParse({ [key]: value });
    return parsed.success ? Object.entries(parsed.data).filter(([, kept]) => kept !== undefined) : [];
  });
  return Object.fromEntries(entries) as Partial<T>;
}
