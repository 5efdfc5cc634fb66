/** `wyvern.json` as a schema. Unknown keys are ignored: files of newer versions must still open. */
import { basename, dirname, extname } from 'node:path';
import { z } from 'zod';
import { folderTitle } from './published-layout.ts';

const text = z.string().max(1_000_000);
const name = z.string().min(1).max(4096);
/** A file beside `wyvern.json`. Its path must not leave the folder. */
const fileName = name.refine((value) => !/[/\\]/.test(value) && value !== '.' && value !== '..', {
  message: 'a plain file name, without a folder, is wanted',
});

/** Sampling that a bundle recommends. The settings give the absent values. */
export const recommendedSampling = z.object({
  temperature: z.number().min(0).max(5).optional(),
  topK: z.number().int().min(0).max(1_000_000).optional(),
  topP: z.number().gt(0).max(1).optional(),
  minP: z.number().min(0).lt(1).optional(),
  repetitionPenalty: z.number().gt(0).max(10).optional(),
});

export type RecommendedSampling = z.output<typeof recommendedSampling>;

/** Facts that the other files of a bundle lack. */
export const manifestSchema = z.object({
  name,
  license: name.optional(),
  source: text.optional(),
  /** The number of weights in the model. */
  parameters: z.number().int().positive().max(Number.MAX_SAFE_INTEGER).optional(),
  program: fileName.optional(),
  data: z.array(fileName).max(64).optional(),
  tokenizer: fileName.optional(),
  /** Jinja text; used when no other file has a template. */
  chatTemplate: text.optional(),
  /** Texts of tokens that end an answer, e.g. `<|im_end|>`. */
  stopTokens: z.array(name).max(64).optional(),
  target: z.object({ backend: z.enum(['xnnpack', 'qnn', 'portable']), soc: name.optional() }).optional(),
  sampling: recommendedSampling.optional(),
  /** A base model without a chat template: it continues the last message instead of answering it. */
  completion: z.boolean().optional(),
  sha256: z.record(fileName, z.string().regex(/^[0-9a-f]{64}$/)).optional(),
});
export type Manifest = z.output<typeof manifestSchema>;

/** Names of programs that do not name the model. */
const plainNames: ReadonlySet<string> = new Set(['model', 'program', 'main', 'genie_config']);

/** Returns a model's name: from its manifest, else its program, else its folder or repository. */
export function bundleName(program: string, manifest: Manifest | undefined): string {
  if (manifest !== undefined) return manifest.name;
  const stem = basename(program, extname(program));
  return plainNames.has(stem.toLowerCase()) ? folderTitle(dirname(program)) : stem;
}
