/** Chat templates, as the window shows and chooses them. */
import { z } from 'zod';
import { templateFamilies } from './contract-values.ts';

export type TemplateFamily = (typeof templateFamilies)[number];

const maxTemplateCharacters = 2 ** 20;

export const templateChoice = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('automatic') }),
  z.object({ kind: z.literal('family'), family: z.enum(templateFamilies) }),
  z.object({ kind: z.literal('completion') }),
  z.object({ kind: z.literal('own'), text: z.string().min(1).max(maxTemplateCharacters) }),
]);
export type TemplateChoice = z.infer<typeof templateChoice>;

/** What a preview is made of. */
export const sampleMessages = z
  .array(z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string().max(2000) }))
  .min(1)
  .max(8);

export interface TemplateInfo {
  /** `none`: the bundle has none and none was recognised; `completion`: the person chose to do without. */
  readonly source:
    'runner' | 'file' | 'tokenizer-config' | 'manifest' | 'recognised' | 'chosen' | 'own' | 'completion' | 'none';
  readonly family?: TemplateFamily;
  /** Families that the tokens tell of, where they tell of several. */
  readonly candidates?: readonly TemplateFamily[];
}

export interface TemplatePreview {
  readonly info: TemplateInfo;
  /** Jinja; absent for plain completion. */
  readonly template?: string;
  /** The prompt, with the control tokens that the template writes told apart. */
  readonly parts: readonly { readonly text: string; readonly control: boolean }[];
  readonly tokens: number;
}
