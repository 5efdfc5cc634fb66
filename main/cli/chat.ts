import { createInterface, type Interface } from 'node:readline/promises';
import { asFailure } from '../engine/errors.ts';
import type { Engine } from '../engine/engine.ts';
import type { ChatMessage, GenerateInput } from '../engine/protocol.ts';
import { answerOptions, integer, modelOptions, parse, sampling, samplingOptions, templateOptions } from './options.ts';
import { remark, sentence, templateName, writeText } from './output.ts';
import { backendOf, openSession, stoppable } from './session.ts';

const help = `
  /new    start a new conversation
  /help   show this
  /quit   leave (so does Ctrl+D); Ctrl+C stops an answer

`;

/**
 * `wyvern chat`: a conversation. At a terminal it is interactive; otherwise every line of standard input is a prompt of
 * one conversation, greedy unless told otherwise, so that scripts get the same answers every time.
 */
export async function chat(args: readonly string[]): Promise<void> {
  const { model: modelPath, threads, profile, performance, 'allow-operators': allowed } = modelOptions;
  const { values } = parse(
    args,
    {
      ...{ model: modelPath, threads, profile, performance, 'allow-operators': allowed },
      ...samplingOptions,
      ...answerOptions,
      ...templateOptions,
    },
    0,
  );
  const interactive = process.stdin.isTTY && process.stdout.isTTY;
  const maxTokens = integer('--max-tokens', values['max-tokens'], 1, 1_000_000);
  sampling(values); // Refuses wrong options before the model is loaded.
  const { engine, model, bundle } = await openSession(values);
  const settings: Omit<GenerateInput, 'prompt'> = {
    sampling: sampling(values, interactive ? bundle.sampling : {}),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(values.stop === undefined ? {} : { stopStrings: values.stop }),
  };
  const opening: readonly ChatMessage[] =
    values.system === undefined ? [] : [{ role: 'system', content: values.system }];
  const conversation = new Conversation(engine, settings, opening);
  try {
    if (interactive) {
      writeText(
        `${model.name} on ${backendOf(model)}, ${model.facts.contextLength} tokens of context, chat template: ${templateName(model.chatTemplate)}. /help lists commands.\n\n`,
      );
      await talk(conversation);
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
  #messages: readonly ChatMessage[];

  constructor(engine: Engine, settings: Omit<GenerateInput, 'prompt'>, opening: readonly ChatMessage[]) {
    this.#engine = engine;
    this.#settings = settings;
    this.#opening = opening;
    this.#messages = opening;
  }

  restart(): void {
    this.#messages = this.#opening;
  }

  /** Streams the answer to standard output; what failed is no part of the conversation. */
  async ask(content: string): Promise<void> {
    const messages: readonly ChatMessage[] = [...this.#messages, { role: 'user', content }];
    let shown = '';
    await stoppable(this.#engine, async () => {
      for await (const event of this.#engine.generate({ prompt: { kind: 'messages', messages }, ...this.#settings })) {
        if (event.type === 'token') {
          writeText(event.token.text);
          shown += event.token.text;
        } else if (event.type === 'done') {
          writeText(`${event.text.slice(shown.length)}\n`);
          this.#messages = [...messages, { role: 'assistant', content: event.text }];
          const { timeToFirstTokenUs, decodeRate } = event.statistics;
          const rate = decodeRate === undefined ? '' : `, ${decodeRate.toFixed(1)} tokens/s`;
          remark(
            `\x1b[2m(first token ${(timeToFirstTokenUs / 1000).toFixed(0)} ms${rate}, ${event.reason})\x1b[0m\n\n`,
          );
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

async function talk(conversation: Conversation): Promise<void> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  // While an answer runs, Ctrl+C reaches readline, not the process.
  terminal.on('SIGINT', () => process.emit('SIGINT') || terminal.close());
  try {
    for (;;) {
      const line = await question(terminal);
      const command = line?.trim();
      if (command === undefined || command === '/quit') return;
      if (command === '') continue;
      if (command === '/help') writeText(help);
      else if (command === '/new') conversation.restart();
      else if (command.startsWith('/')) writeText(`There is no ${command}. /help lists commands.\n`);
      else await askOnTerminal(conversation, command);
    }
  } finally {
    terminal.close();
  }
}

async function askOnTerminal(conversation: Conversation, text: string): Promise<void> {
  try {
    await conversation.ask(text);
  } catch (error) {
    process.stderr.write(`\n${sentence(asFailure(error).toError())}\n\n`);
  }
}

/** The next line; undefined at the end of input. */
async function question(terminal: Interface): Promise<string | undefined> {
  const ended = new AbortController();
  const onClose = (): void => ended.abort();
  terminal.once('close', onClose);
  try {
    return await terminal.question('› ', { signal: ended.signal });
  } catch {
    return undefined;
  } finally {
    terminal.off('close', onClose);
  }
}
