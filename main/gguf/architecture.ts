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
}

const families: Readonly<Record<string, Family>> = {
  llama: { pairs: 'neighbours' },
  qwen2: { pairs: 'halves' },
  qwen3: { pairs: 'halves' },
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
  return {
    ...family,
    architecture,
    layers: size('block_count', most.layers),
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
    rotation: readRotation(metadata, tensors, { architecture, headSize, trainedContext }),
  };
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
