/** Chat templates. */
import { z } from 'zod';
import { templateFamilies } from './values.ts';

export type TemplateFamily = (typeof templateFamilies)[number];

const maxTemplateCharacters = 2 ** 20;

export const templateChoice = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('automatic') }),
  z.object({ kind: z.literal('family'), family: z.enum(templateFamilies) }),
  z.object({ kind: z.literal('completion') }),
  z.object({ kind: z.literal('own'), text: z.string().min(1).max(maxTemplateCharacters) }),
]);
export type TemplateChoice = z.infer<typeof templateChoice>;

/** Messages of a preview. */
export const sampleMessages = z
  .array(z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string().max(2000) }))
  .min(1)
  .max(8);

export interface TemplateInfo {
  /** `none`: the bundle has no template and no family was recognised. `completion`: the person chose to use none. */
  readonly source:
    'runner' | 'file' | 'tokenizer-config' | 'manifest' | 'recognised' | 'chosen' | 'own' | 'completion' | 'none';
  readonly family?: TemplateFamily;
  /** Families that match the tokenizer, if there are several. */
  readonly candidates?: readonly TemplateFamily[];
  /** The template has no place for a system prompt. It can only open the person's first message. */
  readonly systemPrompt?: 'first-message';
  /** The template has a switch for thinking; this is its position if the person chose none. */
  readonly thinking?: 'on' | 'off';
  /**
   * The template has a place for tools; this is the form of a call in an answer. `hermes`: JSON between `<tool_call>` marks.
   * `llama`: JSON with `name` and `parameters`. `other`: unknown, so calls stay text.
   */
  readonly tools?: 'hermes' | 'llama' | 'other';
}

export interface TemplatePreview {
  readonly info: TemplateInfo;
  /** Jinja source; absent for plain completion. */
  readonly template?: string;
  /** The rendered prompt, split into text and control tokens of the template. */
  readonly parts: readonly { readonly text: string; readonly control: boolean }[];
  readonly tokens: number;
}
