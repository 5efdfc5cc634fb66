/** Filters stored settings. A store may be damaged, or written by another version. */
import type { z } from 'zod';
import { callInputs, generationOverrides } from '../../preload/contract.ts';
import type { GenerationSettings, Settings } from '../../preload/contract.ts';

type AllOverrides = GenerationSettings & { thinking: boolean };

/** The valid settings. The others fall back to their defaults. */
export function validSettings(values: Readonly<Record<string, unknown>>): Partial<Settings> {
  return validBy<Settings>(callInputs['settings.set'], values);
}

/** The valid overrides of a conversation or a preset. */
export function validOverrides(values: Readonly<Record<string, unknown>>): Partial<AllOverrides> {
  return validBy<AllOverrides>(generationOverrides, values);
}

/** Checks each value on its own: a damaged one does not cost the others. */
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
