/** `POST /v1/chat/completions`: from the body to the engine's input. https://platform.openai.com/docs/api-reference/chat */
import { z } from 'zod';
import { hasTemplate } from '../../preload/contract/values.ts';
import { parseBounded } from '../engine/bounded-json.ts';
import type { ChatMessage, GenerateInput, JsonObject, Tool, ToolCall } from '../engine/protocol.ts';
import { invalid, unsupported } from './errors.ts';
import { answerFields, answerOptions, checked, refuseUnsupported } from './fields.ts';
import type { ServedModel } from './protocol.ts';

const mostMessages = 10_000;
const mostTools = 256;
const name = z
  .string()
  .max(128)
  .regex(/^[\w.-]+$/);

const contentParts = z.array(z.looseObject({ type: z.string().max(100), text: z.string().optional() })).max(1000);

const message = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: z.union([z.string(), contentParts]).nullish(),
  reasoning_content: z.string().nullish(),
  name: z.string().max(128).nullish(),
  tool_call_id: z.string().max(128).nullish(),
  tool_calls: z
    .array(
      z.looseObject({
        id: z.string().max(128).nullish(),
        type: z.literal('function').nullish(),
        function: z.looseObject({ name, arguments: z.string() }),
      }),
    )
    .max(mostTools)
    .nullish(),
});

const tool = z.looseObject({
  type: z.literal('function'),
  function: z.looseObject({
    name,
    description: z.string().nullish(),
    parameters: z.record(z.string(), z.unknown()).nullish(),
  }),
});

const schema = z.looseObject({
  ...answerFields,
  messages: z.array(message).min(1).max(mostMessages),
  max_completion_tokens: answerFields.max_tokens,
  tools: z.array(tool).max(mostTools).nullish(),
  tool_choice: z.union([z.enum(['none', 'auto', 'required']), z.looseObject({ type: z.string() })]).nullish(),
  response_format: z.looseObject({ type: z.string().max(100) }).nullish(),
  logprobs: z.boolean().nullish(),
  modalities: z.array(z.string()).nullish(),
  /** `none` switches thinking off, every other value switches it on, if the model has a switch. */
  reasoning_effort: z.string().max(100).nullish(),
  chat_template_kwargs: z.looseObject({ enable_thinking: z.boolean().nullish() }).nullish(),
  /** The last message is an answer, which the model continues. */
  continue_final_message: z.boolean().nullish(),
});

export type ChatRequest = z.infer<typeof schema>;

/** @throws ApiError */
export function readChatRequest(body: unknown): ChatRequest {
  const request = checked(schema, body);
  refuseUnsupported(request);
  if (request.logprobs === true)
    throw unsupported('logprobs', 'Wyvern does not report log probabilities. Leave it out.');
  if (request.modalities?.some((kind) => kind !== 'text') === true) {
    throw unsupported('modalities', 'Wyvern answers in text alone. Leave it out.');
  }
  const format = request.response_format?.type ?? 'text';
  if (format !== 'text') {
    const reason = `This server does not support the response format “${format}” yet.`;
    throw unsupported('response_format', `${reason} Leave it out, and describe the format in your message.`);
  }
  return request;
}

/** The tools that the model is offered. @throws ApiError if its template has no place for them */
export function offeredTools(request: ChatRequest, { chatTemplate, name: model }: ServedModel): readonly Tool[] {
  const { tool_choice: choice, tools } = request;
  if (tools == null || tools.length === 0 || choice === 'none') return [];
  if (choice != null && choice !== 'auto') {
    throw unsupported('tool_choice', 'Wyvern cannot force a call. Use “auto” or “none”.');
  }
  if (chatTemplate.tools === undefined) {
    throw unsupported(
      'tools',
      `The chat template of ${model} has no place for tools. Leave them out, or use another model.`,
    );
  }
  return tools.map(({ function: { name: called, description, parameters } }) => ({
    name: called,
    ...(description == null ? {} : { description }),
    ...(parameters == null ? {} : { parameters }),
  }));
}

/** @throws ApiError */
export function chatInput(request: ChatRequest, model: ServedModel, tools: readonly Tool[]): GenerateInput {
  const thinking = thinkingOf(request);
  return {
    prompt: {
      kind: 'messages',
      messages: request.messages.map(toMessage),
      ...(request.continue_final_message === true ? { continueLast: true } : {}),
      // A model without a switch has nothing to switch.
      ...(thinking === undefined || model.chatTemplate.thinking === undefined ? {} : { thinking }),
      ...(tools.length === 0 || !hasTemplate(model.chatTemplate) ? {} : { tools }),
    },
    ...answerOptions(request, model, request.max_completion_tokens ?? request.max_tokens ?? undefined),
  };
}

function thinkingOf({ reasoning_effort: effort, chat_template_kwargs: options }: ChatRequest): boolean | undefined {
  return options?.enable_thinking ?? (effort == null ? undefined : effort !== 'none');
}

function toMessage(given: ChatRequest['messages'][number], index: number): ChatMessage {
  const thought = given.reasoning_content ?? '';
  return {
    role: given.role === 'developer' ? 'system' : given.role,
    content: contentOf(given, index),
    ...(thought === '' || given.role !== 'assistant' ? {} : { thought }),
    ...(given.tool_calls == null || given.tool_calls.length === 0
      ? {}
      : { toolCalls: given.tool_calls.map((call, at) => toCall(call, `messages.${index}.tool_calls.${at}`)) }),
    ...(given.tool_call_id == null ? {} : { toolCallId: given.tool_call_id }),
    ...(given.name == null ? {} : { name: given.name }),
  };
}

function contentOf({ role, content }: ChatRequest['messages'][number], index: number): string {
  if (typeof content === 'string') return content;
  if (content == null && role !== 'assistant') {
    throw invalid(`messages.${index}.content`, 'The message has no content. Give it a text.');
  }
  return (content ?? [])
    .map(({ type, text }) => {
      if (type === 'text' && text !== undefined) return text;
      throw unsupported(`messages.${index}.content`, 'Wyvern reads text alone. Send parts of the type “text”.');
    })
    .join('\n');
}

type GivenCall = NonNullable<ChatRequest['messages'][number]['tool_calls']>[number];

function toCall({ id, function: { name: called, arguments: text } }: GivenCall, path: string): ToolCall {
  const given = jsonObject(text === '' ? '{}' : text);
  if (given === undefined) {
    throw invalid(`${path}.function.arguments`, 'The arguments of a call are not a JSON object. Send them unchanged.');
  }
  return { id: id ?? '', name: called, arguments: given };
}

/** The object in a JSON text; undefined for everything else. */
export function jsonObject(text: string): JsonObject | undefined {
  try {
    return objectOf(parseBounded(text));
  } catch {
    return undefined;
  }
}

export function objectOf(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}
