/** `wyvern serve` with real models, as OpenAI’s own client uses it. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { defaultFolder, thinkerFolder } from '../engine/testing/bundles.ts';
import { noSignals, testUnless } from '../testing/test-unless.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

interface Served {
  readonly child: ChildProcessWithoutNullStreams;
  readonly address: string;
  readonly token: string | undefined;
  readonly client: OpenAI;
}

const children: ChildProcessWithoutNullStreams[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

function start(args: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcessWithoutNullStreams {
  const env = { ...process.env, WYVERN_MODEL: '', WYVERN_LOG: '', ...environment };
  const child = spawn(process.execPath, [join(import.meta.dirname, 'index.ts'), 'serve', ...args], { env });
  children.push(child);
  return child;
}

async function serve(args: readonly string[], environment: NodeJS.ProcessEnv = {}, apiKey?: string): Promise<Served> {
  const child = start([...args, '--port', '0', '--json'], environment);
  for await (const line of createInterface({ input: child.stdout })) {
    const { address, token } = JSON.parse(line) as { readonly address: string; readonly token?: string };
    const client = new OpenAI({ baseURL: address, apiKey: token ?? apiKey ?? 'none', maxRetries: 0 });
    child.stdout.resume();
    return { child, address, token, client };
  }
  throw new Error('The server ended before it listened.');
}

async function statusOf(
  child: ChildProcessWithoutNullStreams,
): Promise<{ readonly status: number | null; stderr: string }> {
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, stderr };
}

const question = { role: 'user', content: 'What is the capital of France?' } as const;
const greedy = { model: 'default', temperature: 0, max_completion_tokens: 30 } as const;

describe('the default model', () => {
  let served: Served;
  beforeAll(async () => (served = await serve(['--model', defaultFolder])));

  test('is in the list', async () => {
    const models = await served.client.models.list();
    expect(models.data.map(({ id }) => id)).toEqual(['SmolLM2 135M Instruct']);
    const model = await served.client.models.retrieve('SmolLM2 135M Instruct');
    expect(model.owned_by).toBe('wyvern');
  });

  test('answers a chat, streamed and not, with the same text', async () => {
    const { completions } = served.client.chat;
    const whole = await completions.create({ ...greedy, messages: [question] });
    expect(whole.choices[0]).toMatchObject({
      message: { content: 'The capital of France is Paris.' },
      finish_reason: 'stop',
    });
    const stream = await completions.create({
      ...greedy,
      messages: [question],
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let usage: OpenAI.CompletionUsage | null | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      usage = chunk.usage ?? usage;
    }
    expect(text).toBe(whole.choices[0]?.message.content);
    expect(usage).toMatchObject({ completion_tokens: whole.usage?.completion_tokens });
  });

  test('reuses the KV cache of the turn before', async () => {
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Name a colour.' }];
    const first = await served.client.chat.completions.create({ ...greedy, messages });
    const answer = first.choices[0]?.message.content ?? '';
    const second = await served.client.chat.completions.create({
      ...greedy,
      messages: [...messages, { role: 'assistant', content: answer }, { role: 'user', content: 'Another one.' }],
    });
    const read = (first.usage?.prompt_tokens ?? 0) + (first.usage?.completion_tokens ?? 0);
    // All but the last token, which the model has not read.
    expect(second.usage?.prompt_tokens_details?.cached_tokens).toBeGreaterThanOrEqual(read - 1);
  });

  test('continues raw text up to a stop string', async () => {
    const whole = await served.client.completions.create({
      ...{
        model: 'default',
        temperature: 0,
        repetition_penalty: 1,
        prompt: 'one two three four one two three four one two',
        stop: ' four',
      },
    });
    expect(whole.choices[0]).toMatchObject({ text: ' three', finish_reason: 'stop' });
    const stream = await served.client.completions.create({
      model: 'default',
      prompt: 'Once',
      max_tokens: 3,
      stream: true,
    });
    let finish = '';
    for await (const { choices } of stream) finish = choices[0]?.finish_reason ?? finish;
    expect(finish).toBe('length');
  });

  test('gives the same answer for the same seed', async () => {
    const ask = async (seed: number): Promise<string | null | undefined> => {
      const body = { model: 'default', temperature: 1.5, seed, max_tokens: 20, messages: [question] };
      return (await served.client.chat.completions.create(body)).choices[0]?.message.content;
    };
    expect(await ask(5)).toBe(await ask(5));
    expect(await ask(6)).not.toBe(await ask(5));
  });

  test('answers parallel requests one after the other', async () => {
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => served.client.chat.completions.create({ ...greedy, messages: [question] })),
    );
    expect(new Set(answers.map(({ choices }) => choices[0]?.message.content)).size).toBe(1);
  });

  test('a client that leaves stops its answer', async () => {
    const endless = { model: 'default', prompt: 'A', temperature: 0, max_tokens: 100_000, stream: true } as const;
    const stream = await served.client.completions.create(endless);
    for await (const chunk of stream) if (chunk.choices[0]?.text !== undefined) break;
    const after = await served.client.chat.completions.create({ ...greedy, messages: [question] });
    expect(after.choices[0]?.message.content).toContain('Paris');
  });

  test('errors are those that the client knows', async () => {
    const { chat } = served.client;
    const { NotFoundError, BadRequestError, AuthenticationError } = OpenAI;
    await expect(chat.completions.create({ ...greedy, model: 'gpt-4o', messages: [question] })).rejects.toThrow(
      NotFoundError,
    );
    const long = { role: 'user', content: 'word '.repeat(3000) } as const;
    const failed = chat.completions.create({ ...greedy, messages: [long] });
    await expect(failed).rejects.toThrow(BadRequestError);
    await expect(failed).rejects.toMatchObject({ code: 'prompt-too-long' });
    const other = new OpenAI({ baseURL: served.address, apiKey: 'wrong', maxRetries: 0 });
    await expect(other.models.list()).rejects.toThrow(AuthenticationError);
  });

  testUnless(noSignals, 'ends cleanly with Ctrl+C, also during an answer', async () => {
    const stream = await served.client.completions.create({
      model: 'default',
      prompt: 'A',
      max_tokens: 100_000,
      stream: true,
    });
    const reading = (async () => {
      let pressed = false;
      for await (const chunk of stream) {
        // Once: a second Ctrl+C does not wait for the end.
        if (chunk.choices.length > 0 && !pressed) pressed = served.child.kill('SIGINT');
      }
    })();
    const [ended] = await Promise.all([statusOf(served.child), reading.catch(() => undefined)]);
    expect(ended.status).toBe(0);
  });
});

test('a model that thinks first gives its thought apart from its answer', async () => {
  const { client, child } = await serve(['--model', thinkerFolder]);
  const messages = [{ role: 'user', content: 'What is 2 + 2?' }] as const;
  const whole = await client.chat.completions.create({
    ...greedy,
    max_completion_tokens: 100,
    messages: [...messages],
  });
  const message = whole.choices[0]?.message as { content: string; reasoning_content?: string };
  expect(message.reasoning_content).toMatch(/\S/);
  expect(message.content).not.toContain('<think>');
  expect(message.content).toMatch(/\S/);
  expect(whole.usage?.completion_tokens_details?.reasoning_tokens).toBeGreaterThan(0);
  const brief = { model: 'default', temperature: 0, reasoning_effort: 'none' } as const;
  const silent = await client.chat.completions.create({ ...brief, messages: [...messages] });
  expect(silent.usage?.completion_tokens_details?.reasoning_tokens).toBe(0);
  child.kill();
});

test('a token file is made once, for its owner alone, and used again', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'wyvern-serve-')), 'token');
  const first = await serve(['--model', thinkerFolder, '--token-file', file]);
  const token = readFileSync(file, 'utf8').trim();
  expect(first.token).toBeUndefined();
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
  first.child.kill();
  const second = await serve(['--model', thinkerFolder, '--token-file', file], {}, token);
  expect((await second.client.models.list()).data.length).toBe(1);
  second.child.kill();
});

describe('refuses', () => {
  test.each([
    ['another address', ['--host', '0.0.0.0']],
    ['a wrong port', ['--port', '70000']],
    ['a wrong origin', ['--allow-origin', 'localhost']],
    ['every origin', ['--allow-origin', '*']],
  ])('%s', async (_name, args) => {
    const { status, stderr } = await statusOf(start(['--model', thinkerFolder, ...args]));
    expect(status).toBe(1);
    expect(stderr).toContain(args[0]);
  });

  test('a token file without a token', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'wyvern-serve-')), 'token');
    writeFileSync(file, 'short');
    const { status, stderr } = await statusOf(start(['--model', thinkerFolder, '--token-file', file]));
    expect(status).toBe(1);
    expect(stderr).toContain('has no token');
  });

  test('a port in use', async () => {
    const { address, child } = await serve(['--model', thinkerFolder]);
    const port = new URL(address).port;
    const { status, stderr } = await statusOf(start(['--model', thinkerFolder, '--port', port]));
    expect(status).toBe(1);
    expect(stderr).toContain(`Port ${port} is in use by another program.`);
    child.kill();
  });
});
