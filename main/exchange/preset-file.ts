import { z } from 'zod';
import { generationOverrides } from '../../preload/contract.ts';
import { ListFile } from './list-file.ts';

/** Characters, as in the contract. */
export const longestPresetName = 200;

const filePreset = z.object({
  name: z.string().trim().min(1).max(longestPresetName),
  settings: generationOverrides,
});

export type FilePreset = z.infer<typeof filePreset>;

export const presetFile = new ListFile<FilePreset>({
  list: 'presets',
  item: filePreset,
  mostItems: 1000,
  maxBytes: 4 * 2 ** 20,
  // An object, a list, presets, settings and a list of stop strings.
  maxDepth: 8,
  unreadable: 'presets-unreadable',
});
