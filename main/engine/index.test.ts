import { EventEmitter, on } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import { serve } from './index.ts';
import type { EngineEvent, EngineRequest, GenerateInput } from './protocol.ts';
import { fixtureBundle, greedy, scriptedBundle } from './testing/bundles.ts';

/** The host's end of the port, with the semantics of Electron's. */
/** The addon under test, if it is another than that of the checkout. */
const ownAddon = process.env['WYVERN_ADDON'];

class Host extends EventEmitter<{ event: [EngineEvent] }> {
  readonly events: EngineEvent[] = [];
  readonly exit = Promise.withResolvers<number>();
  readonly #listeners: ((event: { readonly data: unknown }) => void)[] = [];

  constructor(addon: string | undefined) {
    super();
    vi.stubEnv('WYVERN_ADDON', addon);
    serve(
      {
        on: (_, listener) => this.#listeners.push(listener),
        postMessage: (message) => {
          const event = structuredClone(message) as EngineEvent;
          this.events.push(event);
          this.emit('event', event);
        },
      },
      (status) => this.exit.resolve(status),
    );
  }

  post(request: EngineRequest): void {
    for (const listener of this.#listeners) listener({ data: structuredClone(request) });
  }

  /** Returns the first event of this type, earlier ones included. */
  async event<T extends EngineEvent['type']>(type: T, id?: string): Promise<Extract<EngineEvent, { type: T }>> {
    const wanted = (event: EngineEvent): event is Extract<EngineEvent, { type: T }> =>
      event.type === type && (id === undefined || ('id' in event && event.id === id));
    const there = this.events.find(wanted);
    if (there) return there;
    for await (const [event] of on(this, 'event') as AsyncIterable<[EngineEvent]>) if (wanted(event)) return event;
    throw new Error('unreachable');
  }

  async load(): Promise<void> {
    this.post({ type: 'load', id: 'load', bundle: scriptedBundle() });
    await this.event('loaded');
  }
}

const input: GenerateInput = { prompt: { kind: 'text', text: 'a' }, sampling: greedy };

describe('the engine process', () => {
  test('is ready, loads with progress, answers with joined tokens and ends', async () => {
    const host = new Host('fake:answer=Hello%20there&repeat=100');
    await host.event('ready');
    await host.load();
    expect(host.events.filter(({ type }) => type === 'loading').length).toBeGreaterThan(0);
    host.post({ type: 'generate', id: 'one', input });
    const done = await host.event('done', 'one');
    expect(done).toMatchObject({ text: 'Hello there'.repeat(100), reason: 'stop' });
    const messages = host.events.filter((event) => event.type === 'tokens');
    expect(messages.flatMap(({ tokens }) => tokens.map((token) => token.text)).join('')).toBe(done.text);
    expect(messages.length).toBeLessThan(done.tokens.length / 4);
    const order = host.events.filter((event) => 'id' in event && event.id === 'one').map(({ type }) => type);
    expect(order.slice(0, 2)).toEqual(['prefilling', 'prefilled']);
    expect([order.at(-1), new Set(order.slice(2, -1))]).toEqual(['done', new Set(['tokens'])]);
    host.post({ type: 'shutdown' });
    expect(await host.exit.promise).toBe(0);
  });

  test('reports each chunk of a prompt after it was read, even if the next one hangs', async () => {
    const host = new Host('fake:prefillLength=4&hangAtChunk=3');
    await host.load();
    host.post({ type: 'generate', id: 'one', input: { ...input, prompt: { kind: 'text', text: 'twelve bytes' } } });
    await vi.waitFor(() => expect(host.events.filter(({ type }) => type === 'prefilling')).toHaveLength(2), {
      timeout: 60_000,
    });
    expect(await host.event('prefilling', 'one')).toMatchObject({ chunk: { tokens: 4 } });
    host.post({ type: 'count', id: 'count', prompt: { kind: 'plain', text: 'abc' } });
    expect(await host.event('counted')).toMatchObject({ tokens: 3 });
    expect(host.events.some(({ type }) => type === 'prefilled')).toBe(false);
  });

  test('answers one prompt at a time and stops the named answer', async () => {
    const host = new Host('fake:repeat=0&rate=500');
    await host.load();
    host.post({ type: 'generate', id: 'one', input });
    host.post({ type: 'generate', id: 'two', input });
    expect((await host.event('failed', 'two')).error.code).toBe('busy');
    host.post({ type: 'stop', id: 'two' });
    await host.event('tokens', 'one');
    host.post({ type: 'stop', id: 'one' });
    host.post({ type: 'stop', id: 'one' });
    expect((await host.event('done', 'one')).reason).toBe('cancelled');
    host.post({ type: 'stop', id: 'one' });
    host.post({ type: 'generate', id: 'three', input: { ...input, maxTokens: 2 } });
    expect((await host.event('done', 'three')).text).toBe('He');
  });

  test('shuts down in the middle of an answer', async () => {
    const host = new Host('fake:repeat=0&rate=500');
    await host.load();
    host.post({ type: 'generate', id: 'one', input });
    await host.event('tokens', 'one');
    host.post({ type: 'shutdown' });
    expect(await host.exit.promise).toBe(0);
    expect((await host.event('done', 'one')).reason).toBe('cancelled');
  });

  test('reports the fault of an addon or a bundle', async () => {
    const without = new Host('/no/such/wyvern.node');
    await without.event('ready');
    without.post({ type: 'load', id: 'load', bundle: fixtureBundle });
    expect((await without.event('failed', 'load')).error.code).toBe('addon-missing');
    const host = new Host(ownAddon);
    host.post({ type: 'load', id: 'load', bundle: { ...fixtureBundle, program: fixtureBundle.tokenizer } });
    expect((await host.event('failed', 'load')).error).toMatchObject({
      code: 'model-invalid',
      hint: expect.any(String) as string,
    });
  });

  test('counts tokens, also during an answer, and reports a missing model', async () => {
    const host = new Host('fake:rate=200&repeat=0');
    host.post({ type: 'count', id: 'early', prompt: { kind: 'plain', text: 'abc' } });
    expect(await host.event('failed', 'early')).toMatchObject({ error: { code: 'not-loaded' } });
    await host.load();
    host.post({ type: 'generate', id: 'one', input });
    await host.event('tokens', 'one');
    host.post({ type: 'count', id: 'count', prompt: { kind: 'plain', text: 'abc' } });
    expect(await host.event('counted', 'count')).toMatchObject({ tokens: 3 });
    host.post({ type: 'stop', id: 'one' });
    await host.event('done', 'one');
  });
});
