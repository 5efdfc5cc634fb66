/** The prompt library: texts for questions, with variables such as `{{name}}`. */
import { z } from 'zod';
import type { Renamed } from './exchange.ts';
import { longestPrompt, longestPromptName } from './values.ts';

export const promptName = z.string().trim().min(1).max(longestPromptName);
export const promptText = z.string().min(1).max(longestPrompt);

export interface Prompt {
  readonly id: string;
  readonly name: string;
  readonly text: string;
}

export interface ImportedPrompts {
  /** All prompts after the import. */
  readonly prompts: readonly Prompt[];
  readonly added: number;
  /** Prompts in the file that were already present with equal names and texts. */
  readonly known: number;
  readonly renamed: readonly Renamed[];
}
