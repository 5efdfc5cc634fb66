import { z } from 'zod';
import { parseJson } from '../engine/bounded-json.ts';
import { failure } from '../engine/errors.ts';
import { readText } from '../files/reading.ts';
import { greedySampling } from '../models/default-sampling.ts';
import type { ChatMessage, GenerateInput } from '../engine/protocol.ts';
import {
  answerOptions,
  integer,
  invalid,
  modelOptions,
  parse,
  sampling,
  samplingOptions,
  templateOptions,
  thinking,
} from './options.ts';
import { AnswerWriter, remark, templateName, writeJson } from './output.ts';
import { backendOf, openSession, stoppable } from './session.ts';

const messagesSchema = z
  .array(
    z
      .object({
        role: z.enum(['system', 'user', 'assistant']),
        content: z.string(),
        reasoning_content: z.string().nullish(),
      })
      .transform(({ reasoning_content: thought, ...message }): ChatMessage => {
        return thought == null || thought === '' ? message : { ...message, thought };
      }),
  )
  .max(10_000);
const fileSchema = z.union([
  messagesSchema,
  z.object({ messages: messagesSchema }).transform(({ messages }) => messages),
]);

/** `wyvern generate`: one answer to one prompt. Scripts use it: without sampling options, the same prompt gets the same answer. */
export async function generate(args: readonly string[]): Promise<void> {
  const { values } = parse(
    args,
    {
      ...modelOptions,
      ...samplingOptions,
      ...answerOptions,
      ...templateOptions,
      prompt: { type: 'string' },
      messages: { type: 'string' },
      tokens: { type: 'string' },
      raw: { type: 'boolean', default: false },
    },
    0,
  );
  const maxTokens = integer('--max-tokens', values['max-tokens'], 1, 1_000_000);
  const { prompt: mode, input: budget } = thinking(values);
  const prompt = await readPrompt(values);
  if (prompt.kind !== 'messages' && mode.thinking !== undefined)
    throw invalid('--thinking needs a chat template: it does not go with --raw or --tokens.');
  const input: GenerateInput = {
    prompt: prompt.kind === 'messages' ? { ...prompt, ...mode } : prompt,
    ...budget,
    sampling: sampling(values, greedySampling),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(values.stop === undefined ? {} : { stopStrings: values.stop }),
  };
  const { engine, model } = await openSession(values);
  if (input.prompt.kind === 'messages' && ['none', 'completion'].includes(model.chatTemplate.source)) {
    remark(`(chat template: ${templateName(model.chatTemplate)})\n`);
  }
  try {
    const writer = new AnswerWriter();
    await stoppable(engine, async () => {
      for await (const event of engine.generate(input)) {
        switch (event.type) {
          case 'prefilled':
            break;
          case 'token':
            if (values.json)
              writeJson({ type: event.token.thought === undefined ? 'token' : 'thought', ...event.token });
            else writer.push(event.token);
            break;
          case 'done': {
            const { text, thought, tokens, reason, statistics } = event;
            const { promptTokens } = statistics;
            const backend = backendOf(model);
            if (values.json)
              writeJson({ type: 'done', text, thought, tokens, promptTokens, reason, backend, statistics });
            else {
              writer.end(text);
              const { acceptedTokens } = statistics;
              const lookedUp = acceptedTokens === undefined ? '' : `, ${acceptedTokens} by prompt lookup`;
              const rate = statistics.decodeRate === undefined ? '' : `, ${statistics.decodeRate.toFixed(1)} tokens/s`;
              remark(`(${tokens.length} tokens${lookedUp}${rate}, ${backend}, ${reason})\n`);
            }
          }
        }
      }
    });
  } finally {
    await engine.unload();
  }
}

interface PromptValues {
  readonly prompt?: string | undefined;
  readonly messages?: string | undefined;
  readonly tokens?: string | undefined;
  readonly system?: string | undefined;
  readonly template?: string | undefined;
  readonly raw: boolean;
}

async function readPrompt(values: PromptValues): Promise<GenerateInput['prompt']> {
  const { prompt, messages, tokens, raw, system, template } = values;
  if ([prompt, messages, tokens].filter((value) => value !== undefined).length !== 1) {
    throw invalid('Give exactly one of --prompt, --messages and --tokens.');
  }
  if (raw && messages !== undefined) throw invalid('--raw goes with --prompt, not with --messages.');
  if (system !== undefined && (raw || tokens !== undefined))
    throw invalid('--system needs a chat template: it does not go with --raw or --tokens.');
  if (template !== undefined && (raw || tokens !== undefined))
    throw invalid('--template does not go with --raw or --tokens.');
  if (tokens !== undefined) return { kind: 'tokens', tokens: readTokens(tokens) };
  if (prompt !== undefined && raw) return { kind: 'text', text: prompt };
  const list: ChatMessage[] = system === undefined ? [] : [{ role: 'system', content: system }];
  if (prompt !== undefined) return { kind: 'messages', messages: [...list, { role: 'user', content: prompt }] };
  return { kind: 'messages', messages: [...list, ...(await readMessages(messages ?? ''))] };
}

function readTokens(text: string): number[] {
  if (text.trim() === '') throw failure('prompt-empty');
  return text.split(',').map((part) => integer('--tokens', part, 0, 2 ** 31 - 1) ?? 0);
}

async function readMessages(path: string): Promise<ChatMessage[]> {
  try {
    return parseJson(await readText(path), fileSchema);
  } catch (error) {
    throw failure('prompt-invalid', {
      reason: `“${path}”: ${error instanceof Error ? error.message : String(error)}`,
    });
  }
}
