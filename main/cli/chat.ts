import { createInterface } from 'node:readline/promises';
import { asFailure } from '../engine/errors.ts';
import type { Engine } from '../engine/engine.ts';
import type { ChatMessage, GenerateInput, GenerationStatistics, StopReason } from '../engine/protocol.ts';
import { defaultSampling, samplingOf } from '../models/default-sampling.ts';
import {
  answerOptions,
  integer,
  modelOptions,
  parse,
  sampling,
  samplingOptions,
  templateOptions,
  thinking,
} from './options.ts';
import { AnswerWriter, remark, sentence, templateName, writeText } from './output.ts';
import { backendOf, openSession, stoppable } from './session.ts';
import { Prompt } from './terminal.ts';

/** The exit status that shells report for a process that Ctrl+C ended. */
const interruptedStatus = 130;

const help = `
  /new    start a new conversation
  /help   show this help
  /quit   leave; so do Ctrl+D and Ctrl+C at an empty prompt

Ctrl+C stops an answer. The arrow keys bring back earlier prompts.

`;

/**
 * `wyvern chat`: a conversation. At a terminal it is interactive; otherwise every line of standard input is a prompt of
 * one conversation. Sampling is the model's own, as in the window; options override it.
 */
export async function chat(args: readonly string[]): Promise<void> {
  const { model: modelPath, tokenizer, threads, profile, performance, 'allow-operators': allowed } = modelOptions;
  const { values } = parse(
    args,
    {
      ...{ model: modelPath, tokenizer, threads, profile, performance, 'allow-operators': allowed },
      ...samplingOptions,
      ...answerOptions,
      ...templateOptions,
    },
    0,
  );
  const interactive = process.stdin.isTTY && process.stdout.isTTY;
  const maxTokens = integer('--max-tokens', values['max-tokens'], 1, 1_000_000);
  const { prompt: mode, input: budget } = thinking(values);
  sampling(values, defaultSampling); // Refuses wrong options before the model is loaded.
  const { engine, model, bundle } = await openSession(values);
  const settings: Omit<GenerateInput, 'prompt'> = {
    ...budget,
    sampling: sampling(values, samplingOf(bundle.sampling)),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(values.stop === undefined ? {} : { stopStrings: values.stop }),
  };
  const opening: readonly ChatMessage[] =
    values.system === undefined ? [] : [{ role: 'system', content: values.system }];
  const conversation = new Conversation(engine, settings, opening, mode);
  try {
    if (interactive) {
      writeText(
        `${model.name} on ${backendOf(model)}, ${model.facts.contextLength} tokens of context, chat template: ${templateName(model.chatTemplate)}. /help lists commands.\n\n`,
      );
      await talk(conversation, engine);
    } else {
      await answerLines(conversation);
    }
  } finally {
    await engine.unload();
  }
}

class Conversation {
  readonly #engine: Engine;
  readonly #settings: Omit<GenerateInput, 'prompt'>;
  readonly #opening: readonly ChatMessage[];
  readonly #mode: { readonly thinking?: boolean };
  #messages: readonly ChatMessage[];

  /** @param mode whether the model thinks first, if the person chose */
  constructor(
    engine: Engine,
    settings: Omit<GenerateInput, 'prompt'>,
    opening: readonly ChatMessage[],
    mode: { readonly thinking?: boolean },
  ) {
    this.#engine = engine;
    this.#mode = mode;
    this.#settings = settings;
    this.#opening = opening;
    this.#messages = opening;
  }

  restart(): void {
    this.#messages = this.#opening;
  }

  /** Streams the answer to standard output. A prompt that fails does not become part of the conversation. */
  async ask(content: string): Promise<void> {
    const messages: readonly ChatMessage[] = [...this.#messages, { role: 'user', content }];
    const writer = new AnswerWriter();
    const prompt = { kind: 'messages', messages, ...this.#mode } as const;
    await stoppable(this.#engine, async () => {
      for await (const event of this.#engine.generate({ prompt, ...this.#settings })) {
        if (event.type === 'token') {
          writer.push(event.token);
        } else if (event.type === 'done') {
          const { text, thought } = event;
          writer.end(text);
          this.#messages = [
            ...messages,
            { role: 'assistant', content: text, ...(thought === undefined ? {} : { thought }) },
          ];
          remark(`\x1b[2m(${figuresOf(event.statistics, event.reason)})\x1b[0m\n\n`);
        }
      }
    });
  }
}

async function answerLines(conversation: Conversation): Promise<void> {
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    if (line.trim() !== '') await conversation.ask(line);
  }
}

function figuresOf(statistics: GenerationStatistics, reason: StopReason): string {
  const { timeToFirstTokenUs: first, decodeRate: rate, acceptedTokens } = statistics;
  return [
    ...(first === undefined ? [] : [`first token ${(first / 1000).toFixed(0)} ms`]),
    ...(acceptedTokens === undefined ? [] : [`${acceptedTokens} tokens by prompt lookup`]),
    ...(rate === undefined ? [] : [`${rate.toFixed(1)} tokens/s`]),
    endings[reason],
  ].join(', ');
}

const endings: Readonly<Record<StopReason, string>> = {
  stop: 'complete',
  length: 'cut at --max-tokens',
  context: 'the context is full',
  cancelled: 'stopped',
};

async function talk(conversation: Conversation, engine: Engine): Promise<void> {
  const prompt = new Prompt({ input: process.stdin, output: process.stdout }, () => process.exit(interruptedStatus));
  try {
    for (;;) {
      const command = (await prompt.next())?.trim();
      if (command === undefined || command === '/quit') return;
      if (command === '') continue;
      if (command === '/help') writeText(help);
      else if (command === '/new') conversation.restart();
      else if (command.startsWith('/')) writeText(`There is no command ${command}. Type /help for the list.\n`);
      else await prompt.during({ run: () => askOnTerminal(conversation, command), stop: () => engine.stop() });
    }
  } finally {
    prompt.close();
  }
}

async function askOnTerminal(conversation: Conversation, text: string): Promise<void> {
  try {
    await conversation.ask(text);
  } catch (error) {
    process.stderr.write(`\n${sentence(asFailure(error).toError())}\n\n`);
  }
}
