import { z } from 'zod';
import { promptName, promptText } from '../../preload/contract.ts';
import { mostPrompts } from '../../preload/contract/values.ts';
import { ListFile } from './list-file.ts';

const filePrompt = z.object({ name: promptName, text: promptText });

export type FilePrompt = z.infer<typeof filePrompt>;

export const promptFile = new ListFile<FilePrompt>({
  list: 'prompts',
  item: filePrompt,
  mostItems: mostPrompts,
  // More than the largest library takes: 500 prompts of 20,000 characters, each of which JSON may write with six bytes.
  maxBytes: 64 * 2 ** 20,
  // An object, a list and prompts.
  maxDepth: 4,
  unreadable: 'prompts-unreadable',
});
