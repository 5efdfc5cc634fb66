/** Requests that attack the server. After each kind, an ordinary client still gets its answer. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { mostBodyBytes } from './body.ts';
import { mostConnections, type LocalServer } from './server.ts';
import { ScriptedAccess, send, startServer, token } from './testing/scripted-access.ts';

vi.setConfig({ testTimeout: 300_000 });

const scale = Number(process.env['WYVERN_FUZZ_SCALE'] ?? '1');
let server: LocalServer;
let access: ScriptedAccess;
beforeEach(async () => {
  access = new ScriptedAccess();
  server = await startServer(access, {
    timeouts: { headersTimeout: 500, requestTimeout: 1000, connectionsCheckingInterval: 100 },
  });
});
afterEach(async () => {
  const reply = await send(server, '/v1/chat/completions', {
    body: { model: 'Tiny', messages: [{ role: 'user', content: 'Hi' }] },
  });
  expect(reply.status).toBe(200);
  await server.close();
});

/** Sends bytes and returns the reply. The connection may end in any way. */
async function reply(...parts: readonly (string | Uint8Array)[]): Promise<string> {
  const socket = connect(server.port, '127.0.0.1');
  const ended = Promise.withResolvers<undefined>();
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
  socket.on('error', () => undefined).on('close', () => ended.resolve(undefined));
  for (const part of parts) socket.write(part);
  await ended.promise;
  return text;
}

const head = (more = '', method = 'POST', path = '/v1/chat/completions'): string =>
  `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nAuthorization: Bearer ${token}\r\n` +
  `Connection: close\r\n${more}\r\n`;

test('bytes that are no request get an error and the end of their connection', async () => {
  const piece = fc.oneof(
    fc.constantFrom(
      ...['GET', 'POST', ' ', '/v1/models', ' HTTP/1.1', '\r\n', '\n', '\r', ':', 'Host', '\0', '\x16\x03\x01'],
    ),
    fc.constantFrom(...['Content-Length: -1', 'Content-Length: 1e9', 'Transfer-Encoding: chunked', 'ffffffffffffffff']),
    fc.string({ unit: 'binary', maxLength: 20 }),
  );
  const requests = fc.array(piece, { minLength: 1, maxLength: 12 }).map((parts) => `${parts.join('')}\r\n\r\n`);
  await fc.assert(
    fc.asyncProperty(requests, async (bytes) => {
      expect(await reply(Buffer.from(bytes, 'utf8'))).toMatch(/^(?:HTTP\/1\.1 4\d\d [^]*|)$/);
    }),
    { numRuns: 60 * scale },
  );
  expect(access.inputs).toEqual([]);
});

test('a damaged request never reaches the model as another one', async () => {
  const body = JSON.stringify({ model: 'Tiny', messages: [{ role: 'user', content: 'Hi' }], max_tokens: 1 });
  const whole = Buffer.from(head(`Content-Length: ${body.length}\r\n`) + body);
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), async (at, byte) => {
      const bytes = Buffer.from(whole);
      bytes[at] = byte;
      expect(await reply(bytes)).toMatch(/^(?:HTTP\/1\.1 (?:200|4\d\d) [^]*|)$/);
    }),
    { numRuns: 60 * scale },
  );
  for (const { prompt } of access.inputs) {
    expect(prompt).toMatchObject({
      kind: 'messages',
      messages: [{ content: expect.stringMatching(/^[^]{2}$/u) as string }],
    });
  }
});

test.each([
  ['headers of a megabyte', (): string => head(`X: ${'x'.repeat(2 ** 20)}\r\n`), 431],
  ['thousands of headers', (): string => head('X: y\r\n'.repeat(20_000)), 431],
  ['an announced body that is too large', (): string => head(`Content-Length: ${mostBodyBytes + 1}\r\n`), 413],
  ['two lengths', (): string => head('Content-Length: 1\r\nContent-Length: 2\r\n'), 400],
  ['a length and chunks', (): string => head('Content-Length: 1\r\nTransfer-Encoding: chunked\r\n'), 400],
  ['a wrong chunk', (): string => `${head('Transfer-Encoding: chunked\r\n')}zz\r\n`, 400],
])('%s', async (_name, bytes, status) => {
  expect(await reply(bytes())).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
});

test('a body without an announced length is cut at the limit', async () => {
  const chunk = `100000\r\n${'x'.repeat(2 ** 20)}\r\n`;
  const response = await reply(
    head('Transfer-Encoding: chunked\r\n'),
    chunk.repeat(mostBodyBytes / 2 ** 20 + 1),
    '0\r\n\r\n',
  );
  expect(response).toMatch(/^HTTP\/1\.1 413 [^]*"code":"body-too-large"/);
});

test.each([
  ['100,000 nested lists', '['.repeat(100_000)],
  ['100,000 nested objects', '{"a":'.repeat(100_000)],
  ['deep tools', `{"model":"Tiny","messages":[],"tools":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ['bytes that are no UTF-8', '\ud800'],
  ['nothing', ''],
  ['no object', '1'],
  ['a name of an object’s own', '{"__proto__": {"model": "Tiny"}, "messages": []}'],
])('%s: a typed error', async (_name, body) => {
  const response = await send(server, '/v1/chat/completions', { body });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
});

test('any JSON gets an answer or a typed error', async () => {
  const field = fc.constantFrom(
    'model',
    'messages',
    'stop',
    'tools',
    'stream',
    'seed',
    'stream_options',
    'prompt',
    'n',
  );
  const bodies = fc.dictionary(field, fc.jsonValue({ maxDepth: 4 }));
  await fc.assert(
    fc.asyncProperty(bodies, fc.constantFrom('chat/completions', 'completions'), async (body, route) => {
      const { status } = await send(server, `/v1/${route}`, { body: { model: 'Tiny', ...body } });
      expect([200, 400, 404]).toContain(status);
    }),
    { numRuns: 300 * scale },
  );
});

test('a long text with NaN and Infinity arrives whole', async () => {
  const content = 'NaN Infinity "\\ '.repeat(200_000);
  const response = await send(server, '/v1/chat/completions', {
    body: { model: 'Tiny', messages: [{ role: 'user', content }] },
  });
  expect(response.status).toBe(200);
  expect(access.inputs[0]?.prompt).toMatchObject({ messages: [{ content }] });
});

test('a request that comes too slowly is ended', async () => {
  const slowly = async (first: string): Promise<string> => {
    const socket = connect(server.port, '127.0.0.1');
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
    socket.on('error', () => undefined);
    socket.write(first);
    const drip = setInterval(() => socket.write('x'), 50);
    await once(socket, 'close');
    clearInterval(drip);
    return text;
  };
  const [inHead, inBody] = await Promise.all([
    slowly(`POST /v1/completions HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nX: `),
    slowly(head('Content-Length: 100000\r\n')),
  ]);
  expect(inHead).toMatch(/^HTTP\/1\.1 408 /);
  expect(inBody).toMatch(/^(?:HTTP\/1\.1 408 [^]*|)$/);
});

test('of 10,000 connections, few are open at a time', async () => {
  const sockets: Socket[] = [];
  let most = 0;
  for (let wave = 0; wave < 20; wave++) {
    const opened = Array.from({ length: 500 }, () => {
      const socket = connect(server.port, '127.0.0.1');
      socket.on('error', () => undefined);
      return socket;
    });
    // Each is open or refused.
    await Promise.all(opened.map((socket) => Promise.race([once(socket, 'connect'), once(socket, 'close')])));
    sockets.push(...opened);
    most = Math.max(most, await server.connections());
  }
  expect(sockets.length).toBe(10_000);
  expect(most).toBeLessThanOrEqual(mostConnections);
  for (const socket of sockets) socket.destroy();
  await vi.waitFor(async () => expect(await server.connections()).toBe(0), 50_000);
});
