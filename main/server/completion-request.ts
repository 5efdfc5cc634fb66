/** `POST /v1/completions`: a text that the model continues. https://platform.openai.com/docs/api-reference/completions */
import { z } from 'zod';
import type { GenerateInput } from '../engine/protocol.ts';
import { unsupported } from './errors.ts';
import { answerFields, answerOptions, checked, refuseUnsupported } from './fields.ts';
import type { ServedModel } from './protocol.ts';

/** OpenAI's default of this route. */
const usualTokens = 16;

const id = z
  .number()
  .int()
  .min(0)
  .max(2 ** 31 - 1);
const schema = z.looseObject({
  ...answerFields,
  prompt: z.union([z.string(), z.array(z.string()).min(1), z.array(id).min(1), z.array(z.array(id).min(1)).min(1)]),
  best_of: z.number().nullish(),
  echo: z.boolean().nullish(),
  logprobs: z.number().nullish(),
  suffix: z.string().nullish(),
});

export type CompletionRequest = z.infer<typeof schema>;

/** @throws ApiError */
export function readCompletionRequest(body: unknown): CompletionRequest {
  const request = checked(schema, body);
  refuseUnsupported(request);
  if (request.best_of != null && request.best_of !== 1)
    throw unsupported('best_of', 'Wyvern gives one answer a request. Leave it out.');
  if (request.echo === true) throw unsupported('echo', 'Wyvern does not repeat the prompt. Leave it out.');
  if (request.logprobs != null && request.logprobs > 0) {
    throw unsupported('logprobs', 'Wyvern does not report log probabilities. Leave it out.');
  }
  if (request.suffix != null && request.suffix !== '') {
    throw unsupported('suffix', 'Wyvern continues text, and does not fill gaps. Leave it out.');
  }
  return request;
}

/** @throws ApiError */
export function completionInput(request: CompletionRequest, model: ServedModel): GenerateInput {
  return { prompt: promptOf(request.prompt), ...answerOptions(request, model, request.max_tokens ?? usualTokens) };
}

function promptOf(given: CompletionRequest['prompt']): GenerateInput['prompt'] {
  if (typeof given === 'string') return { kind: 'text', text: given };
  const [first, ...more] = given;
  if (typeof first === 'number') return { kind: 'tokens', tokens: given.filter((item) => typeof item === 'number') };
  if (more.length > 0) throw unsupported('prompt', 'Wyvern takes one prompt a request. Send one request for each.');
  return typeof first === 'string' ? { kind: 'text', text: first } : { kind: 'tokens', tokens: first ?? [] };
}
