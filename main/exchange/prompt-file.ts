/** Wyvern's own file of prompts, described in docs/chat-format.md. Its content is hostile. */
import { z } from 'zod';
import { promptName, promptText } from '../../preload/contract.ts';
import { mostPrompts } from '../../preload/contract/values.ts';
import { parseJson } from '../engine/bounded-json.ts';

const promptFormat = 'wyvern-prompts';
const promptFormatVersion = 1;

/** More than the largest library takes: 500 prompts of 20,000 characters, each of which JSON may write with six bytes. */
export const maxPromptFileBytes = 64 * 2 ** 20;
/** The format has an object, a list and prompts. */
const maxDepth = 4;

export interface FilePrompt {
  readonly name: string;
  readonly text: string;
}

const head = z.object({ format: z.literal(promptFormat, 'it is no file of prompts'), version: z.number().int() });
const file = head.extend({ prompts: z.array(z.object({ name: promptName, text: promptText })).max(mostPrompts) });

export function promptsToJson(prompts: readonly FilePrompt[]): string {
  const kept = prompts.map(({ name, text }) => ({ name, text }));
  return `${JSON.stringify({ format: promptFormat, version: promptFormatVersion, prompts: kept }, undefined, 2)}\n`;
}

/** @throws Error with a sentence on the mistake; the caller knows the name of the file */
export function promptsFromJson(text: string): readonly FilePrompt[] {
  const limits = { maxBytes: maxPromptFileBytes, maxDepth };
  const { version } = parseJson(text, head, limits);
  if (version !== promptFormatVersion) {
    throw new Error(`it has version ${version}, and this Wyvern reads version ${promptFormatVersion}.`);
  }
  return parseJson(text, file, limits).prompts;
}
