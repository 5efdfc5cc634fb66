/**
 * Models made for Qualcomm's Genie: a folder with `genie_config.json` (a "dialog": context, tokenizer, engine) and context
 * binaries such as `name_part_1_of_3.bin`. The backend extensions file, usually `htp_backend_ext_config.json`, names their
 * chip (`devices[].soc_model` or `soc_id`, and `dsp_arch`). Wyvern describes such models and does not run them. Formats:
 * Qualcomm's Genie documentation, "Dialog JSON configuration", and QNN's HTP backend extensions.
 */
import { readdir, stat } from 'node:fs/promises';
import { join, posix, win32 } from 'node:path';
import { z } from 'zod';
import { readJson, type JsonLimits } from '../engine/bounded-json.ts';
import { failure, type EngineFailure } from '../engine/errors.ts';
import { chipByNumber, chipLabel } from './program/chips.ts';

export interface GenieFacts {
  readonly folder: string;
  /** Names of its context binaries. */
  readonly parts: readonly string[];
  /** Missing context binaries. */
  readonly missing: readonly string[];
  /** Size of the existing binaries. */
  readonly bytes: number;
  /** Tokens. */
  readonly contextLength?: number;
  readonly vocabSize?: number;
  /** The chip of its binaries, if the files name it, e.g. `Snapdragon 8 Elite (V79)`. */
  readonly chip?: string;
}

const configName = 'genie_config.json';
const extensionsName = 'htp_backend_ext_config.json';
const limits: JsonLimits = { maxBytes: 2 ** 20, maxDepth: 32 };
const mostParts = 1000;
const partName = /_(?:part_)?\d{1,3}_of_\d{1,3}[^/\\]*\.bin$/i;

const count = z.number().int().positive();
const engine = z.looseObject({
  backend: z.looseObject({ type: z.string(), extensions: z.string() }).partial().optional(),
  model: z
    .looseObject({ binary: z.looseObject({ 'ctx-bins': z.array(z.string()).max(mostParts) }).partial() })
    .partial()
    .optional(),
});
const configSchema = z.looseObject({
  dialog: z.looseObject({
    context: z.looseObject({ size: count, 'n-vocab': count }).partial().optional(),
    engine: z.union([engine, z.array(engine).max(16)]).optional(),
  }),
});

const number = z.union([
  z.number().int(),
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number),
]);
const extensionsSchema = z.looseObject({
  devices: z
    .array(z.looseObject({ soc_model: number, soc_id: number, dsp_arch: z.string().regex(/^v\d{2,3}$/i) }).partial())
    .max(64)
    .optional(),
});

/**
 * Describes a model for Genie; undefined for any other folder, also for one with an ExecuTorch program.
 * @throws EngineFailure `model-invalid` if `genie_config.json` is invalid
 */
export async function readGenie(folder: string): Promise<GenieFacts | undefined> {
  const names = await readdir(folder).catch((): string[] => []);
  if (!names.includes(configName) || names.some((name) => name.endsWith('.pte'))) return undefined;
  const config = await readConfig(join(folder, configName));
  const { context } = config.dialog;
  const engines = [config.dialog.engine ?? []].flat();
  // Its paths are those of another machine.
  const named = engines.flatMap((one) => one.model?.binary?.['ctx-bins'] ?? []).map((path) => lastOf(path));
  const parts = named.length > 0 ? named : names.filter((name) => partName.test(name)).slice(0, mostParts);
  const sizes = await Promise.all(
    parts.map(async (name) => (names.includes(name) ? (await stat(join(folder, name))).size : undefined)),
  );
  const extensions = engines.map((one) => one.backend?.extensions).find((path) => path !== undefined);
  const chip = await chipOf(folder, names, extensions === undefined ? extensionsName : lastOf(extensions));
  return {
    folder,
    parts,
    missing: parts.filter((_, index) => sizes[index] === undefined),
    bytes: sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0),
    ...(context?.size === undefined ? {} : { contextLength: context.size }),
    ...(context?.['n-vocab'] === undefined ? {} : { vocabSize: context['n-vocab'] }),
    ...(chip === undefined ? {} : { chip }),
  };
}

/** The error that describes the model and says that Wyvern cannot run it yet. */
export function genieFailure({ folder, parts, missing, contextLength, chip }: GenieFacts): EngineFailure {
  const binaries = parts.length === 1 ? 'one context binary' : `${parts.length} context binaries`;
  const told = [
    `${parts.length === 0 ? 'without its context binaries' : binaries} for ${chip ?? 'a chip that its files do not name'}`,
    ...(contextLength === undefined ? [] : [`${contextLength.toLocaleString('en-US')} tokens of context`]),
    ...(missing.length === 0 ? [] : [`of which ${missing.length} are missing`]),
  ];
  return failure('genie-unsupported', { folder, about: told.join(', ') });
}

async function readConfig(path: string): Promise<z.output<typeof configSchema>> {
  try {
    return await readJson(path, configSchema, limits);
  } catch (error) {
    throw failure('model-invalid', { path, reason: error instanceof Error ? error.message : String(error) });
  }
}

/** Undefined if the file is missing or unknown. The model is then described without its chip. */
async function chipOf(folder: string, names: readonly string[], wanted: string): Promise<string | undefined> {
  if (!names.includes(wanted)) return undefined;
  const found = await readJson(join(folder, wanted), extensionsSchema, limits).catch(() => undefined);
  const { soc_model: model, soc_id: id, dsp_arch: arch } = found?.devices?.[0] ?? {};
  const soc = model ?? id;
  const chip = soc === undefined ? undefined : chipByNumber(soc);
  if (chip !== undefined) return chipLabel(chip);
  if (arch === undefined) return soc === undefined ? undefined : `chip ${soc}`;
  const name = soc === undefined ? 'chips with a Hexagon' : `chip ${soc}`;
  return `${name} (${arch.toUpperCase()})`;
}

function lastOf(path: string): string {
  return posix.basename(win32.basename(path));
}
