/** Fields that both routes of answers share, after OpenAI's reference and the extensions of llama.cpp and vLLM. */
import { z } from 'zod';
import { longestStopString, mostStopStrings } from '../../preload/contract/values.ts';
import type { GenerateInput } from '../engine/protocol.ts';
import { invalid, unsupported } from './errors.ts';
import type { ServedModel } from './protocol.ts';

const stop = z.string().min(1).max(longestStopString);
const tokens = z.number().int().min(1).max(1_000_000);

/** `null` is the same as an absent field. Unknown fields are ignored, as other servers do. */
export const answerFields = {
  model: z.string().max(500),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: tokens.nullish(),
  stop: z.union([stop, z.array(stop).max(mostStopStrings)]).nullish(),
  seed: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).nullish(),
  temperature: z.number().min(0).max(5).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  /** -1 and 0: all tokens. */
  top_k: z.number().int().min(-1).max(1_000_000).nullish(),
  min_p: z.number().min(0).lt(1).nullish(),
  repetition_penalty: z.number().gt(0).max(10).nullish(),
  /** llama.cpp's name of it. */
  repeat_penalty: z.number().gt(0).max(10).nullish(),
  frequency_penalty: z.number().nullish(),
  presence_penalty: z.number().nullish(),
  logit_bias: z.record(z.string(), z.number()).nullish(),
  n: z.number().nullish(),
};

export type AnswerFields = z.infer<z.ZodObject<typeof answerFields>>;

/** @throws ApiError that names the first wrong field */
export function checked<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const param = issue?.path.join('.') ?? '';
  const field = param === '' ? 'The body' : `“${param.slice(0, 200)}”`;
  throw invalid(param.slice(0, 200), `${field} is wrong: ${issue?.message ?? 'unknown'}. Correct it and send again.`);
}

/** Refuses values that would change the answer and that Wyvern cannot honour. Ignoring them would mislead the client. */
export function refuseUnsupported(fields: AnswerFields): void {
  const drop = 'Leave it out.';
  if (fields.n != null && fields.n !== 1) throw unsupported('n', `Wyvern gives one answer a request. ${drop}`);
  for (const name of ['frequency_penalty', 'presence_penalty'] as const) {
    if (fields[name] != null && fields[name] !== 0) {
      throw unsupported(name, `Wyvern’s sampler has no “${name}”. Leave it out, or use “repetition_penalty”.`);
    }
  }
  if (Object.keys(fields.logit_bias ?? {}).length > 0) {
    throw unsupported('logit_bias', `Wyvern’s sampler has no “logit_bias”. ${drop}`);
  }
}

/** Sampling of one request, over the model's recommendation. */
export function answerOptions(
  fields: AnswerFields,
  { sampling: recommended }: ServedModel,
  maxTokens: number | undefined,
): Omit<GenerateInput, 'prompt'> {
  const penalty = fields.repetition_penalty ?? fields.repeat_penalty;
  const stops = typeof fields.stop === 'string' ? [fields.stop] : (fields.stop ?? []);
  return {
    sampling: {
      temperature: fields.temperature ?? recommended.temperature,
      topK: fields.top_k == null ? recommended.topK : Math.max(0, fields.top_k),
      // OpenAI allows 0, which leaves the most likely token alone.
      topP: fields.top_p == null ? recommended.topP : Math.max(fields.top_p, Number.EPSILON),
      minP: fields.min_p ?? recommended.minP,
      repetitionPenalty: penalty ?? recommended.repetitionPenalty,
      ...(fields.seed == null ? {} : { seed: fields.seed }),
    },
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(stops.length === 0 ? {} : { stopStrings: stops }),
  };
}
