/** Opens all parts of a bundle except its program: tokenizer, chat template, stop tokens, names. */
import type { ModelFacts } from '../../native/index.d.ts';
import type { Addon } from './addon.ts';
import { readBundleFiles, type BundleFiles } from './bundle-files.ts';
import type { TemplateTokens } from './chat-template.ts';
import { chooseTemplate, type ChosenTemplate, type TemplateSources } from './chat-templates/choose.ts';
import { failure } from './errors.ts';
import { bundleName, type Manifest } from './manifest.ts';
import type { PromptEncoder } from './prompt.ts';
import type { BundleNote, BundlePaths, TemplateChoice } from './protocol.ts';
import { findChatTemplate } from './template-files.ts';
import { hasChannels } from './thoughts/form.ts';
import { openTokenizer } from './tokenizer/open.ts';
import type { Tokenizer } from './tokenizer/tokenizer.ts';

export interface OpenBundle {
  readonly name: string;
  readonly manifest: Manifest | undefined;
  readonly tokenizer: Tokenizer;
  readonly templateSources: TemplateSources;
  readonly chosen: ChosenTemplate;
  readonly templateTokens: TemplateTokens;
  /** Ids that end an answer, from the bundle's files. The program may add others. */
  readonly stopIds: readonly number[];
  /** Texts that end an answer. */
  readonly stopStrings: readonly string[];
  readonly notes: readonly BundleNote[];
}

/** Model families' tokens for the end of a turn. They count only if the tokenizer has them as control tokens. */
const turnEnds = ['<|im_end|>', '<|eot_id|>', '<|eom_id|>', '<end_of_turn>', '<|end|>', '<|end_of_turn|>'];

/** @throws EngineFailure */
export async function openBundle(
  addon: Addon,
  bundle: BundlePaths,
  choice: TemplateChoice = { kind: 'automatic' },
): Promise<OpenBundle> {
  const files = await readBundleFiles(bundle);
  const { manifest, tokenizerConfig, generationConfig, genie, notes } = files;
  const [tokenizer, own] = await Promise.all([
    openTokenizer(addon, bundle.tokenizer, tokenizerConfig),
    findChatTemplate({ paths: bundle, tokenizerConfig, manifest }),
  ]);
  const controlTokens = new Set(tokenizer.controlLiterals.map(({ content }) => content));
  const tokens = templateTokens(tokenizer, files);
  const templateSources = { own, completion: manifest?.completion ?? false, controlTokens, tokens };
  return {
    name: bundleName(bundle.program, manifest),
    manifest,
    tokenizer,
    templateSources,
    chosen: chooseTemplate(choice, templateSources),
    templateTokens: tokens,
    stopIds: stopIds(tokenizer, files, controlTokens),
    stopStrings: generationConfig?.stopStrings ?? genie?.stopStrings ?? [],
    notes,
  };
}

/**
 * Collects every id that ends an answer: the tokenizer's own end of text, the ids in `generation_config.json`,
 * `config.json` and `genie_config.json`, the texts in `wyvern.json`, and the families' tokens for the end of a turn.
 */
function stopIds(
  tokenizer: Tokenizer,
  { manifest, generationConfig, modelConfig, genie }: BundleFiles,
  controlTokens: ReadonlySet<string>,
): readonly number[] {
  const channels = hasChannels(controlTokens);
  const ends = channels ? ['<|return|>', '<|call|>'] : turnEnds;
  const named = [...(manifest?.stopTokens ?? []), ...ends.filter((literal) => controlTokens.has(literal))];
  const ids = [
    tokenizer.eosId,
    ...(generationConfig?.eosIds ?? []),
    ...(modelConfig?.eosIds ?? []),
    ...(genie?.eosIds ?? []),
    ...named.map((name) => tokenizer.tokenId(name)),
  ];
  // Harmony's `<|end|>` ends a message of the answer, perhaps its thought. The reader of channels knows when it ends the answer.
  const within = channels ? tokenizer.tokenId('<|end|>') : undefined;
  return [...new Set(ids.filter((id) => id !== undefined).filter((id) => id < tokenizer.vocabSize && id !== within))];
}

/**
 * Returns the special tokens that the bundle's files name. If no file names begin or end of text, they come from the tokenizer
 * itself, else from the ids in `generation_config.json` and `config.json`.
 */
function templateTokens(
  tokenizer: Tokenizer,
  { tokenizerConfig, generationConfig, modelConfig, genie }: BundleFiles,
): TemplateTokens {
  const bosId = tokenizer.bosIds[0] ?? generationConfig?.bosId ?? modelConfig?.bosId ?? genie?.bosId;
  const eosId = tokenizer.eosId ?? generationConfig?.eosIds[0] ?? modelConfig?.eosIds[0] ?? genie?.eosIds[0];
  const [bos, eos] = [bosId, eosId].map((id) => (id === undefined ? undefined : tokenizer.literal(id)));
  return {
    ...(bos === undefined ? {} : { bos_token: bos }),
    ...(eos === undefined ? {} : { eos_token: eos }),
    ...tokenizerConfig?.special,
  };
}

/**
 * Checks that a tokenizer and a program belong together. Models often pad their vocabulary to a round number, so a few
 * more entries in the model are normal. A tokenizer may have special tokens that the model has no logits for, such as
 * Gemma 3's for images; any other entry more means that the two do not belong together.
 * @throws EngineFailure `tokenizer-mismatch`
 */
export function checkVocabulary(
  { vocabSize, ordinarySize }: Pick<Tokenizer, 'vocabSize' | 'ordinarySize'>,
  model: number,
): void {
  const padding = Math.max(256, Math.floor(model / 16));
  if (ordinarySize > model || vocabSize < model - padding) {
    throw failure('tokenizer-mismatch', { tokenizer: vocabSize, model });
  }
}

/** Makes the prompt encoder of a model whose program is known. */
export function promptEncoder(bundle: OpenBundle, facts: ModelFacts): PromptEncoder {
  const { chosen, templateTokens } = bundle;
  const tokenizer = bundle.tokenizer.within(facts.vocabSize);
  const programBos = facts.bosId !== undefined && facts.bosId < facts.vocabSize ? [facts.bosId] : [];
  return {
    tokenizer,
    template: chosen.template,
    templateTokens,
    thoughts: chosen.thoughts,
    bosIds: tokenizer.bosIds.length > 0 ? tokenizer.bosIds : programBos,
    vocabSize: facts.vocabSize,
  };
}
