/**
 * Models from Qualcomm's AI Hub (made for Genie) as programs of the library: `genie_config.json` is the program, the context
 * binaries are its data, and `htp_backend_ext_config.json` names their chip (`devices[].soc_model` or `soc_id`, and
 * `dsp_arch`). Formats: Qualcomm's Genie documentation, and QNN's HTP backend extensions. Only Qualcomm's library can read the
 * binaries, so the engine checks them when it loads them. Their release and size are known before.
 */
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { readJson } from '../engine/bounded-json.ts';
import { failure } from '../engine/errors.ts';
import { isGenie, readGenieConfig } from '../engine/genie/config.ts';
import { cacheRepository } from '../engine/published-layout.ts';
import { fileSystem } from './addition/file-system.ts';
import { follow, insideOf, type Followed } from './addition/links.ts';
import { newestRelease, releaseOf } from './context-binary.ts';
import type { CheckedProgram } from './preflight.ts';
import type { FlatTensorFacts } from './program/flat-tensor.ts';
import type { Method } from './program/program.ts';
import { qnnBackend, type QnnOptions } from './program/qnn-options.ts';

export { isGenie };

const limits = { maxBytes: 2 ** 20, maxDepth: 32 };

const number = z.union([
  z.number().int(),
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number),
]);
const settingsSchema = z.looseObject({
  devices: z
    .array(z.looseObject({ soc_model: number, soc_id: number, dsp_arch: z.string().regex(/^v\d{2,3}$/i) }).partial())
    .max(64)
    .optional(),
  context: z.looseObject({ weight_sharing_enabled: z.boolean().optional() }).optional(),
});

/** `config.json` of Hugging Face, as far as it tells the size of the KV cache. */
const sizesSchema = z.looseObject({
  num_hidden_layers: z.number().int().positive().max(10_000),
  num_key_value_heads: z.number().int().positive().max(10_000),
  head_dim: z.number().int().positive().max(100_000).optional(),
});

/**
 * Describes the model as a program whose parts the NPU runs.
 * @param path of `genie_config.json`
 * @throws EngineFailure `model-invalid`, `model-unsupported`
 */
export async function checkGenie(path: string): Promise<CheckedProgram> {
  const beside = await filesBeside(path);
  const modelConfig = await beside.settings('config.json');
  const config = await readGenieConfig(path, modelConfig);
  const files = [...config.binaries, ...(config.embedding === undefined ? [] : [config.embedding.file])];
  const parts = await Promise.all(config.binaries.map(beside.part));
  const release = newestRelease(parts.flatMap((part) => part?.release ?? []));
  const target = await targetOf(await beside.settings(config.extensions));
  const qnn = { ...target, ...(release === undefined ? {} : { release }) };
  const method: Method = {
    name: 'dialog',
    inputs: [],
    outputs: [],
    operators: [],
    carriesTensors: false,
    delegates: parts.map((part) => ({ backend: qnnBackend, bytes: part?.bytes ?? 0, qnn })),
    plannedBytes: await cacheBytes(modelConfig, config.contextLength, config.headSize),
  };
  return {
    version: 1,
    methods: [method],
    segments: [],
    externalData: files,
    namedData: new Map(),
    payloads: [],
    numbers: new Map([['get_max_context_len', config.contextLength]]),
    delegateData: new Map(),
    origin: 'ai-hub',
  };
}

/** A context binary as a file of weights: the configuration asks for it by its name. */
export async function checkContextFile(path: string): Promise<FlatTensorFacts> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw failure('model-unreadable', { path, reason: 'it is not there.' });
  if (!found.isFile() || found.size === 0) throw failure('model-invalid', { path, reason: 'it is empty.' });
  return { version: 1, segments: [], keys: [basename(path)], bytes: new Map() };
}

interface Part {
  readonly bytes: number;
  /** Of QNN, if the file says. */
  readonly release: string | undefined;
}

/** Finds files in the folder of `path`, and follows no link out of it. Hugging Face's cache links inside its repository. */
async function filesBeside(path: string): Promise<{
  /** @returns undefined if there is no such file @throws EngineFailure `model-invalid` for a link that leads elsewhere */
  readonly settings: (name: string) => Promise<string | undefined>;
  /** Undefined without a file inside: pairing says what is wrong with it. */
  readonly part: (name: string) => Promise<Part | undefined>;
}> {
  const folder = await realpath(dirname(path)).catch(() => dirname(path));
  const root = cacheRepository(folder) ?? folder;
  const find = async (name: string): Promise<Followed> =>
    await follow(join(folder, name), root, insideOf(root), fileSystem);
  return {
    settings: async (name) => {
      const found = await find(name);
      if (found.kind !== 'fault') return found.kind === 'file' ? found.path : undefined;
      if (found.fault === 'link-missing') return undefined;
      const reason = `“${name}” is a link that leads out of its folder, and Wyvern does not follow it. Copy the file.`;
      throw failure('model-invalid', { path, reason });
    },
    part: async (name) => {
      const found = await find(name);
      if (found.kind !== 'file') return undefined;
      return { bytes: found.bytes, release: await releaseOf(found.path) };
    },
  };
}

/** Chip and architecture are 0 if the file is missing or unknown. */
async function targetOf(path: string | undefined): Promise<QnnOptions> {
  const found = path === undefined ? undefined : await readJson(path, settingsSchema, limits).catch(() => undefined);
  const { soc_model: model, soc_id: id, dsp_arch: arch } = found?.devices?.[0] ?? {};
  return {
    soc: model ?? id ?? 0,
    htpArch: Number(arch?.slice(1) ?? 0),
    vtcmMegabytes: 0,
    backend: 'htp',
    weightSharing: found?.context?.weight_sharing_enabled === true,
    sharedBuffer: false,
    onlinePrepare: false,
    fromContextBinary: true,
  };
}

/** The KV cache in 8 bits at the whole context, if the model's own configuration tells its size; else 0. */
async function cacheBytes(path: string | undefined, context: number, headSize: number | undefined): Promise<number> {
  const sizes = path === undefined ? undefined : await readJson(path, sizesSchema, limits).catch(() => undefined);
  const head = headSize ?? sizes?.head_dim;
  if (sizes === undefined || head === undefined) return 0;
  return sizes.num_hidden_layers * 2 * sizes.num_key_value_heads * head * context;
}
