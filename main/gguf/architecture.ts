/**
 * Reads a decoder's dimensions from the metadata of a GGUF, and refuses what the program writer does not describe. Keys:
 * `docs/gguf.md` in the ggml repository.
 */
import { GgufFault } from './cursor.ts';
import type { Gguf } from './gguf-file.ts';
import { required, type Metadata } from './metadata.ts';
import { readRotation, type Rotation } from './rotation.ts';

/** How the weights of an architecture differ from Llama's. */
interface Family {
  /**
   * Which rows of queries and keys form a rotated pair: neighbours, as llama.cpp stores Llama's, or the rows half a head
   * apart.
   */
  readonly pairs: 'neighbours' | 'halves';
  readonly activation: 'silu' | 'gelu';
  /** One tensor has the weights of queries, keys and values, another those of the gate and of the units. */
  readonly fused?: boolean;
  /** Each layer of this number, counted from 1, does not rotate. */
  readonly unrotatedEvery?: number;
  /** Each layer of this number, counted from 1, sees the whole context, the others the last tokens of a window. */
  readonly globalEvery?: number;
  /** The embedding is multiplied by the root of its width. */
  readonly scalesEmbedding?: boolean;
}

const families: Readonly<Record<string, Family>> = {
  llama: { pairs: 'neighbours', activation: 'silu' },
  qwen2: { pairs: 'halves', activation: 'silu' },
  qwen3: { pairs: 'halves', activation: 'silu' },
  gemma3: { pairs: 'halves', activation: 'gelu', globalEvery: 6, scalesEmbedding: true },
  phi3: { pairs: 'halves', activation: 'silu', fused: true },
  smollm3: { pairs: 'neighbours', activation: 'silu', unrotatedEvery: 4 },
};

/** Names of the architectures that Wyvern runs. */
const architectures: readonly string[] = Object.keys(families);

export interface Shape extends Family {
  readonly architecture: string;
  readonly layers: number;
  readonly width: number;
  /** Width of the feed-forward layers. */
  readonly hidden: number;
  readonly heads: number;
  readonly kvHeads: number;
  /** Width of one head. */
  readonly headSize: number;
  readonly vocabulary: number;
  readonly normEps: number;
  /** Tokens of context that the model was trained for. */
  readonly trainedContext: number;
  readonly rotation: Rotation;
  /** Layers that see a window of the last tokens, and how they rotate. */
  readonly local?: { readonly window: number; readonly rotation: Rotation };
  /** The factor of attention's scores, if it is not 1 / √headSize. */
  readonly attentionScale?: number;
}

const most = { layers: 1024, width: 2 ** 17, hidden: 2 ** 19, heads: 1024, headSize: 1024, vocabulary: 2 ** 20 };

/** @throws GgufFault for a damaged file, or one of another architecture */
export function readShape({ metadata, tensors }: Gguf): Shape {
  const architecture = required('general.architecture', metadata.text('general.architecture'));
  const family = Object.hasOwn(families, architecture) ? families[architecture] : undefined;
  if (family === undefined) {
    const reason = `its architecture is “${architecture}”, and Wyvern runs ${architectures.join(', ')}.`;
    throw new GgufFault(reason, 'unsupported');
  }
  refuseVariants(metadata, architecture);
  const key = (name: string): string => `${architecture}.${name}`;
  const size = (name: string, greatest: number): number => required(key(name), oneOf(metadata, key(name), 1, greatest));
  const width = size('embedding_length', most.width);
  const heads = size('attention.head_count', most.heads);
  const headSize = oneOf(metadata, key('attention.key_length'), 2, most.headSize) ?? width / heads;
  if (!Number.isInteger(headSize) || headSize % 2 !== 0) throw new GgufFault(`its heads have a width of ${headSize}.`);
  if ((oneOf(metadata, key('attention.value_length'), 2, most.headSize) ?? headSize) !== headSize) {
    throw new GgufFault('its keys and values differ in width.', 'unsupported');
  }
  const kvHeads = oneOf(metadata, key('attention.head_count_kv'), 1, most.heads) ?? heads;
  if (heads % kvHeads !== 0) throw new GgufFault(`it has ${heads} heads over ${kvHeads} heads of keys and values.`);
  const trainedContext = size('context_length', 2 ** 31 - 1);
  const layers = size('block_count', most.layers);
  const rotation = readRotation(metadata, tensors, { architecture, headSize, trainedContext });
  return {
    ...family,
    architecture,
    layers,
    width,
    hidden: size('feed_forward_length', most.hidden),
    heads,
    kvHeads,
    headSize,
    vocabulary: vocabularyOf(tensors.get('token_embd.weight')?.rows),
    normEps: required(
      key('attention.layer_norm_rms_epsilon'),
      metadata.number(key('attention.layer_norm_rms_epsilon')),
    ),
    trainedContext,
    rotation,
    ...localOf(metadata, key, family, rotation),
    ...attentionScale({ architecture, layers, width, heads }),
  };
}

/** Gemma's local layers have a base frequency of their own and no scaling. */
function localOf(
  metadata: Metadata,
  key: (name: string) => string,
  { globalEvery }: Family,
  rotation: Rotation,
): Pick<Shape, 'local'> {
  if (globalEvery === undefined) return {};
  const name = key('attention.sliding_window');
  const window = required(name, metadata.integer(name, 1, 2 ** 31 - 1));
  const base = metadata.number(key('rope.freq_base_swa')) ?? 10_000;
  const { size, originalContext } = rotation;
  return { local: { window, rotation: { size, base, interpolation: 1, magnitude: 1, originalContext } } };
}

/** The largest Gemma 3 has heads of another width than its queries were scaled for. */
function attentionScale({
  architecture,
  layers,
  width,
  heads,
}: Pick<Shape, 'architecture' | 'layers' | 'width' | 'heads'>): Pick<Shape, 'attentionScale'> {
  return architecture === 'gemma3' && layers === 62 ? { attentionScale: 1 / Math.sqrt(width / heads) } : {};
}

/** A number that some files give as a list with one entry for each layer. @throws GgufFault if layers differ */
function oneOf(metadata: Metadata, key: string, least: number, greatest: number): number | undefined {
  if (!metadata.isList(key)) return metadata.integer(key, least, greatest);
  const [first, ...others] = metadata.numbers(key) ?? [];
  if (first === undefined || !Number.isInteger(first) || first < least || first > greatest) {
    throw new GgufFault(`its “${key}” is not a list of whole numbers from ${least} to ${greatest}.`);
  }
  if (others.some((one) => one !== first)) {
    throw new GgufFault(`its layers differ in “${key}”.`, 'unsupported');
  }
  return first;
}

function vocabularyOf(rows: number | undefined): number {
  const vocabulary = required('token_embd.weight', rows);
  if (vocabulary > most.vocabulary) throw new GgufFault(`it claims ${vocabulary} tokens.`);
  return vocabulary;
}

/** Keys that change what a decoder computes, with the value that changes nothing. */
const neutral: Readonly<Record<string, number>> = {
  expert_count: 0,
  logit_scale: 1,
  residual_scale: 1,
  embedding_scale: 1,
  'attention.scale': 0,
  'attention.clamp_kqv': 0,
  attn_logit_softcapping: 0,
  final_logit_softcapping: 0,
};

function refuseVariants(metadata: Metadata, architecture: string): void {
  for (const [name, value] of Object.entries(neutral)) {
    const key = `${architecture}.${name}`;
    const found = metadata.number(key);
    if (found === undefined || found === value) continue;
    const what = name === 'expert_count' ? `is a mixture of ${found} experts` : `has “${key}” of ${found}`;
    throw new GgufFault(`it ${what}, which Wyvern does not know.`, 'unsupported');
  }
  if (metadata.flag(`${architecture}.attention.causal`) === false) {
    throw new GgufFault('it is an encoder, not a decoder.', 'unsupported');
  }
}
