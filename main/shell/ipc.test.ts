import { beforeEach, describe, expect, test, vi } from 'vitest';
import { callInputs } from '../../preload/contract.ts';
import type { CallName, Result } from '../../preload/contract.ts';
import { AppFailure } from '../failure.ts';
import { emitTo, serve } from './ipc.ts';
import type { Handlers } from './ipc.ts';
import { isAppFrame } from './security.ts';
import { contractViolations, fittingInputs, foreignFields, unboundedFields } from '../testing/contract-violations.ts';

type Served = (event: { readonly senderFrame: unknown }, input: unknown) => Promise<Result<unknown>>;
const served = vi.hoisted(() => new Map<string, Served>());
vi.mock('electron', () => ({
  app: {},
  session: {},
  protocol: {},
  ipcMain: { handle: (channel: string, handler: Served) => served.set(channel, handler) },
}));

const names = Object.keys(callInputs) as CallName[];
const ownFrame = { url: 'app://wyvern/index.html', parent: null };
const foreignFrames = [
  null,
  { url: 'https://example.com/', parent: null },
  { url: 'app://wyvern.example.com/', parent: null },
  { url: 'app://wyvernx/index.html', parent: null },
  { url: 'file:///app://wyvern/', parent: null },
  { url: 'about:blank', parent: null },
  { url: 'app://wyvern/index.html', parent: ownFrame },
];

/** Handlers with the same behaviour for every call. */
function everywhere(handler: (input: unknown) => unknown): Handlers {
  return Object.fromEntries(names.map((name) => [name, handler])) as unknown as Handlers;
}

function call(name: string, input: unknown, senderFrame: unknown = ownFrame): Promise<Result<unknown>> {
  const handler = served.get(`call:${name}`);
  if (!handler) throw new Error(`${name} is not served`);
  return handler({ senderFrame }, input);
}

beforeEach(() => {
  served.clear();
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});

describe('serve', () => {
  test('serves every name of the contract and no other', () => {
    serve(
      everywhere(() => undefined),
      isAppFrame,
    );
    expect([...served.keys()].sort()).toEqual(names.map((name) => `call:${name}`).sort());
  });

  test('rejects every call from another frame than the app’s top one, before it reads the input', async () => {
    const handler = vi.fn();
    serve(everywhere(handler), isAppFrame);
    for (const name of names) {
      for (const frame of foreignFrames) await expect(call(name, {}, frame)).rejects.toThrow('Refused');
    }
    expect(handler).not.toHaveBeenCalled();
  });

  test('passes the parsed input to the handler, without unknown fields', async () => {
    serve(
      everywhere((input) => input),
      isAppFrame,
    );
    expect(await call('conversations.rename', { id: 'c', title: '  A title ', extra: 1 })).toEqual({
      ok: true,
      value: { id: 'c', title: 'A title' },
    });
  });

  test('answers invalid input with an error value that names the field', async () => {
    const handler = vi.fn();
    serve(everywhere(handler), isAppFrame);
    const result = await call('conversations.open', { id: '../x' });
    expect(result).toMatchObject({ ok: false, error: { code: 'option-invalid' } });
    expect(result.ok ? '' : result.error.message).toContain('conversations.open: id');
    expect(handler).not.toHaveBeenCalled();
  });

  test('no call takes a wrong type, a missing field or a size beyond its bound', async () => {
    const handler = vi.fn();
    serve(everywhere(handler), isAppFrame);
    const violations = contractViolations();
    expect(new Set(violations.map(({ call }) => call))).toEqual(new Set(names));
    expect(violations.length).toBeGreaterThan(1600);
    const accepted: string[] = [];
    for (const { call: name, what, input } of violations) {
      const result = await call(name, input);
      if (result.ok || result.error.code !== 'option-invalid') accepted.push(`${name}: ${what}`);
    }
    expect(accepted).toEqual([]);
    expect(handler).not.toHaveBeenCalled();
  });

  test('each wrong input is wrong in one place only: corrected, it is accepted', async () => {
    const handler = vi.fn();
    serve(everywhere(handler), isAppFrame);
    const inputs = fittingInputs();
    expect([...inputs.keys()]).toEqual(names);
    for (const [name, input] of inputs) expect(await call(name, input)).toMatchObject({ ok: true });
    expect(handler).toHaveBeenCalledTimes(names.length);
  });

  test.each(['extra', '__proto__', 'constructor', 'toString'])(
    'a field “%s” that no schema knows reaches no handler',
    async (field) => {
      const seen: unknown[] = [];
      serve(
        everywhere((input) => void seen.push(input)),
        isAppFrame,
      );
      const inputs = foreignFields(field);
      expect(new Set(inputs.map(({ call }) => call))).toEqual(new Set(names));
      for (const { call: name, what, input } of inputs) {
        const before = seen.length;
        await call(name, input);
        expect(JSON.stringify(seen.slice(before)), `${name}: ${what}`).not.toContain('foreign');
        expect(Object.getPrototypeOf(seen[before] ?? {}), `${name}: ${what}`).toBe(Object.prototype);
      }
    },
  );

  test('every field of every call has a bound', () => {
    expect(unboundedFields()).toEqual([]);
  });

  test('turns expected and unexpected failures into values', async () => {
    const failures = [
      new AppFailure('busy', 'It is busy.', 'Wait.'),
      Object.assign(new Error('disk full'), { code: 'ERR_SQLITE_ERROR' }),
      new TypeError('a bug'),
    ];
    serve(
      everywhere(() => {
        throw failures.shift() ?? new Error('no more');
      }),
      isAppFrame,
    );
    expect(await call('app.info', {})).toEqual({
      ok: false,
      error: { code: 'busy', message: 'It is busy.', hint: 'Wait.' },
    });
    expect(await call('app.info', {})).toMatchObject({ ok: false, error: { code: 'store-failed' } });
    expect(await call('app.info', {})).toMatchObject({ ok: false, error: { code: 'internal' } });
  });
});

describe('emit', () => {
  test('reaches an open window; without one, the event is dropped', () => {
    const send = vi.fn();
    let destroyed = false;
    const emit = emitTo(() => ({ send, isDestroyed: () => destroyed }));
    emit('models.state', { status: 'none' });
    destroyed = true;
    emit('models.state', { status: 'none' });
    emitTo(() => undefined)('models.state', { status: 'none' });
    expect(send.mock.calls).toEqual([['event:models.state', { status: 'none' }]]);
  });
});
