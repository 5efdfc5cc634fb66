import type * as Electron from 'electron';
import { checks } from './check.ts';

const check = checks();

/** Offers `ipcRenderer` to the page as it is. */
const offerIpc = ({ contextBridge, ipcRenderer }: typeof Electron): void => {
  contextBridge.exposeInMainWorld('bridge', {
    invoke: (channel: string, ...values: unknown[]) => ipcRenderer.invoke(channel, ...values),
    send: (channel: string, ...values: unknown[]) => ipcRenderer.send(channel, ...values),
    /** The text of what `invoke` throws or rejects with. */
    failure: async (channel: string, ...values: unknown[]) => {
      try {
        return `resolved: ${String(await ipcRenderer.invoke(channel, ...values))}`;
      } catch (cause) {
        return show(cause);
      }
    },
  });
};

check('invoke resolves with the value of the handler, and passes arguments in order', {
  before: ({ ipcMain }) => ipcMain.handle('join', (_event, ...values: unknown[]) => values.join('-')),
  preload: offerIpc,
  page: () => bridge.invoke('join', 1, 'two', true),
  expected: '1-two-true',
});

check('invoke waits for the promise of the handler', {
  before: ({ ipcMain }) =>
    ipcMain.handle('later', (_event, value: number) => new Promise((resolve) => setImmediate(resolve, value + 1))),
  preload: offerIpc,
  page: () => bridge.invoke('later', 1),
  expected: 2,
});

check('a handler that returns nothing resolves with undefined', {
  before: ({ ipcMain }) => ipcMain.handle('nothing', () => undefined),
  preload: offerIpc,
  page: async () => show(await bridge.invoke('nothing')),
  expected: 'undefined',
});

check('calls are answered in the order in which their handlers end', {
  main: async ({ ipcMain }, probe) => {
    const pending = new Map<string, (value: string) => void>();
    ipcMain.handle('hold', (_event, name: string) => new Promise((resolve) => pending.set(name, resolve)));
    await probe.open();
    const seen = probe.page(async () => {
      const order: string[] = [];
      const call = async (name: string): Promise<unknown> => order.push((await bridge.invoke('hold', name)) as string);
      await Promise.all([call('first'), call('second')]);
      return order;
    });
    await probe.until(() => pending.size === 2);
    pending.get('second')?.('second');
    pending.get('first')?.('first');
    return await seen;
  },
  preload: offerIpc,
  expected: ['second', 'first'],
});

check('a call without a handler is rejected with the channel', {
  preload: offerIpc,
  page: () => bridge.failure('nobody'),
  expected: "Error(Error: Error invoking remote method 'nobody': Error: No handler registered for 'nobody')",
  older: {
    below: 29,
    expected: "Error(Error: Error invoking remote method 'nobody': No handler registered for 'nobody')",
  },
});

check('an error of the handler arrives as its text, without its class and properties', {
  before: ({ ipcMain }) => {
    ipcMain.handle('throw', () => {
      throw Object.assign(new RangeError('too far'), { code: 7 });
    });
  },
  preload: offerIpc,
  page: () => bridge.failure('throw'),
  expected: "Error(Error: Error invoking remote method 'throw': RangeError: too far)",
});

check('a rejection of the handler arrives as its text', {
  before: ({ ipcMain }) => ipcMain.handle('reject', () => Promise.reject(new Error('not today'))),
  preload: offerIpc,
  page: () => bridge.failure('reject'),
  expected: "Error(Error: Error invoking remote method 'reject': Error: not today)",
});

check('a handler that throws a text rejects with it', {
  before: ({ ipcMain }) => {
    ipcMain.handle('throw text', () => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- hostile code may
      throw 'only text';
    });
  },
  preload: offerIpc,
  page: () => bridge.failure('throw text'),
  expected: "Error(Error: Error invoking remote method 'throw text': only text)",
});

check('a second handler of a channel is refused, and one after removeHandler is not', {
  main: ({ ipcMain }) => {
    const messages: unknown[] = [];
    const add = (): void => {
      try {
        ipcMain.handle('twice', () => 1);
        messages.push('added');
      } catch (cause) {
        messages.push(String(cause));
      }
    };
    add();
    add();
    ipcMain.removeHandler('twice');
    add();
    return messages;
  },
  expected: ['added', "Error: Attempted to register a second handler for 'twice'", 'added'],
});

check('messages of send arrive in order, with and without a listener', {
  main: async ({ ipcMain }, probe) => {
    const heard: unknown[] = [];
    probe.on(ipcMain, 'count', (_event, value: never) => heard.push(value));
    await probe.open();
    await probe.page(() => {
      bridge.send('nobody listens', 1);
      for (let i = 0; i < 1000; i++) bridge.send('count', i);
    });
    await probe.until(() => heard.length === 1000);
    return heard.every((value, index) => value === index);
  },
  preload: offerIpc,
  expected: true,
});

check('send and invoke keep their common order', {
  main: async ({ ipcMain }, probe) => {
    const heard: string[] = [];
    probe.on(ipcMain, 'mixed send', (_event, value: string) => heard.push(value));
    ipcMain.handle('mixed call', (_event, value: string) => heard.push(value));
    await probe.open();
    await probe.page(async () => {
      bridge.send('mixed send', 'a');
      const call = bridge.invoke('mixed call', 'b') as unknown;
      bridge.send('mixed send', 'c');
      await bridge.invoke('mixed call', 'd');
      await call;
    });
    return heard.join('');
  },
  preload: offerIpc,
  expected: 'abcd',
});

check('the event names its sender and the top frame of the page', {
  main: async ({ ipcMain }, probe) => {
    const seen: unknown[] = [];
    ipcMain.handle('who', ({ sender, senderFrame, frameId, processId }) => {
      const url = new URL(senderFrame?.url ?? '');
      seen.push(sender.id, sender.getURL() === senderFrame?.url, url.protocol, url.host, senderFrame?.parent);
      seen.push(typeof frameId, typeof processId, senderFrame?.routingId === frameId);
    });
    const window = await probe.open();
    await probe.page(() => bridge.invoke('who'));
    return [seen[0] === window.webContents.id, ...seen.slice(1)];
  },
  preload: offerIpc,
  expected: [true, true, 'probe:', 'checks', null, 'number', 'number', true],
});

check('values cross to the main process by structured clone', {
  before: ({ ipcMain }) => ipcMain.handle('show', (_event, ...values) => show(values)),
  preload: ({ contextBridge, ipcRenderer }) =>
    contextBridge.exposeInMainWorld('bridge', {
      run: () => {
        const cycle: Record<string, unknown> = { name: 'cycle' };
        cycle['self'] = cycle;
        const shared = { shared: true };
        class Point {
          x = 1;
          method(): number {
            return this.x;
          }
        }
        return ipcRenderer.invoke(
          'show',
          [undefined, null, -0, Number.NaN, Infinity, 12n, 'a\u0000\ud800'],
          new Map<unknown, unknown>([[1, new Set(['x'])]]),
          new Date(5),
          /a+/giu,
          new TypeError('wrong'),
          cycle,
          [shared, shared],
          new Point(),
          Object.assign(Object.create(null) as object, { bare: 1 }),
          // eslint-disable-next-line no-sparse-arrays -- holes are the point
          [1, , 3],
          new Uint8Array([1, 2, 3]).subarray(1),
          new Float64Array([0.5]),
          new BigInt64Array([-1n]),
          new Uint8Array([9]).buffer,
          new Boolean(true),
        );
      },
    }),
  page: () => bridge.run(),
  expected:
    '[[undefined,null,-0,NaN,Infinity,12n,"a\\u0000\\ud800"],Map([1,Set("x")]),Date(5),RegExp(/a+/giu),Error(TypeError: wrong),{name:"cycle",self:#8},[{shared:true},#10],{x:1},{bare:1},[1,hole,3],Uint8Array(2,3),Float64Array(0.5),BigInt64Array(-1n),ArrayBuffer(9),Boolean(true)]',
});

check('values cross from the main process by structured clone', {
  before: ({ ipcMain }) =>
    ipcMain.handle('give', () => {
      const cycle: Record<string, unknown> = {};
      cycle['self'] = cycle;
      const shared = { shared: true };
      class Point {
        x = 1;
        method(): number {
          return this.x;
        }
      }
      return [
        [undefined, null, -0, Number.NaN, 12n, 'a\u0000\ud800'],
        new Map<unknown, unknown>([[1, new Set(['x'])]]),
        new Date(5),
        /a+/giu,
        new TypeError('wrong'),
        cycle,
        [shared, shared],
        new Point(),
        // eslint-disable-next-line no-sparse-arrays -- holes are the point
        [1, , 3],
        Buffer.from([1, 2]),
        new Uint8Array([1, 2, 3]).subarray(1),
        new Float64Array([0.5]),
        new BigInt64Array([-1n]),
        new Uint8Array([9]).buffer,
      ];
    }),
  preload: ({ contextBridge, ipcRenderer }) =>
    contextBridge.exposeInMainWorld('bridge', { run: async () => show(await ipcRenderer.invoke('give')) }),
  page: () => bridge.run(),
  expected:
    '[[undefined,null,-0,NaN,12n,"a\\u0000\\ud800"],Map([1,Set("x")]),Date(5),RegExp(/a+/giu),Error(TypeError: wrong),{self:#8},[{shared:true},#10],{x:1},[1,hole,3],Uint8Array(1,2),Uint8Array(2,3),Float64Array(0.5),BigInt64Array(-1n),ArrayBuffer(9)]',
});

check('functions, symbols and promises cannot cross to the main process', {
  preload: ({ contextBridge, ipcRenderer }) =>
    contextBridge.exposeInMainWorld('bridge', {
      run: async () => {
        const results: string[] = [];
        for (const value of [
          () => 1,
          Symbol('s'),
          Promise.resolve(1),
          { inside: () => 1 },
          document.body,
          new WeakMap(),
        ]) {
          try {
            await ipcRenderer.invoke('never', value);
          } catch (cause) {
            results.push(show(cause));
          }
          try {
            ipcRenderer.send('never', value);
          } catch (cause) {
            results.push(show(cause));
          }
        }
        return results;
      },
    }),
  page: () => bridge.run(),
  expected: [
    'Error(Error: An object could not be cloned.)',
    'Error(Error: An object could not be cloned.)',
    'Error(Error: An object could not be cloned.)',
    'Error(Error: An object could not be cloned.)',
    'Error(Error: An object could not be cloned.)',
    'Error(Error: An object could not be cloned.)',
    'Error(Error: An object could not be cloned.)',
    'Error(Error: An object could not be cloned.)',
    'Error(Error: An object could not be cloned.)',
    'Error(Error: An object could not be cloned.)',
    'Error(Error: An object could not be cloned.)',
    'Error(Error: An object could not be cloned.)',
  ],
});

check('a handler whose value cannot be cloned rejects the call', {
  before: ({ ipcMain }) => {
    ipcMain.handle('give function', () => () => 1);
    ipcMain.handle('give symbol', () => ({ inside: Symbol('s') }));
  },
  preload: offerIpc,
  page: async () => [await bridge.failure('give function'), await bridge.failure('give symbol')],
  expected: [
    "Error(Error: Error invoking remote method 'give function': Error: An object could not be cloned.)",
    "Error(Error: Error invoking remote method 'give symbol': Error: An object could not be cloned.)",
  ],
});

check('webContents.send throws for a value that cannot be cloned', {
  main: async (_electron, probe) => {
    const { webContents } = await probe.open();
    try {
      webContents.send('news', () => 1);
      return 'sent';
    } catch (cause) {
      return String(cause);
    }
  },
  expected: 'sent',
});

check('four megabytes cross in both directions', {
  before: ({ ipcMain }) => ipcMain.handle('echo bytes', (_event, bytes: Uint8Array) => bytes),
  preload: ({ contextBridge, ipcRenderer }) =>
    contextBridge.exposeInMainWorld('bridge', {
      run: async () => {
        const bytes = new Uint8Array(4_000_000).map((_, index) => index % 251);
        const back = (await ipcRenderer.invoke('echo bytes', bytes)) as Uint8Array;
        return back.length === bytes.length && back.every((byte, index) => byte === index % 251);
      },
    }),
  page: () => bridge.run(),
  expected: true,
});

check('messages of the main process reach the listeners of their channel in order, until they stop', {
  main: async ({ ipcMain }, probe) => {
    const { webContents } = await probe.open();
    const done = probe.next(ipcMain, 'heard all');
    for (const value of [1, 2, { three: new Date(3) }, 'last', 'unheard']) webContents.send('news', value, 'more');
    webContents.send('end');
    return (await done)[1];
  },
  preload: ({ ipcRenderer }) => {
    const heard: string[] = [];
    const listener = (_event: unknown, ...values: unknown[]): void => {
      heard.push(show(values));
      if (values[0] === 'last') ipcRenderer.off('news', listener);
    };
    ipcRenderer.on('news', listener);
    ipcRenderer.once('news', (_event, value) => heard.push(`once ${String(value)}`));
    ipcRenderer.on('end', () => ipcRenderer.send('heard all', heard));
  },
  expected: ['[1,"more"]', 'once 1', '[2,"more"]', '[{three:Date(3)},"more"]', '["last","more"]'],
});

check('a listener that throws does not stop the next message', {
  main: async ({ ipcMain }, probe) => {
    const { webContents } = await probe.open();
    const done = probe.next(ipcMain, 'second heard');
    webContents.send('first');
    webContents.send('second');
    return (await done)[1];
  },
  preload: ({ ipcRenderer }) => {
    ipcRenderer.on('first', () => {
      throw new Error('of the listener');
    });
    ipcRenderer.on('second', () => ipcRenderer.send('second heard', 'yes'));
  },
  expected: 'yes',
});

check('event.reply and event.sender.send answer a message', {
  before: ({ ipcMain }) =>
    ipcMain.once('ask', (event) => {
      event.reply('answer', 1);
      event.sender.send('answer', 2);
    }),
  preload: ({ contextBridge, ipcRenderer }) =>
    contextBridge.exposeInMainWorld('bridge', {
      run: () =>
        new Promise((resolve) => {
          const heard: unknown[] = [];
          ipcRenderer.on('answer', (event, value) => {
            heard.push(value, event.sender === ipcRenderer);
            if (value === 2) resolve(heard);
          });
          ipcRenderer.send('ask');
        }),
    }),
  page: () => bridge.run(),
  expected: [1, true, 2, true],
});

check('a call that is pending while the page loads again does no harm', {
  main: async ({ ipcMain }, probe) => {
    let settle: ((value: string) => void) | undefined;
    ipcMain.handle('pending', () => new Promise((resolve) => (settle = resolve)));
    ipcMain.handle('after', () => 'answered');
    await probe.open();
    await probe.page(() => void bridge.invoke('pending'));
    await probe.until(() => settle);
    await probe.open();
    settle?.('late');
    return await probe.page(() => bridge.invoke('after'));
  },
  preload: offerIpc,
  expected: 'answered',
});
