/**
 * The `config.json` that react-native-executorch's repositories have beside their programs (its "Model Spec", section 4):
 * size, variants, and the path of the tokenizer. Any other `config.json` has none of these fields.
 */
import { basename, dirname, join, posix, win32 } from 'node:path';
import { z } from 'zod';
import { readJson, type JsonLimits } from '../../engine/bounded-json.ts';
import { foldersAbove } from '../../engine/published-layout.ts';
import { insideOf } from './links.ts';
import { partOf } from './parts.ts';

const limits: JsonLimits = { maxBytes: 2 ** 20, maxDepth: 32 };
const mostVariants = 500;
const word = z.string().min(1).max(60);
const path = z.string().min(1).max(1024);

const schema = z.looseObject({
  size: word.optional().catch(undefined),
  tokenizer: path.optional().catch(undefined),
  tokenizer_config: path.optional().catch(undefined),
  variants: z
    .array(
      z.looseObject({
        file: z.string().max(255).nullish().catch(undefined),
        precision: word.optional().catch(undefined),
      }),
    )
    .max(mostVariants),
});

export interface Layout {
  /** Path of the `config.json`. */
  readonly path: string;
  /** E.g. `0.6B`. */
  readonly size?: string;
  /** As the file has it. */
  readonly tokenizer?: string;
  readonly tokenizerConfig?: string;
  /** By file name. */
  readonly precisions: ReadonlyMap<string, string>;
}

/** Undefined for a `config.json` of another kind, and for one that cannot be read: nothing depends on it. */
export async function readLayout(config: string): Promise<Layout | undefined> {
  const found = await readJson(config, schema, limits).catch(() => undefined);
  if (found === undefined) return undefined;
  const { size, tokenizer, tokenizer_config: tokenizerConfig, variants } = found;
  return {
    path: config,
    ...(size === undefined ? {} : { size: size.replace('_', '.').toUpperCase() }),
    ...(tokenizer === undefined ? {} : { tokenizer }),
    ...(tokenizerConfig === undefined ? {} : { tokenizerConfig }),
    precisions: new Map(
      variants.flatMap(({ file, precision }) => (file == null || precision === undefined ? [] : [[file, precision]])),
    ),
  };
}

/**
 * The file that a field names, relative to its `config.json`; undefined if that is outside of the repository, or no file of
 * this part.
 */
export function pointedFile(config: string, value: string, part: 'tokenizer' | 'tokenizerConfig'): string | undefined {
  if (posix.isAbsolute(value) || win32.isAbsolute(value) || /^[a-z]+:|[\\\0]/i.test(value)) return undefined;
  const folder = dirname(config);
  const file = join(folder, value);
  if (partOf(basename(file)) !== part) return undefined;
  return insideOf(foldersAbove(folder).at(-1) ?? folder)(file) ? file : undefined;
}
