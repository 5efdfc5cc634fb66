/** The server over real sockets, with a scripted model. */
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ServerLogEntry } from '../../preload/contract.ts';
import { mostEntries } from './request-log.ts';
import type { LocalServer } from './server.ts';
import {
  eventsOf,
  ScriptedAccess,
  send,
  servedModel,
  startServer,
  token,
  type Sent,
} from './testing/scripted-access.ts';

/** Long enough for a busy machine. */
const until = (check: () => void): Promise<void> => vi.waitFor(check, 50_000);

let access: ScriptedAccess;
let server: LocalServer;
beforeEach(async () => {
  access = new ScriptedAccess();
  server = await startServer(access, { origins: ['http://localhost:3000'] });
});
afterEach(async () => await server.close());

const hi = { model: 'Tiny', messages: [{ role: 'user', content: 'Hi' }] };
const chat = (more: object = {}, sent: Sent = {}): Promise<Response> =>
  send(server, '/v1/chat/completions', { body: { ...hi, ...more }, ...sent });
const complete = (more: object): Promise<Response> =>
  send(server, '/v1/completions', { body: { model: 'default', prompt: 'Once', ...more } });
const errorOf = async (response: Response): Promise<object> => ({
  status: response.status,
  ...((await response.json()) as { error: object }).error,
});

describe('who may ask', () => {
  const models = (headers: Readonly<Record<string, string>>): Promise<Response> =>
    send(server, '/v1/models', { headers });

  test.each([
    ['no token', { authorization: '' }],
    ['another token', { authorization: `Bearer ${token}x` }],
    ['a part of the token', { authorization: `Bearer ${token.slice(0, -1)}` }],
    ['another scheme', { authorization: `Basic ${token}` }],
  ])('refuses %s', async (_name, headers) => {
    expect(await errorOf(await models(headers))).toMatchObject({ status: 401, code: 'token-invalid' });
  });

  test.each(['https://evil.example', 'null', 'http://localhost:3001', 'file://'])(
    'refuses a page of %s',
    async (origin) => {
      expect(await errorOf(await models({ origin }))).toMatchObject({ status: 403, code: 'origin-refused' });
    },
  );

  test('accepts a page that the person allowed, and sends no CORS header', async () => {
    const response = await models({ origin: 'http://localhost:3000' });
    expect(response.status).toBe(200);
    expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  test.each([
    'evil.example',
    'evil.example:PORT',
    '127.0.0.1',
    '127.0.0.1:1',
    '127.0.0.1.evil.example:PORT',
    '[::1]:PORT',
    '',
  ])('refuses the host “%s”', async (host) => {
    const reply = await raw(`GET /v1/models HTTP/1.1\r\nHost: ${host.replace('PORT', String(server.port))}\r\n${head}`);
    expect(reply).toMatch(/^HTTP\/1.1 403 [^]*"code":"host-refused"/);
  });

  test('accepts localhost, in any case', async () => {
    const reply = await raw(`GET /v1/models HTTP/1.1\r\nHost: LocalHost:${server.port}\r\n${head}`);
    expect(reply).toMatch(/^HTTP\/1.1 200 /);
  });

  test('no other address of this machine answers', async () => {
    const others = Object.values(networkInterfaces())
      .flat()
      .flatMap((face) => (face === undefined || face.address === '127.0.0.1' ? [] : [face]))
      .map(({ address, scopeid }) => (scopeid ? `${address}%${scopeid}` : address));
    for (const address of [...others, '::1', '127.0.0.2']) {
      expect(await refusedAt(address), address).toBe(true);
    }
  });

  test('a renewed token replaces the old one', async () => {
    server.renewToken('wyvern-another-token-for-tests');
    expect((await models({})).status).toBe(401);
    expect((await models({ authorization: 'Bearer wyvern-another-token-for-tests' })).status).toBe(200);
  });
});

const head = `Authorization: Bearer ${token}\r\nConnection: close\r\n\r\n`;

/** Sends bytes as they are. */
async function raw(bytes: string): Promise<string> {
  const socket = connect(server.port, '127.0.0.1');
  socket.write(bytes);
  let reply = '';
  for await (const chunk of socket.setEncoding('utf8') as AsyncIterable<string>) reply += chunk;
  return reply;
}

async function refusedAt(address: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(server.port, address);
  socket.once('connect', () => resolve(false));
  socket.once('error', () => resolve(true));
  const refused = await promise;
  socket.destroy();
  return refused;
}

describe('routes', () => {
  test('the list has the loaded model', async () => {
    expect(await (await send(server, '/v1/models')).json()).toEqual({
      object: 'list',
      data: [{ id: 'Tiny', object: 'model', created: 1, owned_by: 'wyvern', max_model_len: 128 }],
    });
    expect(await (await send(server, '/v1/models/Tiny?x=1')).json()).toMatchObject({ id: 'Tiny' });
    expect((await send(server, '/v1/models/%ff')).status).toBe(404);
  });

  test('without a model, the list is empty and answers fail with the reason', async () => {
    access.served = { code: 'model-not-loaded', message: 'No model is loaded.', hint: 'Choose a model.' };
    expect(await (await send(server, '/v1/models')).json()).toEqual({ object: 'list', data: [] });
    expect(await errorOf(await chat())).toEqual({
      ...{ status: 503, type: 'server_error', param: null, code: 'model-not-loaded' },
      message: 'No model is loaded. Choose a model.',
    });
  });

  test.each([
    ['GET', '/', 404, 'route-unknown'],
    ['GET', '/v1/embeddings', 404, 'route-unknown'],
    ['POST', '/v1/models', 405, 'method-wrong'],
    ['GET', '/v1/chat/completions', 405, 'method-wrong'],
    ['DELETE', '/v1/models/Tiny', 405, 'method-wrong'],
    ['OPTIONS', '/v1/completions', 405, 'method-wrong'],
  ])('%s %s is %i', async (method, path, status, code) => {
    expect(await errorOf(await send(server, path, { method }))).toMatchObject({ status, code });
  });
});

describe('an answer', () => {
  test('as a whole has text, thought, usage and the reason of its end', async () => {
    access.script = { tokens: [{ text: '', thought: 'Hm' }, { text: 'Yes' }] };
    expect(await (await chat()).json()).toMatchObject({
      object: 'chat.completion',
      model: 'Tiny',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Yes', reasoning_content: 'Hm' },
          finish_reason: 'stop',
        },
      ],
      usage: {
        ...{ prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 },
        prompt_tokens_details: { cached_tokens: 3 },
        completion_tokens_details: { reasoning_tokens: 1 },
      },
    });
  });

  test('as a stream has the same pieces', async () => {
    access.script = { tokens: [{ text: '', thought: 'Hm' }, { text: 'Yes' }] };
    const response = await chat({ stream: true, stream_options: { include_usage: true } });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const events = await eventsOf(response);
    expect(events).toMatchObject([
      {
        object: 'chat.completion.chunk',
        choices: [{ delta: { role: 'assistant' }, finish_reason: null }],
        usage: null,
      },
      { choices: [{ delta: { reasoning_content: 'Hm' } }] },
      { choices: [{ delta: { content: 'Yes' } }] },
      { choices: [{ delta: {}, finish_reason: 'stop' }] },
      { choices: [], usage: { prompt_tokens: 7, completion_tokens: 2 } },
      '[DONE]',
    ]);
  });

  test('without the option, a stream has no usage', async () => {
    const events = await eventsOf(await chat({ stream: true }));
    expect(events.filter((event) => typeof event === 'object' && event !== null && 'usage' in event)).toEqual([]);
  });

  test('of raw text has OpenAI’s default of 16 tokens', async () => {
    expect(await (await complete({ stop: 'x', seed: 3 })).json()).toMatchObject({
      object: 'text_completion',
      choices: [{ index: 0, text: 'Hello there', finish_reason: 'stop' }],
    });
    expect(access.inputs).toMatchObject([
      { prompt: { kind: 'text', text: 'Once' }, maxTokens: 16, stopStrings: ['x'], sampling: { seed: 3 } },
    ]);
    await complete({ prompt: [1, 2], max_tokens: 2 });
    expect(access.inputs[1]).toMatchObject({ prompt: { kind: 'tokens', tokens: [1, 2] }, maxTokens: 2 });
    const events = await eventsOf(await complete({ prompt: ['Once'], stream: true }));
    expect(events).toMatchObject([
      { choices: [{ text: 'Hello' }] },
      { choices: [{ text: ' there' }] },
      { choices: [{ text: '', finish_reason: 'stop' }] },
      '[DONE]',
    ]);
  });

  test('that reaches its limit has the reason “length”', async () => {
    const answer = await (await chat({ max_completion_tokens: 2 })).json();
    expect(answer).toMatchObject({ choices: [{ finish_reason: 'length' }] });
  });

  test('gets the sampling of its request over the model’s own', async () => {
    await chat({ temperature: 0, top_p: 0, top_k: -1, repeat_penalty: 1.5, stop: ['a', 'b'], presence_penalty: 0 });
    await chat();
    expect(access.inputs[0]).toMatchObject({
      sampling: { temperature: 0, topP: Number.EPSILON, topK: 0, minP: 0, repetitionPenalty: 1.5 },
      stopStrings: ['a', 'b'],
    });
    expect(access.inputs[1]?.sampling).toEqual(servedModel().sampling);
  });

  test('of a model with a switch thinks as its request says', async () => {
    access.served = servedModel({ source: 'file', thinking: 'on' });
    await chat({ reasoning_effort: 'none' });
    await chat({ chat_template_kwargs: { enable_thinking: true } });
    await chat();
    expect(access.inputs.map(({ prompt }) => 'thinking' in prompt && prompt.thinking)).toEqual([false, true, false]);
  });

  test('gets parts of text, roles and thoughts of earlier messages', async () => {
    const messages = [
      { role: 'developer', content: 'Be short.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'One' },
          { type: 'text', text: 'two' },
        ],
      },
      { role: 'assistant', content: 'Yes', reasoning_content: 'Hm' },
      { role: 'user', content: 'Hi' },
    ];
    await chat({ messages });
    expect(access.inputs[0]?.prompt).toEqual({
      kind: 'messages',
      messages: [
        { role: 'system', content: 'Be short.' },
        { role: 'user', content: 'One\ntwo' },
        { role: 'assistant', content: 'Yes', thought: 'Hm' },
        { role: 'user', content: 'Hi' },
      ],
    });
  });
});

describe('tools', () => {
  const tools = [{ type: 'function', function: { name: 'add', parameters: { type: 'object' } } }];
  const answer = '<tool_call>\n{"name": "add", "arguments": {"a": 1}}\n</tool_call>';
  const call = { type: 'function', function: { name: 'add', arguments: '{"a":1}' } };
  beforeEach(() => {
    access.served = servedModel({ source: 'file', tools: 'hermes' });
    access.script = { tokens: Array.from(answer).map((text) => ({ text })) };
  });

  test('a call comes apart from the text', async () => {
    expect(await (await chat({ tools })).json()).toMatchObject({
      choices: [{ message: { content: null, tool_calls: [call] }, finish_reason: 'tool_calls' }],
    });
    expect(access.inputs[0]?.prompt).toMatchObject({ tools: [{ name: 'add', parameters: { type: 'object' } }] });
  });

  test('a streamed call is one piece', async () => {
    expect(await eventsOf(await chat({ tools, stream: true }))).toMatchObject([
      { choices: [{ delta: { role: 'assistant' } }] },
      { choices: [{ delta: { tool_calls: [{ index: 0, ...call }] } }] },
      { choices: [{ finish_reason: 'tool_calls' }] },
      '[DONE]',
    ]);
  });

  test('the next turn has the call and its result', async () => {
    const messages = [
      ...hi.messages,
      { role: 'assistant', content: null, tool_calls: [{ id: 'call_1', ...call }] },
      { role: 'tool', tool_call_id: 'call_1', content: '3' },
    ];
    await chat({ tools, messages });
    expect(access.inputs[0]?.prompt).toMatchObject({
      messages: [
        { role: 'user' },
        { role: 'assistant', content: '', toolCalls: [{ id: 'call_1', name: 'add', arguments: { a: 1 } }] },
        { role: 'tool', content: '3', toolCallId: 'call_1' },
      ],
    });
  });

  test('are left out with the choice “none”', async () => {
    const whole = await (await chat({ tools, tool_choice: 'none' })).json();
    expect(whole).toMatchObject({ choices: [{ message: { content: answer }, finish_reason: 'stop' }] });
  });

  test('a model without a place for tools refuses them', async () => {
    access.served = servedModel();
    expect(await errorOf(await chat({ tools }))).toMatchObject({
      status: 400,
      code: 'value-unsupported',
      param: 'tools',
    });
  });
});

describe('a wrong request', () => {
  test.each<[name: string, fields: object, param: string, code: string]>([
    ['no messages', { messages: [] }, 'messages', 'value-invalid'],
    ['a wrong role', { messages: [{ role: 'robot', content: '' }] }, 'messages.0.role', 'value-invalid'],
    [
      'a picture',
      { messages: [{ role: 'user', content: [{ type: 'image_url' }] }] },
      'messages.0.content',
      'value-unsupported',
    ],
    ['a message without content', { messages: [{ role: 'user' }] }, 'messages.0.content', 'value-invalid'],
    ['a temperature', { temperature: 'hot' }, 'temperature', 'value-invalid'],
    ['a penalty', { frequency_penalty: 0.5 }, 'frequency_penalty', 'value-unsupported'],
    ['two answers', { n: 2 }, 'n', 'value-unsupported'],
    ['a schema', { response_format: { type: 'json_schema' } }, 'response_format', 'value-unsupported'],
    ['a forced call', { tools: [], tool_choice: 'required', messages: [] }, 'messages', 'value-invalid'],
    ['another model', { model: 'gpt-4o' }, 'model', 'model-unknown'],
    [
      'arguments that are no object',
      { messages: [{ role: 'assistant', tool_calls: [{ function: { name: 'a', arguments: '[' } }] }] },
      'messages.0.tool_calls.0.function.arguments',
      'value-invalid',
    ],
  ])('with %s names the field', async (_name, fields, param, code) => {
    expect(await errorOf(await chat(fields))).toMatchObject({ param, code });
    expect(access.inputs).toEqual([]);
  });

  test('fails at once, although another answer runs', async () => {
    access.script = { holds: true };
    const running = chat();
    await until(() => expect(access.running).toBe(1));
    expect((await chat({ model: 'gpt-4o' })).status).toBe(404);
    access.release();
    expect((await running).status).toBe(200);
  });
});

describe('a failure of the model', () => {
  const error = { code: 'execution-failed', message: 'The model failed.', hint: 'Try again.' } as const;

  test('before the first token has its own status', async () => {
    access.script = { fails: { error, at: 'start' } };
    for (const stream of [false, true]) {
      expect(await errorOf(await chat({ stream }))).toMatchObject({
        ...{ status: 500, code: 'execution-failed', message: 'The model failed. Try again.' },
      });
    }
  });

  test('of the prompt is the client’s', async () => {
    access.script = { fails: { error: { code: 'prompt-too-long', message: 'Too long.' }, at: 'start' } };
    expect(await errorOf(await chat())).toMatchObject({ status: 400, code: 'prompt-too-long' });
  });

  test('in a stream is its last event', async () => {
    access.script = { tokens: [{ text: 'Hel' }], fails: { error, at: 'end' } };
    const events = await eventsOf(await chat({ stream: true }));
    expect(events.at(-1)).toMatchObject({ error: { code: 'execution-failed' } });
    expect(events).not.toContain('[DONE]');
    expect(server.entries[0]).toMatchObject({ state: 'done', status: 200, code: 'execution-failed' });
  });
});

describe('the line', () => {
  test('one answer runs at a time, in order, and the log says who waits', async () => {
    access.script = { holds: true };
    const seeds = [1, 2, 3];
    const all: Promise<Response>[] = [];
    for (const seed of seeds) {
      all.push(chat({ seed }));
      await until(() => expect(server.entries.length).toBe(seed));
      await until(() => expect(server.entries[0]?.model).toBe('Tiny'));
    }
    await until(() => expect(server.entries.at(-1)?.state).toBe('running'));
    expect(server.entries.map(({ state }) => state)).toEqual(['waiting', 'waiting', 'running']);
    for (const seed of seeds) {
      await until(() => expect(access.inputs.length).toBe(seed));
      await until(() => {
        access.release();
        expect(access.running === 0 || access.inputs.length > seed).toBe(true);
      });
    }
    await Promise.all(all);
    expect(access.most).toBe(1);
    expect(access.inputs.map(({ sampling }) => sampling.seed)).toEqual(seeds);
  });

  test('a client that leaves stops its answer, and the next one runs', async () => {
    access.script = { holds: true, tokens: [{ text: 'a' }] };
    const client = new AbortController();
    const gone = chat({ stream: true }, { signal: client.signal });
    await gone;
    client.abort();
    await until(() => expect(access.stopped).toBe(1));
    access.script = { tokens: [{ text: 'b' }] };
    expect(await (await chat()).json()).toMatchObject({ choices: [{ message: { content: 'b' } }] });
    expect(server.entries[1]).toMatchObject({ state: 'done', status: 499 });
  });

  test('a client that leaves while it waits never asks the model', async () => {
    access.script = { holds: true };
    const first = chat();
    await until(() => expect(access.running).toBe(1));
    const client = new AbortController();
    const gone = chat({}, { signal: client.signal });
    await until(() => expect(server.entries.length).toBe(2));
    client.abort();
    await expect(gone).rejects.toThrow();
    await until(() => expect(server.entries[0]).toMatchObject({ state: 'done', status: 499 }));
    access.release();
    await first;
    expect(access.inputs.length).toBe(1);
  });
});

describe('the log', () => {
  test('has no text of a request or an answer', async () => {
    const heard: ServerLogEntry[] = [];
    const own = await startServer(access, { onLog: (entry) => heard.push(entry) });
    const secret = 'a secret prompt';
    access.script = { tokens: [{ text: 'a secret answer' }] };
    await send(own, '/v1/chat/completions', { body: { ...hi, messages: [{ role: 'user', content: secret }] } });
    await send(own, `/v1/${encodeURIComponent(secret)}`);
    await send(own, '/v1/completions', { body: `{"model": "${secret}", "prompt": ${secret}` });
    await own.close();
    expect(JSON.stringify(heard)).not.toContain('secret');
    expect(own.entries).toMatchObject([
      { route: 'POST /v1/completions', status: 400, code: 'body-invalid' },
      { route: 'other', status: 404 },
      { route: 'POST /v1/chat/completions', status: 200, promptTokens: 7, cachedTokens: 3, generatedTokens: 1 },
    ]);
  });

  test('counts equal refusals in one entry, and is bounded', async () => {
    await chat();
    for (let index = 0; index < 20; index++) await send(server, '/v1/models', { headers: { authorization: '' } });
    expect(server.entries).toMatchObject([
      { status: 401, times: 20 },
      { status: 200, generatedTokens: 2 },
    ]);
    for (let index = 0; index < mostEntries; index++) await send(server, `/v1/${index % 2 === 0 ? 'models' : 'no'}`);
    expect(server.entries.length).toBe(mostEntries);
  });
});

test('a second server on the same port says so', async () => {
  await expect(startServer(access, { port: server.port })).rejects.toMatchObject({
    error: { code: 'server-port-taken', message: `Port ${server.port} is in use by another program.` },
  });
});

test('closing ends running answers', async () => {
  access.script = { holds: true };
  const running = chat();
  await until(() => expect(access.running).toBe(1));
  await server.close();
  await expect(running).rejects.toThrow();
  await until(() => expect(access.stopped).toBe(1));
});
