/** Reads command-line options strictly: misspelt, missing and out-of-range values are refused, never guessed. */
import { stat } from 'node:fs/promises';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { maxTemplateBytes } from '../engine/chat-template.ts';
import { failure } from '../engine/errors.ts';
import { readText } from '../files/reading.ts';
import { templateFamilies } from '../../preload/contract/values.ts';
import type { GenerateInput, NpuOptions, SamplingSettings, TemplateChoice } from '../engine/protocol.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

/**
 * `parseArgs` with our error.
 * @throws EngineFailure `option-invalid`
 */
export function parse<O extends Options>(
  args: readonly string[],
  options: O,
  positionals: number,
): ReturnType<typeof parseArgs<{ args: string[]; options: O; allowPositionals: true; strict: true }>> {
  let parsed;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
  if (parsed.positionals.length > positionals) {
    throw invalid(`“${parsed.positionals[positionals] ?? ''}” is one argument too many.`);
  }
  return parsed;
}

export const modelOptions = {
  model: { type: 'string' },
  tokenizer: { type: 'string' },
  threads: { type: 'string' },
  profile: { type: 'string' },
  performance: { type: 'string' },
  'allow-operators': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const satisfies Options;

/** The tokenizer from elsewhere, as `resolveBundle` takes it. @throws EngineFailure `option-invalid` */
export function tokenizerOf({ tokenizer }: { readonly tokenizer?: string | undefined }): {
  readonly tokenizer?: string;
} {
  if (tokenizer?.trim() === '') throw invalid('--tokenizer takes a file or a folder, not an empty text.');
  return tokenizer === undefined ? {} : { tokenizer };
}

export const samplingOptions = {
  temperature: { type: 'string' },
  'top-p': { type: 'string' },
  'top-k': { type: 'string' },
  'min-p': { type: 'string' },
  'repetition-penalty': { type: 'string' },
  seed: { type: 'string' },
} as const satisfies Options;

/** The chat template for the prompt. */
export const templateOptions = { template: { type: 'string' } } as const satisfies Options;

/**
 * A family by its name, `none` for plain completion, else a file of Jinja text.
 * @throws EngineFailure `option-invalid` if it is none of these
 */
export async function templateChoice(asked: string | undefined): Promise<TemplateChoice> {
  if (asked === undefined) return { kind: 'automatic' };
  if (asked === 'none') return { kind: 'completion' };
  const family = templateFamilies.find((id) => id === asked);
  if (family !== undefined) return { kind: 'family', family };
  const file = await stat(asked).catch(() => undefined);
  if (file?.isFile() !== true || file.size > maxTemplateBytes) {
    const why = file?.isFile() === true ? `is longer than ${maxTemplateBytes} bytes` : 'is neither a family nor a file';
    throw invalid(
      `--template: “${asked}” ${why}. Families: ${templateFamilies.join(', ')}; none for plain completion.`,
    );
  }
  return { kind: 'own', text: await readText(asked) };
}

export const answerOptions = {
  'max-tokens': { type: 'string' },
  system: { type: 'string' },
  stop: { type: 'string', multiple: true },
  thinking: { type: 'string' },
  'max-thought-tokens': { type: 'string' },
} as const satisfies Options;

/** How the model thinks before it answers. @throws EngineFailure `option-invalid` */
export function thinking(values: Pick<Values<typeof answerOptions>, 'thinking' | 'max-thought-tokens'>): {
  readonly prompt: { readonly thinking?: boolean };
  readonly input: Pick<GenerateInput, 'maxThoughtTokens'>;
} {
  const chosen = oneOf('--thinking', values.thinking, ['on', 'off'] as const);
  const most = integer('--max-thought-tokens', values['max-thought-tokens'], 0, 1_000_000);
  return {
    prompt: chosen === undefined ? {} : { thinking: chosen === 'on' },
    input: most === undefined ? {} : { maxThoughtTokens: most },
  };
}

type Values<O extends Options> = { readonly [K in keyof O]?: string | undefined };

/**
 * Sampling options, over the values in `defaults`.
 * @throws EngineFailure `option-invalid`
 */
export function sampling(values: Values<typeof samplingOptions>, defaults: SamplingSettings): SamplingSettings {
  const seed = integer('--seed', values.seed, 0, Number.MAX_SAFE_INTEGER);
  return {
    temperature: number('--temperature', values.temperature, 0, 5) ?? defaults.temperature,
    topK: integer('--top-k', values['top-k'], 0, 1_000_000) ?? defaults.topK,
    topP: number('--top-p', values['top-p'], Number.MIN_VALUE, 1) ?? defaults.topP,
    minP: number('--min-p', values['min-p'], 0, 1 - Number.EPSILON) ?? defaults.minP,
    repetitionPenalty:
      number('--repetition-penalty', values['repetition-penalty'], Number.MIN_VALUE, 10) ?? defaults.repetitionPenalty,
    ...(seed === undefined ? {} : { seed }),
  };
}

/** Options of the NPU. @throws EngineFailure `option-invalid` */
export function npuOptions(values: {
  readonly profile?: string | undefined;
  readonly performance?: string | undefined;
}): NpuOptions {
  const profile = oneOf('--profile', values.profile, profileLevels);
  const performance = oneOf('--performance', values.performance, performanceModes);
  return { ...(profile === undefined ? {} : { profile }), ...(performance === undefined ? {} : { performance }) };
}

const profileLevels = ['off', 'basic', 'detailed'] as const satisfies readonly NpuOptions['profile'][];
const performanceModes = [
  ...(['burst', 'sustained-high', 'high', 'balanced', 'low-balanced'] as const),
  ...(['high-power-saver', 'power-saver', 'low-power-saver'] as const),
] as const satisfies readonly NpuOptions['performance'][];

function oneOf<T extends string>(name: string, text: string | undefined, known: readonly T[]): T | undefined {
  const found = known.find((one) => one === text);
  if (text !== undefined && found === undefined) throw invalid(`${name} takes ${known.join(', ')}, not “${text}”.`);
  return found;
}

/** A plain decimal number within bounds, both included; undefined if the option is not there. */
export function number(name: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) {
    const from = least === Number.MIN_VALUE ? 'more than 0' : String(least);
    const to = most === 1 - Number.EPSILON ? 'less than 1' : most.toLocaleString('en-US');
    throw invalid(`${name} takes a number from ${from} to ${to}, not “${text}”.`);
  }
  return value;
}

/** A whole number within bounds, both included. */
export function integer(name: string, text: string | undefined, least: number, most: number): number | undefined {
  const value = text === undefined || /^\d+$/.test(text.trim()) ? number(name, text, least, most) : Number.NaN;
  if (value !== undefined && !Number.isSafeInteger(value)) {
    throw invalid(
      `${name} takes a whole number from ${least} to ${most.toLocaleString('en-US')}, not “${text ?? ''}”.`,
    );
  }
  return value;
}

export function invalid(reason: string): Error {
  return failure('option-invalid', { reason, hint: 'See `wyvern --help`.' });
}
