/** Reads the small files of a bundle. It leaves out and notes each unreadable file, except `wyvern.json`. */
import type { z } from 'zod';
import { readJson } from './bounded-json.ts';
import { failure, unreadable } from './errors.ts';
import { generationConfigSchema, modelConfigSchema, type GenerationConfig } from './generation-config.ts';
import { genieConfigName, isGenie, readGenieConfig, type GenieConfig } from './genie/config.ts';
import { manifestSchema, type Manifest } from './manifest.ts';
import type { BundleNote, BundlePaths } from './protocol.ts';
import {
  addedTokensSchema,
  mergedTokenizerConfig,
  specialTokensMapSchema,
  tokenizerConfigSchema,
  type TokenizerConfig,
} from './tokenizer-config.ts';
import type { LeftOut } from './usable.ts';

export interface BundleFiles {
  readonly manifest: Manifest | undefined;
  readonly tokenizerConfig: TokenizerConfig | undefined;
  readonly generationConfig: GenerationConfig | undefined;
  readonly modelConfig: Pick<GenerationConfig, 'bosId' | 'eosIds'> | undefined;
  /** Of a model from Qualcomm's AI Hub. */
  readonly genie: GenieConfig | undefined;
  /** Values that were not used. */
  readonly notes: readonly BundleNote[];
}

/**
 * @throws EngineFailure `model-invalid` for a `wyvern.json`, `tokenizer_config.json` or `genie_config.json` that cannot be
 * read, `model-unsupported` for a `genie_config.json` of another kind of model
 */
export async function readBundleFiles(paths: BundlePaths): Promise<BundleFiles> {
  const notes: BundleNote[] = [];
  const note = (file: string, leftOut: readonly LeftOut[] = []): void => {
    for (const one of leftOut) notes.push({ file, ...one });
  };
  const optional = async <S extends z.ZodType<{ readonly leftOut: readonly LeftOut[] }>>(
    path: string | undefined,
    file: string,
    schema: S,
  ): Promise<z.output<S> | undefined> => {
    if (path === undefined) return undefined;
    try {
      const read = await readJson(path, schema);
      note(file, read.leftOut);
      return read;
    } catch (error) {
      notes.push({ file, value: error instanceof Error ? error.message : String(error) });
      return undefined;
    }
  };
  const [manifest, config, generationConfig, modelConfig, map, added, genie] = await Promise.all([
    required(paths.manifest, manifestSchema),
    required(paths.tokenizerConfig, tokenizerConfigSchema),
    optional(paths.generationConfig, 'generation_config.json', generationConfigSchema),
    optional(paths.config, 'config.json', modelConfigSchema),
    optional(paths.specialTokensMap, 'special_tokens_map.json', specialTokensMapSchema),
    optional(paths.addedTokens, 'added_tokens.json', addedTokensSchema),
    isGenie(paths.program) ? readGenieConfig(paths.program, paths.config) : undefined,
  ]);
  note(genieConfigName, genie?.leftOut);
  note('tokenizer_config.json', config?.leftOut);
  return {
    manifest,
    tokenizerConfig: mergedTokenizerConfig({ config, map, added }),
    generationConfig,
    modelConfig,
    genie,
    notes,
  };
}

async function required<S extends z.ZodType>(path: string | undefined, schema: S): Promise<z.output<S> | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readJson(path, schema);
  } catch (error) {
    throw (
      unreadable(path, error) ??
      failure('model-invalid', { path, reason: error instanceof Error ? error.message : String(error) })
    );
  }
}
