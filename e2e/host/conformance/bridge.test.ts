/* eslint @typescript-eslint/prefer-promise-reject-errors: off -- hostile code rejects with anything */
import { checks } from './check.ts';

const check = checks();

check('plain values cross by value', {
  preload: ({ contextBridge }) =>
    contextBridge.exposeInMainWorld('bridge', { values: ['text', 1.5, -0, true, null, undefined, Number.NaN, 12n] }),
  page: () => show(bridge.values),
  expected: '["text",1.5,-0,true,null,undefined,NaN,12n]',
});

check('the exposed object and everything below are frozen', {
  preload: ({ contextBridge }) =>
    contextBridge.exposeInMainWorld('bridge', { nested: { list: [{ deep: true }] }, run: () => 1 }),
  page: () =>
    [bridge, bridge.nested, bridge.nested.list, bridge.nested.list[0], bridge.run].map((v) => Object.isFrozen(v)),
  expected: [true, true, true, true, true],
});

check('the page can neither replace nor remove the exposed object', {
  preload: ({ contextBridge }) => contextBridge.exposeInMainWorld('bridge', { value: 1 }),
  page: () => {
    const { enumerable, configurable, writable, ...rest } = Object.getOwnPropertyDescriptor(window, 'bridge') ?? {};
    const failures: string[] = [];
    const attempt = (change: () => unknown): void => {
      try {
        change();
        failures.push('done');
      } catch (cause) {
        failures.push((cause as Error).name);
      }
    };
    attempt(() => Object.defineProperty(window, 'bridge', { value: 2 }));
    attempt(() => Reflect.deleteProperty(window, 'bridge'));
    attempt(() => Object.defineProperty(bridge, 'more', { value: 2 }));
    return [enumerable, configurable, writable, !('get' in rest), failures, bridge.value];
  },
  expected: [true, false, false, true, ['TypeError', 'done', 'TypeError'], 1],
});

check('a name is exposed once', {
  preload: ({ contextBridge }) => {
    let failure = '';
    contextBridge.exposeInMainWorld('bridge', { failure: () => failure });
    try {
      contextBridge.exposeInMainWorld('bridge', {});
    } catch (cause) {
      failure = String(cause);
    }
  },
  page: () => bridge.failure(),
  expected: 'Error: Cannot bind an API on top of an existing property on the window object',
});

check('the exposed object exists before the first script of the page', {
  preload: ({ contextBridge }) => contextBridge.exposeInMainWorld('bridge', { ready: document.readyState }),
  html: '<script>globalThis.early = typeof bridge + bridge.ready;</script>',
  page: () => (globalThis as unknown as { early: string }).early,
  expected: 'objectloading',
});

check('neither world sees the globals of the other', {
  preload: ({ contextBridge }) => {
    Object.assign(globalThis, { ofPreload: 1 });
    contextBridge.exposeInMainWorld('bridge', { ofPage: () => typeof (globalThis as { ofPage?: unknown }).ofPage });
  },
  html: '<script>globalThis.ofPage = 1;</script>',
  page: () => [typeof (globalThis as { ofPreload?: unknown }).ofPreload, bridge.ofPage()],
  expected: ['undefined', 'undefined'],
});

check('the page has no Node and no Electron', {
  page: () =>
    ['require', 'process', 'module', 'exports', 'Buffer', 'global', 'electron'].filter((name) => name in window),
  expected: [],
});

check('both worlds share the document', {
  preload: ({ contextBridge }) =>
    contextBridge.exposeInMainWorld('bridge', { mark: () => (document.body.dataset['mark'] = 'preload') }),
  page: () => {
    bridge.mark();
    return document.body.dataset['mark'];
  },
  expected: 'preload',
});

check('a function gets copies of its arguments and returns a copy', {
  preload: ({ contextBridge }) => {
    const kept = { n: 1 };
    contextBridge.exposeInMainWorld('bridge', {
      change: (value: { n: number }) => {
        value.n = 5;
        return kept;
      },
      kept: () => kept.n,
    });
  },
  page: () => {
    const mine = { n: 2 };
    const theirs = bridge.change(mine) as { n: number };
    let replaced = true;
    try {
      theirs.n = 9;
    } catch {
      replaced = false;
    }
    return [mine.n, replaced, theirs.n, bridge.kept()];
  },
  expected: [2, true, 9, 1],
});

check('a function keeps neither its properties nor its receiver', {
  preload: ({ contextBridge }) => {
    const run = Object.assign(
      function run(this: unknown, first: unknown) {
        return `${show(this)} ${show(first)}`;
      },
      { extra: 1 },
    );
    contextBridge.exposeInMainWorld('bridge', { run });
  },
  page: () => [bridge.run(), bridge.run.extra === undefined, typeof bridge.run, bridge.run.length],
  expected: ['function undefined', true, 'function', 0],
});

check('an async function returns a promise of the page', {
  preload: ({ contextBridge }) =>
    contextBridge.exposeInMainWorld('bridge', { later: async (value: unknown) => await Promise.resolve({ value }) }),
  page: async () => {
    const promise = bridge.later(new Map([[1, 'one']])) as Promise<unknown>;
    return [promise instanceof Promise, show(await promise)];
  },
  expected: [true, '{value:Map([1,"one"])}'],
});

check('a promise of the page settles in the preload', {
  preload: ({ contextBridge }) =>
    contextBridge.exposeInMainWorld('bridge', {
      wait: async (value: Promise<unknown>) => {
        try {
          return `resolved ${show(await value)}`;
        } catch (cause) {
          return `rejected ${show(cause)}`;
        }
      },
    }),
  page: async () => [
    await bridge.wait(Promise.resolve({ n: 1 })),
    await bridge.wait(Promise.reject(new TypeError('of the page'))),
    await bridge.wait(Promise.reject({ code: 1 })),
  ],
  expected: ['resolved {n:1}', 'rejected Error(Error: of the page)', 'rejected {code:1}'],
});

check('an error that a function throws arrives as an error of the page', {
  preload: ({ contextBridge }) =>
    contextBridge.exposeInMainWorld('bridge', {
      plain: () => {
        throw new Error('plain');
      },
      named: () => {
        throw Object.assign(new RangeError('too far'), { code: 7 });
      },
      text: () => {
        throw 'only text'; // eslint-disable-line @typescript-eslint/only-throw-error -- hostile code may
      },
      object: () => {
        throw { code: 7 }; // eslint-disable-line @typescript-eslint/only-throw-error -- hostile code may
      },
      nothing: () => {
        throw undefined; // eslint-disable-line @typescript-eslint/only-throw-error -- hostile code may
      },
    }),
  page: () =>
    ['plain', 'named', 'text', 'object', 'nothing'].map((name) => {
      try {
        bridge[name]();
        return 'returned';
      } catch (cause) {
        return [show(cause), cause instanceof Error];
      }
    }),
  expected: [
    ['Error(Error: plain)', true],
    ['Error(Error: too far)', true],
    [
      'Error(Error: An unknown exception occurred in the isolated context, an error occurred but a valid exception was not thrown.)',
      true,
    ],
    [
      'Error(Error: An unknown exception occurred in the isolated context, an error occurred but a valid exception was not thrown.)',
      true,
    ],
    [
      'Error(Error: An unknown exception occurred in the isolated context, an error occurred but a valid exception was not thrown.)',
      true,
    ],
  ],
});

check('a rejection of a function arrives as an error of the page', {
  preload: ({ contextBridge }) =>
    contextBridge.exposeInMainWorld('bridge', {
      error: () => Promise.reject(Object.assign(new RangeError('too far'), { code: 7 })),
      text: () => Promise.reject('only text'),
      object: () => Promise.reject({ code: 7 }),
    }),
  page: async () =>
    await Promise.all(
      ['error', 'text', 'object'].map(async (name) => {
        try {
          await bridge[name]();
          return 'resolved';
        } catch (cause) {
          return [show(cause), cause instanceof Error];
        }
      }),
    ),
  expected: [
    ['Error(Error: too far)', true],
    ['"only text"', false],
    ['{code:7}', false],
  ],
});

check('an error as a value keeps its message', {
  preload: ({ contextBridge }) =>
    contextBridge.exposeInMainWorld('bridge', {
      give: () => Object.assign(new RangeError('too far'), { code: 7 }),
      take: (value: unknown) => show(value),
    }),
  page: () => [show(bridge.give()), bridge.give() instanceof Error, bridge.take(new TypeError('of the page'))],
  expected: ['Error(Error: too far)', true, 'Error(Error: of the page)'],
});

check('a callback of the page runs each time with copies', {
  preload: ({ contextBridge }) =>
    contextBridge.exposeInMainWorld('bridge', {
      each: (callback: (value: unknown, index: number) => unknown) =>
        [new Date(1), { n: 2 }, [3]].map((value, index) => show(callback(value, index))),
    }),
  page: () => bridge.each((value: unknown, index: number) => ({ index, text: show(value) })),
  expected: ['{index:0,text:"Date(1)"}', '{index:1,text:"{n:2}"}', '{index:2,text:"[3]"}'],
});

check('an error of a callback arrives in the preload', {
  preload: ({ contextBridge }) =>
    contextBridge.exposeInMainWorld('bridge', {
      run: (callback: () => unknown) => {
        try {
          callback();
          return 'returned';
        } catch (cause) {
          return [show(cause), cause instanceof Error];
        }
      },
    }),
  page: () =>
    bridge.run(() => {
      throw new RangeError('of the page');
    }),
  expected: ['Error(Error: of the page)', true],
});

check('a function that crossed twice is two functions', {
  preload: ({ contextBridge }) => {
    const kept: unknown[] = [];
    contextBridge.exposeInMainWorld('bridge', {
      keep: (callback: unknown) => {
        kept.push(callback);
        return kept.length > 1 && kept[0] === kept[1];
      },
      back: (callback: unknown) => callback,
    });
  },
  page: () => {
    const callback = (): void => undefined;
    return [bridge.keep(callback), bridge.keep(callback), bridge.back(callback) === callback];
  },
  expected: [false, false, true],
});

check('dates, maps, sets, patterns and typed arrays cross as such', {
  preload: ({ contextBridge }) =>
    contextBridge.exposeInMainWorld('bridge', {
      give: () => [
        new Date(5),
        new Map([[{ key: 1 }, new Set(['x'])]]),
        /a+/giu,
        new Uint8Array([1, 2, 3]).subarray(1),
        new Float32Array([0.5]),
        new Uint8Array([9]).buffer,
        new DataView(new ArrayBuffer(3)),
        new Boolean(true),
      ],
      take: (values: unknown) => show(values),
    }),
  page: () => {
    const given = bridge.give() as [Date, Map<object, Set<string>>, RegExp, Uint8Array];
    return [
      show(given),
      [given[0] instanceof Date, given[1] instanceof Map, given[2] instanceof RegExp, given[3] instanceof Uint8Array],
      bridge.take([new Date(6), new Map([[1, 2]]), new Set([3]), /b/u, new Int16Array([-4])]),
    ];
  },
  expected: [
    '[Date(5),Map([{key:1},Set("x")]),RegExp(/a+/giu),Uint8Array(2,3),Float32Array(0.5),ArrayBuffer(9),DataView(3),Boolean(true)]',
    [true, true, true, true],
    '[Date(6),Map([1,2]),Set(3),RegExp(/b/u),Int16Array(-4)]',
  ],
});

check('an instance of a class loses its prototype', {
  preload: ({ contextBridge }) => {
    class Base {
      inherited = 1;
      method(): number {
        return 1;
      }
    }
    class Point extends Base {
      x = 2;
      readonly #hidden = 3;
      get computed(): number {
        return this.#hidden;
      }
      arrow = (): number => this.#hidden;
    }
    contextBridge.exposeInMainWorld('bridge', {
      point: new Point(),
      bare: Object.assign(Object.create(null) as object, { n: 1 }),
    });
  },
  page: () => [
    show(bridge.point),
    bridge.point.arrow(),
    bridge.point.method === undefined,
    'computed' in bridge.point,
    show(bridge.bare),
  ],
  expected: ['{inherited:1,x:2,arrow:function}', 3, true, false, '{n:1}'],
});

check('getters are read once, and symbols and hidden properties stay behind', {
  preload: ({ contextBridge }) => {
    let reads = 0;
    const value = Object.defineProperty(
      {
        [Symbol('key')]: 1,
        get counted() {
          return ++reads;
        },
      },
      'hidden',
      { value: 1 },
    );
    contextBridge.exposeInMainWorld('bridge', { value, reads: () => reads });
  },
  page: () => [bridge.value.counted, bridge.value.counted, bridge.reads(), Reflect.ownKeys(bridge.value).length],
  expected: [1, 1, 1, 2],
});

check('cycles and shared objects keep their shape', {
  preload: ({ contextBridge }) => {
    const cycle: Record<string, unknown> = { list: [] };
    cycle['self'] = cycle;
    (cycle['list'] as unknown[]).push(cycle);
    const shared = { n: 1 };
    contextBridge.exposeInMainWorld('bridge', {
      cycle,
      shared: [shared, shared],
      take: (value: unknown) => show(value),
    });
  },
  page: () => {
    const mine: Record<string, unknown> = {};
    mine['self'] = mine;
    return [
      bridge.cycle.self === bridge.cycle,
      bridge.cycle.list[0] === bridge.cycle,
      bridge.shared[0] === bridge.shared[1],
      bridge.take(mine),
    ];
  },
  expected: [true, true, true, '{self:#0}'],
});

check('objects cross until a depth of 1000', {
  preload: ({ contextBridge }) =>
    contextBridge.exposeInMainWorld('bridge', {
      depth: (value: unknown) => {
        let depth = 0;
        for (let at = value; at !== null; at = (at as { inside: unknown }).inside) depth++;
        return depth;
      },
    }),
  page: () => {
    const nest = (depth: number): unknown => {
      let value: unknown = null;
      for (let i = 0; i < depth; i++) value = { inside: value };
      return value;
    };
    const attempt = (depth: number): unknown => {
      try {
        return bridge.depth(nest(depth));
      } catch (cause) {
        return show(cause);
      }
    };
    return [attempt(300), attempt(1100)];
  },
  expected: [
    300,
    'Error(TypeError: Electron contextBridge recursion depth exceeded.  Nested objects deeper than 1000 are not supported.)',
  ],
});

check('a symbol cannot cross', {
  preload: ({ contextBridge }) =>
    contextBridge.exposeInMainWorld('bridge', { take: (value: unknown) => show(value), give: () => Symbol('s') }),
  page: () =>
    [
      () => bridge.take(Symbol('s')),
      () => bridge.take({ inside: Symbol('s') }),
      () => show(bridge.give()),
      () => bridge.take(new WeakMap()),
    ].map((run) => {
      try {
        return run();
      } catch (cause) {
        return show(cause);
      }
    }),
  expected: ['symbol', '{inside:symbol}', 'symbol', 'Error(Error: An object could not be cloned.)'],
});

check('elements and files cross as themselves', {
  preload: ({ contextBridge }) =>
    contextBridge.exposeInMainWorld('bridge', {
      tag: (element: HTMLElement) => [element instanceof HTMLElement, element.tagName],
      same: (element: HTMLElement) => element,
      file: async (file: File) => [file instanceof File, file.name, file.size, file.type, await file.text()],
      blob: async (blob: Blob) => [blob instanceof Blob, await blob.text()],
    }),
  page: async () => [
    bridge.tag(document.body),
    bridge.same(document.body) === document.body,
    await bridge.file(new File(['text'], 'name.txt', { type: 'text/plain' })),
    await bridge.blob(new Blob(['bytes'])),
  ],
  expected: [[true, 'BODY'], true, [true, 'name.txt', 4, 'text/plain', 'text'], [true, 'bytes']],
});

check('scripts of the page that replace built-ins do not reach into the bridge', {
  preload: ({ contextBridge }) =>
    contextBridge.exposeInMainWorld('bridge', {
      add: (a: number, b: number) => a + b,
      later: async (v: unknown) => await Promise.resolve(v),
      list: () => [1, { n: 2 }],
    }),
  html: `<script>
    globalThis.spied = [];
    for (const [owner, name] of [[Array.prototype, 'map'], [Array.prototype, 'push'], [Object, 'entries'], [Map.prototype, 'get'], [EventTarget.prototype, 'dispatchEvent'], [EventTarget.prototype, 'addEventListener'], [Promise.prototype, 'then'], [Function.prototype, 'call'], [Function.prototype, 'apply']]) {
      const original = owner[name];
      Object.defineProperty(owner, name, { configurable: true, writable: true, value: function (...values) { spied[spied.length] = name; return Reflect.apply(original, this, values); } });
    }
    globalThis.CustomEvent = globalThis.DataTransfer = undefined;
    spied.length = 0;
  </script>`,
  page: () => {
    const { spied } = globalThis as unknown as { spied: string[] };
    spied.length = 0;
    const sum = bridge.add(1, 2) as number;
    const list = bridge.list() as unknown[];
    const promise = bridge.later(1) as unknown;
    return [sum, list.length, promise instanceof Promise, spied.slice()];
  },
  expected: [3, 2, true, []],
});

check('the preload runs again for each document', {
  main: async (_electron, probe) => {
    await probe.open();
    const first = await probe.page(() => bridge.id);
    await probe.open();
    return first !== (await probe.page(() => bridge.id));
  },
  preload: ({ contextBridge }) => contextBridge.exposeInMainWorld('bridge', { id: Math.random() }),
  expected: true,
});

check('frames inside the page have no preload', {
  preload: ({ contextBridge }) => contextBridge.exposeInMainWorld('bridge', { value: 1 }),
  html: '<iframe src="about:blank"></iframe>',
  page: async () => {
    const other = document.createElement('iframe');
    other.src = '/frame';
    document.body.append(other);
    await new Promise((resolve) => (other.onload = resolve));
    return [...document.querySelectorAll('iframe')].map(({ contentWindow }) => 'bridge' in (contentWindow as object));
  },
  before: (_electron, probe) =>
    probe.serve('/frame', () => ({ headers: { 'content-type': 'text/html' }, body: 'frame' })),
  expected: [false, false],
});

check('a sandboxed preload requires Electron, and no module of Node or of the app', {
  preload: ({ contextBridge }, require) => {
    const attempt = (name: string): unknown => {
      try {
        return typeof require(name);
      } catch (cause) {
        return String(cause);
      }
    };
    contextBridge.exposeInMainWorld('bridge', {
      seen: ['electron', 'electron/renderer', 'fs', 'node:fs', './other.cjs'].map(attempt),
    });
  },
  page: () => bridge.seen,
  expected: [
    'object',
    'object',
    'Error: module not found: fs',
    'Error: module not found: node:fs',
    'Error: module not found: ./other.cjs',
  ],
});

check('a sandboxed preload has a part of Node’s process', {
  preload: ({ contextBridge }) => {
    const { type, sandboxed, contextIsolated } = process as unknown as Record<string, unknown>;
    const { versions, platform, arch, env } = process;
    contextBridge.exposeInMainWorld('bridge', {
      seen: [type, sandboxed, contextIsolated, typeof platform, typeof arch, typeof versions.chrome, typeof env],
    });
  },
  page: () => bridge.seen,
  expected: ['renderer', true, true, 'string', 'string', 'string', 'object'],
});

check('a preload that throws leaves the page alive', {
  preload: () => {
    throw new Error('of the preload');
  },
  page: () => [typeof bridge, document.readyState],
  expected: ['undefined', 'complete'],
});
