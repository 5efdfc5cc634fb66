import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { addonPath } from './addon-path.ts';
import { addon, codeOf, fixturePath, generate, load } from './addon.ts';

const prompt = Int32Array.of(1, 2, 3);

/** Runs a script with `addon` and `load` in its own process; the result is that process's end. */
function inProcess(script: string, ...flags: string[]) {
  const prelude = `
    const { createRequire } = await import('node:module');
    const addon = createRequire(${JSON.stringify(import.meta.url)})(${JSON.stringify(addonPath)});
    const load = () => addon.Model.load({ programPath: ${JSON.stringify(fixturePath('static.pte'))} });
    const prompt = new Int32Array(31);
  `;
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    [...flags, '--input-type=module', '--eval', prelude + script],
    { encoding: 'utf8', timeout: 600_000 },
  );
  return { status, signal, stdout, stderr };
}

const quiet = { status: 0, signal: null, stdout: '', stderr: '' };

describe('while a call is in flight', () => {
  test('other calls reject as busy, and the first continues', async () => {
    const model = await load('dynamic');
    const sampler = new addon.Sampler();
    const first = model.prefill(prompt);
    expect(
      await Promise.all([
        codeOf(() => model.prefill(prompt)),
        codeOf(() => model.next(sampler)),
        codeOf(() => model.close()),
        codeOf(() => {
          model.seek(0);
        }),
        codeOf(() => model.logits()),
      ]),
    ).toEqual(['busy', 'busy', 'busy', 'busy', 'busy']);
    expect((await first).position).toBe(3);
    const [step] = await generate(model, 1);
    expect(step!.position).toBe(3);
    await model.close();
  });

  test('JavaScript may change the arguments', async () => {
    const model = await load('dynamic');
    const tokens = prompt.slice();
    const pending = model.prefill(tokens);
    tokens.fill(40);
    await pending;
    const logits = model.logits();
    model.seek(0);
    await model.prefill(prompt);
    expect(model.logits()).toEqual(logits);
    await model.close();
  });

  test('unreferenced objects may be collected', () => {
    const script = `
      let model = await load();
      for (let i = 0; i < 20; i += 1) {
        model.seek(0);
        const pending = model.prefill(prompt);
        if (i === 19) model = undefined;
        global.gc();
        await pending;
        global.gc();
      }
      for (let i = 0; i < 5; i += 1) {
        let other = await load();
        await other.prefill(prompt);
        let sampler = new addon.Sampler();
        const step = other.next(sampler);
        other = sampler = undefined;
        global.gc();
        await step;
        await new Promise(setImmediate);
        global.gc();
      }
    `;
    expect(inProcess(script, '--expose-gc')).toEqual(quiet);
  });

  test.each([
    ['loading', 'void load(); setImmediate(() => process.exit(0));'],
    ['prefilling', 'const m = await load(); void m.prefill(prompt); process.exit(0);'],
    ['decoding', 'const m = await load(); await m.prefill(prompt); void m.next(new addon.Sampler()); process.exit(0);'],
    ['closing', 'const m = await load(); void m.close(); process.exit(0);'],
    ['logging', 'addon.setLog("debug", () => {}); const m = await load(); void m.prefill(prompt); process.exit(0);'],
    ['nothing', 'await load();'],
  ])('the process may end: %s', (_, script) => {
    expect(inProcess(script)).toEqual(quiet);
  });

  test('JavaScript may terminate a worker thread and load the addon again', () => {
    const script = `
      const { Worker } = await import('node:worker_threads');
      const source = \`
        const addon = process.getBuiltinModule('module').createRequire('/')(${JSON.stringify(addonPath)});
        const { parentPort } = process.getBuiltinModule('worker_threads');
        addon.Model.load({ programPath: ${JSON.stringify(fixturePath('static.pte'))} }).then(async (model) => {
          parentPort.postMessage('loaded');
          for (;;) { model.seek(0); await model.prefill(new Int32Array(31)); }
        });
      \`;
      for (let i = 0; i < 3; i += 1) {
        const worker = new Worker(source, { eval: true });
        await new Promise((resolve) => worker.once('message', resolve));
        await worker.terminate();
      }
      const model = await load();
      await model.prefill(prompt);
      await model.close();
    `;
    expect(inProcess(script)).toEqual(quiet);
  });
});

describe('stop', () => {
  test('ends a prefill at the next chunk and keeps the finished chunks', async () => {
    const model = await load('static');
    const interrupted = async () => {
      model.seek(0);
      const pending = model.prefill(new Int32Array(31).fill(5));
      model.stop();
      return await pending;
    };
    // A model this small may finish before the stop: repeat until a stop comes in time.
    let result = await interrupted();
    while (!result.stopped) result = await interrupted();
    const { position, chunks } = result;
    expect(chunks).toHaveLength(position);
    expect(position).toBeLessThan(31);
    expect(model.position).toBe(position);
    const rest = await model.prefill(new Int32Array(31 - position).fill(5));
    expect(rest).toMatchObject({ position: 31, stopped: false });
    await model.close();
  });

  test('does nothing when idle, a second time, or after close', async () => {
    const model = await load('static');
    model.stop();
    model.stop();
    expect(await model.prefill(prompt)).toMatchObject({ position: 3, stopped: false });
    await model.close();
    model.stop();
  });
});

describe('a closed model', () => {
  test('refuses everything but reading, stopping and closing', async () => {
    const model = await load('dynamic');
    await model.prefill(prompt);
    const closing = model.close();
    expect(model.close()).toBe(closing);
    await closing;
    await model.close();
    expect(model.facts.vocabSize).toBe(48);
    expect(model.position).toBe(3);
    expect(
      await Promise.all([
        codeOf(() => model.prefill(prompt)),
        codeOf(() => model.next(new addon.Sampler())),
        codeOf(() => model.logits()),
        codeOf(() => {
          model.seek(0);
        }),
      ]),
    ).toEqual(['closed', 'closed', 'closed', 'closed']);
  });

  test('leaves no threads and no memory behind', () => {
    const script = `
      const { readdirSync } = await import('node:fs');
      const cycle = async () => { const m = await load(); await m.prefill(prompt); await m.close(); };
      for (let i = 0; i < 20; i += 1) await cycle();
      global.gc();
      const threads = readdirSync('/proc/self/task').length;
      const before = process.memoryUsage.rss();
      for (let i = 0; i < 300; i += 1) await cycle();
      global.gc();
      if (readdirSync('/proc/self/task').length > threads) console.log('threads');
      if (process.memoryUsage.rss() > before + 16 * 2 ** 20) console.log('memory', process.memoryUsage.rss() - before);
    `;
    if (process.platform === 'linux') expect(inProcess(script, '--expose-gc')).toEqual(quiet);
  });
});

describe('two models', () => {
  test('of the same file run side by side, each with its own cache', async () => {
    const [a, b] = await Promise.all([load('dynamic'), load('dynamic')]);
    await Promise.all([a.prefill(Int32Array.of(1, 2, 3)), b.prefill(Int32Array.of(5))]);
    const [first, second] = await Promise.all([generate(a, 4), generate(b, 4)]);
    await Promise.all([a.close(), b.close()]);
    const alone = await load('dynamic');
    await alone.prefill(Int32Array.of(5));
    const tokens = (steps: typeof first) => steps.map(({ token }) => token);
    expect(tokens(await generate(alone, 4))).toEqual(tokens(second));
    expect(tokens(first)).not.toEqual(tokens(second));
    await alone.close();
  });

  test('share one thread pool, which keeps its size while one is loaded', async () => {
    const one = await load('dynamic', { threads: 1 });
    expect(addon.runtimeInfo().threads).toBe(1);
    expect(await codeOf(() => load('dynamic', { threads: 2 }))).toBe('invalid-argument');
    const same = await load('dynamic', { threads: 1 });
    const any = await load('dynamic');
    await Promise.all([one.close(), same.close(), any.close()]);
    const two = await load('dynamic', { threads: 2 });
    expect(addon.runtimeInfo().threads).toBe(2);
    await two.close();
  });
});

describe('refuses', () => {
  test.each([
    undefined,
    null,
    {},
    'model.pte',
    { programPath: 7 },
    { programPath: '', threads: 0 },
    { programPath: 'x', threads: 257 },
    { programPath: 'x', threads: 1.5 },
    { programPath: 'x', dataPaths: 'x' },
    { programPath: 'x', dataPaths: [1] },
    { programPath: 'x', warmUp: 1 },
    { programPath: 'x', onProgress: 1 },
    { programPath: 'x', warmup: true },
  ])('to load with %j', async (options) => {
    expect(await codeOf(() => Reflect.apply(addon.Model.load.bind(addon.Model), undefined, [options]))).toBe(
      'invalid-argument',
    );
  });

  test('construction', async () => {
    expect(await codeOf(() => Reflect.construct(addon.Model as unknown as new () => unknown, []))).toBe(
      'invalid-argument',
    );
  });

  test('a wrong listener, before it feeds anything', async () => {
    const model = await load('dynamic');
    for (const listener of [null, 1, {}]) {
      expect(await codeOf(() => model.prefill(prompt, listener as never))).toBe('invalid-argument');
    }
    expect(model.position).toBe(0);
    await model.close();
  });

  test('tokens outside the vocabulary, before it feeds any', async () => {
    const model = await load('dynamic');
    for (const token of [-1, 48, 2 ** 31 - 1, -(2 ** 31)]) {
      expect(await codeOf(() => model.prefill(Int32Array.of(1, token)))).toBe('invalid-argument');
    }
    expect(model.position).toBe(0);
    await model.close();
  });

  test('arguments of the wrong type', async () => {
    const model = await load('dynamic');
    const call = (name: 'prefill' | 'next' | 'seek', argument: unknown) =>
      codeOf(() => Reflect.apply(Reflect.get(model, name), model, [argument]) as unknown);
    for (const argument of [undefined, [1], 'x', new Float32Array(1), new Uint32Array(1), {}]) {
      expect(await call('prefill', argument)).toBe('invalid-argument');
    }
    for (const argument of [undefined, {}, model, Object.create(addon.Sampler.prototype)]) {
      expect(await call('next', argument)).toBe('invalid-argument');
    }
    for (const argument of [undefined, -1, 0.5, NaN, Infinity, '0', 1]) {
      expect(await call('seek', argument)).toBe('invalid-argument');
    }
    await model.close();
  });

  test('methods on foreign objects', async () => {
    const model = await load('dynamic');
    for (const name of ['prefill', 'next', 'seek', 'stop', 'close', 'logits'] as const) {
      expect(() => Reflect.apply(Reflect.get(model, name), {}, []) as unknown).toThrow(TypeError);
    }
    await model.close();
  });
});

describe('the log', () => {
  test('is silent by default, also when loading fails', () => {
    const script = `
      await (await load()).close();
      await addon.Model.load({ programPath: ${JSON.stringify(fixturePath('bpe.model'))} }).catch(() => {});
    `;
    expect(inProcess(script)).toEqual(quiet);
  });

  test('goes to a listener until you remove it', async () => {
    const lines: [string, string][] = [];
    const settled = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    const fail = () => codeOf(() => addon.Model.load({ programPath: fixturePath('bpe.model') }));
    addon.setLog('debug', (level, message) => lines.push([level, message]));
    expect(await fail()).toBe('program-invalid');
    await settled();
    expect(lines.length).toBeGreaterThan(0);
    addon.setLog('debug');
    lines.length = 0;
    await fail();
    await settled();
    expect(lines).toEqual([]);
  });

  test('refuses wrong levels and listeners', async () => {
    const setLog = (...args: unknown[]) => codeOf(() => Reflect.apply(addon.setLog, undefined, args));
    expect([await setLog('loud'), await setLog(), await setLog('info', 1)]).toEqual([
      'invalid-argument',
      'invalid-argument',
      'invalid-argument',
    ]);
  });
});
