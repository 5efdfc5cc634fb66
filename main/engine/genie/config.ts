/**
 * Reads `genie_config.json`, the configuration of a model that Qualcomm's AI Hub delivers for Genie. Wyvern runs the model's
 * context binaries itself and takes from this file what the binaries do not say: the rotation, ends, sampling, file names.
 */
import { posix, win32 } from 'node:path';
import { readJson, type JsonLimits } from '../bounded-json.ts';
import { failure } from '../errors.ts';
import type { RecommendedSampling } from '../manifest.ts';
import type { LeftOut } from '../usable.ts';
import { genieSchema, unknownKeys, type GenieJson } from './config-schema.ts';
import { configRotation } from './model-config.ts';
import type { RotationScaling, RotationSettings } from './rotation.ts';

export const genieConfigName = 'genie_config.json';

/** Whether a bundle's program is a configuration of Genie. */
export function isGenie(program: string): boolean {
  return lastOf(program).toLowerCase() === genieConfigName;
}

/** A table of embeddings that the CPU reads. */
interface EmbeddingFile {
  readonly file: string;
  /** Values of a row. */
  readonly width: number;
  /** Absent: that of the input which takes the rows. */
  readonly type?: 'float32' | 'uint8' | 'uint16';
  readonly scale?: number;
  readonly offset?: number;
}

export interface GenieConfig {
  /** Tokens. */
  readonly contextLength: number;
  readonly vocabSize: number;
  readonly bosId?: number;
  readonly eosIds: readonly number[];
  readonly stopStrings: readonly string[];
  readonly sampling: RecommendedSampling;
  /** File names of the context binaries. */
  readonly binaries: readonly string[];
  /** File name of the HTP's settings. */
  readonly extensions: string;
  readonly rotation: RotationSettings;
  readonly embedding?: EmbeddingFile;
  /** Numbers of a head, if the file says. */
  readonly headSize?: number;
  /** Keys that Wyvern does not know. */
  readonly leftOut: readonly LeftOut[];
}

const limits: JsonLimits = { maxBytes: 2 ** 20, maxDepth: 32 };
const defaultExtensions = 'htp_backend_ext_config.json';
const mostNotes = 20;
const longestNote = 80;

/**
 * @param modelConfig `config.json` beside it, whose rotation counts more: AI Hub's own copy of it has been wrong
 * @throws EngineFailure `model-invalid`, `model-unsupported`
 */
export async function readGenieConfig(path: string, modelConfig?: string): Promise<GenieConfig> {
  let json: GenieJson;
  try {
    json = await readJson(path, genieSchema, limits);
  } catch (error) {
    throw failure('model-invalid', { path, reason: error instanceof Error ? error.message : String(error) });
  }
  const refuse = (reason: string) => failure('model-unsupported', { path, reason });
  const { dialog } = json;
  if (dialog.type !== 'basic')
    throw refuse(`its dialog is of the type “${dialog.type}”, and Wyvern runs “basic” ones.`);
  const engines = [dialog.engine].flat();
  const [engine] = engines;
  if (engine === undefined || engines.length > 1) throw refuse('it needs several engines.');
  if (engine.backend.type !== 'QnnHtp') {
    throw refuse(`it runs on “${engine.backend.type}”, not on the HTP (QnnHtp).`);
  }
  const binaries = engine.model.binary?.['ctx-bins'];
  if (engine.model.type !== 'binary' || binaries === undefined) throw refuse('it names no context binaries.');
  const { context, sampler } = dialog;
  const ends = [...context['eos-token'], ...(context['eot-token'] ?? [])].filter((id) => id >= 0);
  const written = rotationOf(engine, refuse);
  const bosId = context['bos-token'] ?? -1;
  const headSize = engine.backend.QnnHtp?.['kv-dim'];
  return {
    contextLength: context.size,
    vocabSize: context['n-vocab'],
    ...(bosId >= 0 ? { bosId } : {}),
    eosIds: [...new Set(ends)],
    stopStrings: dialog['stop-sequence'] ?? [],
    sampling: samplingOf(sampler),
    // The paths are those of another machine. The files are beside the configuration.
    binaries: binaries.map(lastOf),
    extensions: lastOf(engine.backend.extensions ?? defaultExtensions),
    rotation: (modelConfig === undefined ? undefined : await configRotation(modelConfig, written)) ?? written,
    ...embeddingOf(dialog.embedding, refuse),
    ...(headSize === undefined ? {} : { headSize }),
    leftOut: unknownKeys(json)
      .slice(0, mostNotes)
      .map(([field, value]) => ({ field, value: shown(value) })),
  };
}

type Refuse = (reason: string) => Error;
type Engine = Exclude<GenieJson['dialog']['engine'], readonly unknown[]>;

/** Newer files have `positional-encoding`; older ones have two numbers among the backend's. */
function rotationOf({ backend, model }: Engine, refuse: Refuse): RotationSettings {
  const encoding = model['positional-encoding'];
  const pairs = encoding?.['rope-dim'] ?? backend.QnnHtp?.['pos-id-dim'];
  const theta = encoding?.['rope-theta'] ?? backend.QnnHtp?.['rope-theta'] ?? 10_000;
  if (encoding !== undefined && encoding.type !== 'rope') {
    throw refuse(`its positions are encoded as “${encoding.type}”, not by rotation (rope).`);
  }
  if (pairs === undefined) throw refuse('it does not say how many pairs of a head are rotated (rope-dim).');
  return { pairs, theta, scaling: scalingOf(encoding?.['rope-scaling'], pairs, refuse) };
}

type ScalingJson = NonNullable<NonNullable<Engine['model']['positional-encoding']>['rope-scaling']>;

function scalingOf(scaling: ScalingJson | undefined, pairs: number, refuse: Refuse): RotationScaling {
  const kind = scaling?.['rope-type'] ?? 'default';
  const need = <T>(value: T | undefined, name: string): T => {
    if (value === undefined) throw refuse(`its rotation of the kind “${kind}” lacks “${name}”.`);
    return value;
  };
  switch (kind) {
    case 'default':
      return { kind };
    case 'linear':
      return { kind, factor: need(scaling?.factor, 'factor') };
    case 'llama3':
      return {
        kind,
        factor: need(scaling?.factor, 'factor'),
        lowFrequencyFactor: need(scaling?.['low-freq-factor'], 'low-freq-factor'),
        highFrequencyFactor: need(scaling?.['high-freq-factor'], 'high-freq-factor'),
        originalContext: need(scaling?.['original-max-position-embeddings'], 'original-max-position-embeddings'),
      };
    case 'longrope': {
      const shortFactors = need(scaling?.['short-factor'], 'short-factor');
      const longFactors = need(scaling?.['long-factor'], 'long-factor');
      if (shortFactors.length !== pairs || longFactors.length !== pairs) {
        throw refuse(`its factors of longrope are not ${pairs}, one for each pair.`);
      }
      return {
        kind,
        factor: need(scaling?.factor, 'factor'),
        originalContext: need(scaling?.['original-max-position-embeddings'], 'original-max-position-embeddings'),
        shortFactors,
        longFactors,
      };
    }
    default:
      throw refuse(`its rotation is scaled by “${kind}”; Wyvern knows default, linear, llama3 and longrope.`);
  }
}

function samplingOf(sampler: GenieJson['dialog']['sampler']): RecommendedSampling {
  if (sampler?.greedy === true) return { temperature: 0 };
  return {
    ...(sampler?.temp === undefined ? {} : { temperature: sampler.temp }),
    ...(sampler?.['top-k'] === undefined ? {} : { topK: sampler['top-k'] }),
    ...(sampler?.['top-p'] === undefined ? {} : { topP: sampler['top-p'] }),
  };
}

const embeddingTypes: Readonly<Record<string, 'float32' | 'uint8' | 'uint16'>> = {
  float32: 'float32',
  ufixed8: 'uint8',
  ufixed16: 'uint16',
};

function embeddingOf(
  embedding: GenieJson['dialog']['embedding'],
  refuse: Refuse,
): { readonly embedding?: EmbeddingFile } {
  if (embedding === undefined) return {};
  const { size, datatype = 'native', 'quant-param': quantised } = embedding;
  const base = { file: lastOf(embedding['lut-path']), width: size };
  if (datatype === 'native') return { embedding: base };
  const type = embeddingTypes[datatype];
  if (type === undefined) throw refuse(`its table of embeddings has the type “${datatype}”.`);
  if (type === 'float32') return { embedding: { ...base, type } };
  if (quantised === undefined) throw refuse('its table of embeddings lacks “quant-param”.');
  return { embedding: { ...base, type, scale: quantised.scale, offset: quantised.offset } };
}

function shown(value: unknown): string {
  const text = JSON.stringify(value).toWellFormed();
  return text.length > longestNote ? `${text.slice(0, longestNote)}…` : text;
}

function lastOf(path: string): string {
  return posix.basename(win32.basename(path));
}
