/** Everything of a bundle but its program: tokenizer, chat template, stop tokens, names. */
import type { z } from 'zod';
import type { ModelFacts } from '../../native/index.d.ts';
import type { Addon } from './addon.ts';
import { readJson } from './bounded-json.ts';
import { findChatTemplate, type TemplateTokens } from './chat-template.ts';
import { chooseTemplate, type ChosenTemplate, type TemplateSources } from './chat-templates/choose.ts';
import { failure } from './errors.ts';
import {
  bundleName,
  generationConfigSchema,
  manifestSchema,
  tokenizerConfigSchema,
  type Manifest,
} from './manifest.ts';
import type { PromptEncoder } from './prompt.ts';
import type { BundlePaths, TemplateChoice } from './protocol.ts';
import { openTokenizer } from './tokenizer/open.ts';
import type { Tokenizer } from './tokenizer/tokenizer.ts';

export interface OpenBundle {
  readonly name: string;
  readonly manifest: Manifest | undefined;
  readonly tokenizer: Tokenizer;
  readonly templateSources: TemplateSources;
  readonly chosen: ChosenTemplate;
  readonly templateTokens: TemplateTokens;
  /** Ids that end an answer, as far as the bundle's files say; the program may add its own. */
  readonly stopIds: readonly number[];
}

/** Ends of a turn by the names that model families give them; they count only where the tokenizer has them as control tokens. */
const turnEnds = ['<|im_end|>', '<|eot_id|>', '<|eom_id|>', '<end_of_turn>', '<|end|>', '<|end_of_turn|>'];

/** @throws EngineFailure */
export async function openBundle(
  addon: Addon,
  bundle: BundlePaths,
  choice: TemplateChoice = { kind: 'automatic' },
): Promise<OpenBundle> {
  const [manifest, tokenizerConfig, generationConfig] = await Promise.all([
    readOptional(bundle.manifest, manifestSchema),
    readOptional(bundle.tokenizerConfig, tokenizerConfigSchema),
    readOptional(bundle.generationConfig, generationConfigSchema),
  ]);
  const [tokenizer, own] = await Promise.all([
    openTokenizer(addon, bundle.tokenizer, tokenizerConfig),
    findChatTemplate({ file: bundle.chatTemplate, tokenizerConfig, manifest }),
  ]);
  const control = new Set(tokenizer.controlLiterals.map(({ content }) => content));
  const named = [...(manifest?.stopTokens ?? []), ...turnEnds.filter((literal) => control.has(literal))];
  const literal = (id: number | undefined): string => (id === undefined ? '' : (tokenizer.literal(id) ?? ''));
  const templateSources = { own, completion: manifest?.completion ?? false, controlTokens: control };
  return {
    name: bundleName(bundle.program, manifest),
    manifest,
    tokenizer,
    templateSources,
    chosen: chooseTemplate(choice, templateSources),
    templateTokens: {
      bos_token: tokenizerConfig?.bos_token ?? literal(tokenizer.bosIds[0]),
      eos_token: tokenizerConfig?.eos_token ?? literal(tokenizer.eosId),
      unk_token: tokenizerConfig?.unk_token ?? '',
      pad_token: tokenizerConfig?.pad_token ?? '',
    },
    stopIds: [
      ...(tokenizer.eosId === undefined ? [] : [tokenizer.eosId]),
      ...(generationConfig?.eosIds ?? []),
      ...named.map((name) => tokenizer.tokenId(name)).filter((id) => id !== undefined),
    ],
  };
}

/**
 * Checks that a tokenizer and a program belong together. Models often pad their vocabulary to a round number, so a few
 * more entries in the model are normal; a tokenizer with more entries than the model never is.
 * @throws EngineFailure `tokenizer-mismatch`
 */
export function checkVocabulary(tokenizer: number, model: number): void {
  const padding = Math.max(256, Math.floor(model / 16));
  if (tokenizer > model || tokenizer < model - padding) {
    throw failure('tokenizer-mismatch', { tokenizer, model });
  }
}

/** How prompts for this model are made, now that its program is known. */
export function promptEncoder(bundle: OpenBundle, facts: ModelFacts): PromptEncoder {
  const { tokenizer, chosen, templateTokens } = bundle;
  const programBos = facts.bosId !== undefined && facts.bosId < facts.vocabSize ? [facts.bosId] : [];
  return {
    tokenizer,
    template: chosen.template,
    templateTokens,
    bosIds: tokenizer.bosIds.length > 0 ? tokenizer.bosIds : programBos,
    vocabSize: facts.vocabSize,
  };
}

async function readOptional<S extends z.ZodType>(
  path: string | undefined,
  schema: S,
): Promise<z.output<S> | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readJson(path, schema);
  } catch (error) {
    throw failure('model-invalid', { path, reason: error instanceof Error ? error.message : String(error) });
  }
}
