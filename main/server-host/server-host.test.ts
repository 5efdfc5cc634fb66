import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ModelState, ServerState } from '../../preload/contract.ts';
import { EngineHost } from '../engine-host/engine-host.ts';
import { AppFailure } from '../failure.ts';
import type { ReadyModel } from '../library/current-model.ts';
import { Turns } from '../library/turns.ts';
import type { AnswerPart, ServerEvent, ServerRequest } from '../server/protocol.ts';
import { loadedModel, ScriptedEngine, settled } from '../testing/scripted-engine.ts';
import { ServerHost } from './server-host.ts';
import type { ServerProcess } from './server-process.ts';
import { TokenFile } from './token-file.ts';

class ScriptedServer implements ServerProcess {
  readonly requests: ServerRequest[] = [];
  say: (event: ServerEvent) => void = () => undefined;
  exit: (code: number) => void = () => undefined;

  post(request: ServerRequest): void {
    this.requests.push(request);
    if (request.type === 'shutdown') this.exit(0);
  }

  onEvent(listener: (event: ServerEvent) => void): void {
    this.say = listener;
  }

  onExit(listener: (code: number) => void): void {
    this.exit = listener;
  }

  destroy(): void {
    this.exit(9);
  }

  parts(id: string): AnswerPart[] {
    return this.requests.flatMap((request) => (request.type === 'part' && request.id === id ? [request.part] : []));
  }
}

const chatTemplate = { source: 'manifest' } as const;
const ready: ModelState = {
  status: 'ready',
  modelId: 'm',
  name: 'Tiny',
  backend: 'CPU',
  contextLength: 64,
  chatTemplate,
  residentBytes: 1,
};
const input = { prompt: { kind: 'text', text: 'x' } } as never;
let folder: string;
let servers: ScriptedServer[];
let states: ServerState[];
let settings: { serverOn: boolean; serverPort: number };
let turns: Turns;
let engine: ScriptedEngine;
let state: ModelState;
let host: ServerHost;

beforeEach(() => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  folder = mkdtempSync(join(tmpdir(), 'wyvern-server-'));
  servers = [];
  states = [];
  settings = { serverOn: true, serverPort: 8424 };
  state = ready;
  engine = new ScriptedEngine();
  const model: ReadyModel = {
    modelId: 'm',
    host: new EngineHost(engine, () => undefined),
    loaded: loadedModel(),
    sampling: {},
  };
  turns = new Turns(() => host.turnChanged());
  host = new ServerHost({
    fork: () => {
      const server = new ScriptedServer();
      servers.push(server);
      return server;
    },
    current: {
      require: () => {
        if (state.status === 'none') throw new AppFailure('model-not-loaded', 'No model is loaded.');
      },
      ready: () => Promise.resolve(model),
      get state() {
        return state;
      },
    },
    turns,
    tokens: new TokenFile(join(folder, 'token')),
    settings: () => settings,
    emit: (name, payload) => {
      if (name === 'server.changed') states.push(payload as ServerState);
    },
  });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const server = (): ScriptedServer => {
  const last = servers.at(-1);
  if (last === undefined) throw new Error('No server was forked');
  return last;
};

async function turnOn(): Promise<void> {
  await host.follow();
  server().say({ type: 'listening', port: settings.serverPort });
}

test('while the setting is off, no process is forked', async () => {
  settings = { serverOn: false, serverPort: 8424 };
  await host.follow();
  expect(servers).toEqual([]);
  expect(host.state).toEqual({ status: 'off', answering: false, entries: [] });
});

test('turning on starts a process with the port, the token and the model', async () => {
  await turnOn();
  const token = readFileSync(join(folder, 'token'), 'utf8').trim();
  const model = { id: 'm', name: 'Tiny', contextLength: 64, chatTemplate };
  expect(server().requests).toMatchObject([{ type: 'start', port: 8424, token, model: { status: 'ready', model } }]);
  expect(host.state).toMatchObject({ status: 'on', address: 'http://127.0.0.1:8424/v1', token });
  if (process.platform !== 'win32') expect(statSync(join(folder, 'token')).mode & 0o777).toBe(0o600);
});

test('another port moves the server, and turning off ends its process', async () => {
  await turnOn();
  await host.follow();
  expect(servers.length).toBe(1);
  settings.serverPort = 9000;
  await turnOn();
  expect(servers[0]?.requests.at(-1)).toEqual({ type: 'shutdown' });
  expect(host.state.address).toBe('http://127.0.0.1:9000/v1');
  settings.serverOn = false;
  await host.follow();
  expect(server().requests.at(-1)).toEqual({ type: 'shutdown' });
  expect(host.state.status).toBe('off');
});

test('the token stays after a restart, and a renewed one replaces it everywhere', async () => {
  await turnOn();
  const { token } = host.state;
  await host.shutdown();
  await turnOn();
  expect(host.state.token).toBe(token);
  const renewed = await host.renewToken();
  expect(renewed.token).not.toBe(token);
  expect(server().requests.at(-1)).toEqual({ type: 'token', token: renewed.token });
  expect(readFileSync(join(folder, 'token'), 'utf8').trim()).toBe(renewed.token);
});

test('a damaged token file gets a new token', async () => {
  writeFileSync(join(folder, 'token'), 'short\n');
  await turnOn();
  expect(host.state.token).toMatch(/^wyvern-.{43}$/);
});

test('a port in use and a crash are states that say what to do', async () => {
  await host.follow();
  server().say({ type: 'failed', error: { code: 'server-port-taken', message: 'Port 8424 is in use.' } });
  expect(host.state).toMatchObject({ status: 'failed', error: { code: 'server-port-taken' } });
  await turnOn();
  expect(host.state.status).toBe('on');
  server().exit(11);
  expect(host.state).toMatchObject({ status: 'failed', error: { code: 'server-failed' } });
});

describe('a request', () => {
  beforeEach(turnOn);
  const ask = async (id = 'r', modelId = 'm'): Promise<void> => {
    server().say({ type: 'generate', id, modelId, input });
    await settled();
  };

  test('gets its answer part by part', async () => {
    await ask();
    expect(engine.asked('generate')).toEqual({ type: 'generate', id: 'r', input });
    expect(host.state.answering).toBe(true);
    engine.tokens('He', 'llo');
    engine.done('Hello');
    await settled();
    expect(server().parts('r')).toMatchObject([
      { type: 'turn' },
      { type: 'tokens', tokens: [{ text: 'He' }, { text: 'llo' }] },
      { type: 'done', text: 'Hello', reason: 'stop' },
    ]);
    expect(host.state.answering).toBe(false);
  });

  test('waits for the window, and the window waits for it', async () => {
    const endWindow = await turns.take('window');
    await ask();
    const window = turns.take('window');
    expect(engine.asked('generate')).toBeUndefined();
    expect(states.at(-1)?.answering).toBe(false);
    endWindow();
    await settled();
    expect(states.at(-1)?.answering).toBe(true);
    expect(turns.waits('window')).toBe(true);
    engine.done('');
    (await window)();
  });

  test('that its client left is stopped, and leaves the line', async () => {
    await ask();
    server().say({ type: 'stop', id: 'r' });
    expect(engine.asked('stop')).toEqual({ type: 'stop', id: 'r' });
    engine.done('');
    await settled();
    const end = await turns.take('window');
    await ask('waiting');
    server().say({ type: 'stop', id: 'waiting' });
    await settled();
    expect(server().parts('waiting')).toMatchObject([{ type: 'failed' }]);
    expect(turns.waits('server')).toBe(false);
    end();
  });

  test('for a model that is no longer loaded fails, and gives its turn on', async () => {
    await ask('r', 'another');
    expect(server().parts('r').at(-1)).toMatchObject({ type: 'failed', error: { code: 'model-not-loaded' } });
    expect(turns.holder).toBeUndefined();
  });

  test('fails with the engine, and a crash of the server stops it', async () => {
    await ask();
    engine.exit(9);
    await settled();
    expect(server().parts('r').at(-1)).toMatchObject({ type: 'failed', error: { code: 'engine-crashed' } });
  });

  test('is stopped if the process of the server ends', async () => {
    await ask();
    server().exit(9);
    expect(engine.asked('stop')).toBeDefined();
    engine.done('');
    await settled();
    expect(turns.holder).toBeUndefined();
  });
});

describe('the model', () => {
  beforeEach(turnOn);
  const change = async (next: ModelState): Promise<ServerRequest | undefined> => {
    state = next;
    host.modelChanged(next);
    await settled();
    return server().requests.at(-1);
  };

  test('that loads makes requests wait', async () => {
    expect(await change({ status: 'loading', modelId: 'm', name: 'Tiny', stage: 'read', fraction: 0 })).toEqual({
      ...{ type: 'model', model: { status: 'waiting' } },
    });
  });

  test('that nobody used stays available', async () => {
    const idle = { modelId: 'm', name: 'Tiny', minutes: 5 };
    expect(await change({ status: 'none', idle })).toMatchObject({
      model: { status: 'ready', model: { name: 'Tiny' } },
    });
  });

  test('that was unloaded is not available', async () => {
    expect(await change({ status: 'none' })).toMatchObject({
      model: { status: 'none', error: { code: 'model-not-loaded' } },
    });
  });
});
