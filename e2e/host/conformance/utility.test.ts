import { checks } from './check.ts';
import { show as showValue } from './show.ts';

/** The modules that the checks fork. */
const check = checks({
  // Answers each message with its value.
  'echo.cjs': `process.parentPort.on('message', ({ data }) => {
    if (data === 'exit') process.exit(7);
    process.parentPort.postMessage(data);
  });`,
  // Listens only after a while, like a module that first loads another.
  'late.cjs': `setTimeout(() => require('./echo.cjs'), 50);`,
  'arguments.cjs': `process.parentPort.once('message', ({ data, ports }) => {
    process.parentPort.postMessage([data, ports.length, process.argv.slice(2), process.type]);
  });`,
  'last-words.cjs': `for (let i = 0; i < 100; i++) process.parentPort.postMessage(i);
    process.parentPort.on('message', () => process.exit(0));`,
  'show.cjs': `const show = ${showValue.toString()};
    process.parentPort.on('message', ({ data }) => process.parentPort.postMessage([show(data), data]));`,
  'uncloned.cjs': `process.parentPort.on('message', () => {
    try {
      process.parentPort.postMessage(() => 1);
      process.parentPort.postMessage('sent');
    } catch (cause) {
      process.parentPort.postMessage(String(cause));
    }
  });`,
  'output.cjs': `process.stdout.write('out ünï\\n');
    process.stderr.write('err\\n');
    process.parentPort.on('message', () => process.exit(0));`,
  'environment.cjs': `process.parentPort.postMessage([process.env.OWN ?? null, process.env.PATH ?? null]);`,
  'options.cjs': `process.parentPort.postMessage([process.execArgv.includes('--no-warnings'), process.argv.length]);`,
  'folder.cjs': `process.parentPort.postMessage(process.cwd());`,
  'module.mjs': `import { sep } from 'node:path';
    await Promise.resolve();
    process.parentPort.postMessage(sep);`,
  'idle.cjs': `undefined;`,
  'zero.cjs': `process.exit(0);`,
  'three.cjs': `process.exit(3);`,
  'code.cjs': `process.exitCode = 4; process.exit();`,
  'throws.cjs': `throw new Error('uncaught');`,
  'rejects.cjs': `Promise.reject(new Error('unhandled'));`,
  'requires.cjs': `require('./missing.cjs');`,
  'aborts.cjs': `process.abort();`,
  'port.cjs': `process.parentPort.once('message', ({ data, ports: [port] }) => {
    port.on('message', (event) => port.postMessage([data, event.data, event.ports.length]));
    port.start();
  });`,
});

check('a child starts with its arguments, and messages go both ways', {
  main: async ({ utilityProcess }, probe) => {
    const child = utilityProcess.fork(probe.path('arguments.cjs'), ['one', 'two words']);
    const before = child.pid;
    await probe.next(child, 'spawn');
    child.postMessage('hello');
    const [message] = await probe.next(child, 'message');
    const running = typeof child.pid;
    child.kill();
    await probe.next(child, 'exit');
    return [before === undefined, running, message, child.pid === undefined];
  },
  expected: [true, 'number', ['hello', 0, ['one', 'two words'], 'utility'], true],
});

check('messages that come before the child listens are kept, and all keep their order', {
  main: async ({ utilityProcess }, probe) => {
    const child = utilityProcess.fork(probe.path('late.cjs'));
    const heard: unknown[] = [];
    child.on('message', (value) => heard.push(value));
    for (let i = 0; i < 1000; i++) child.postMessage(i);
    await probe.until(() => heard.length === 1000);
    child.postMessage('exit');
    const [code] = await probe.next(child, 'exit');
    return [heard.every((value, index) => value === index), code];
  },
  expected: [true, 7],
});

// A busy machine loses the last ones in Electron, so an app may not count on them.
check('messages that a child posts before it exits arrive in order, and none after its exit', {
  main: async ({ utilityProcess }, probe) => {
    const child = utilityProcess.fork(probe.path('last-words.cjs'));
    const heard: unknown[] = [];
    child.on('message', (value) => heard.push(value));
    child.postMessage('exit');
    const [code] = await probe.next(child, 'exit');
    const count = heard.length;
    const other = utilityProcess.fork(probe.path('last-words.cjs'));
    other.postMessage('exit');
    await probe.next(other, 'exit');
    return [heard.length === count, heard.every((value, index) => value === index), code];
  },
  expected: [true, true, 0],
});

check('values cross to a child and back by structured clone', {
  main: async ({ utilityProcess }, probe) => {
    const child = utilityProcess.fork(probe.path('show.cjs'));
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    class Point {
      x = 1;
    }
    const values = [
      undefined,
      null,
      -0,
      Number.NaN,
      12n,
      'a\u0000\ud800',
      new Map<unknown, unknown>([[1, new Set(['x'])]]),
      new Date(5),
      /a+/giu,
      new TypeError('wrong'),
      cycle,
      new Point(),
      // eslint-disable-next-line no-sparse-arrays -- holes are the point
      [1, , 3],
      new Uint8Array([1, 2, 3]).subarray(1),
      new Float32Array([0.5]),
      new BigInt64Array([-1n]),
      new Uint8Array([9]).buffer,
    ];
    child.postMessage(values);
    const [[there, back]] = (await probe.next(child, 'message')) as [[string, unknown]];
    child.kill();
    return [there, show(back)];
  },
  expected: [
    '[undefined,null,-0,NaN,12n,"a\\u0000\\ud800",Map([1,Set("x")]),Date(5),RegExp(/a+/giu),Error(TypeError: wrong),{self:#7},{x:1},[1,hole,3],Uint8Array(2,3),Float32Array(0.5),BigInt64Array(-1n),ArrayBuffer(9)]',
    '[undefined,null,-0,NaN,12n,"a\\u0000\\ud800",Map([1,Set("x")]),Date(5),RegExp(/a+/giu),Error(TypeError: wrong),{self:#7},{x:1},[1,hole,3],Uint8Array(2,3),Float32Array(0.5),BigInt64Array(-1n),ArrayBuffer(9)]',
  ],
});

check('a message that cannot be cloned throws', {
  main: async ({ utilityProcess }, probe) => {
    const child = utilityProcess.fork(probe.path('echo.cjs'));
    let failure = 'sent';
    try {
      child.postMessage({ inside: () => 1 });
    } catch (cause) {
      failure = String(cause);
    }
    child.postMessage('still usable');
    const [message] = await probe.next(child, 'message');
    child.kill();
    return [failure, message];
  },
  expected: ['Error: An object could not be cloned.', 'still usable'],
});

check('four megabytes cross to a child and back', {
  main: async ({ utilityProcess }, probe) => {
    const child = utilityProcess.fork(probe.path('echo.cjs'));
    const bytes = new Uint8Array(4_000_000).fill(7);
    bytes[3_999_999] = 8;
    child.postMessage(bytes);
    const [back] = (await probe.next(child, 'message')) as [Uint8Array];
    child.kill();
    return [back.length, back[0], back[3_999_999]];
  },
  expected: [4_000_000, 7, 8],
});

check('the output of a child can be piped', {
  main: async ({ utilityProcess }, probe) => {
    const child = utilityProcess.fork(probe.path('output.cjs'), [], { stdio: 'pipe' });
    const text = { out: '', err: '' };
    child.stdout?.on('data', (chunk: Buffer) => (text.out += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (text.err += chunk.toString()));
    await probe.until(() => text.out.endsWith('\n') && text.err.endsWith('\n'));
    child.postMessage('exit');
    await probe.next(child, 'exit');
    return text;
  },
  expected: { out: 'out ünï\n', err: 'err\n' },
});

check('without a pipe a child has no streams', {
  main: async ({ utilityProcess }, probe) => {
    const seen: unknown[] = [];
    for (const stdio of ['ignore', 'inherit', undefined] as const) {
      const child = utilityProcess.fork(probe.path('zero.cjs'), [], stdio ? { stdio } : {});
      await probe.next(child, 'exit');
      seen.push(child.stdout, child.stderr);
    }
    return seen;
  },
  expected: [null, null, null, null, null, null],
});

check('the environment of a child is its own', {
  main: async ({ utilityProcess }, probe) => {
    const file = probe.path('environment.cjs');
    const seen: unknown[] = [];
    for (const env of [{ OWN: 'own value' }, undefined]) {
      const child = utilityProcess.fork(file, [], env ? { env } : {});
      const [[own, path]] = (await probe.next(child, 'message')) as [[unknown, unknown]];
      seen.push(own, path === process.env['PATH']);
      child.kill();
    }
    return seen;
  },
  expected: ['own value', false, null, true],
});

check('options of Node reach a child', {
  main: async ({ utilityProcess }, probe) => {
    const child = utilityProcess.fork(probe.path('options.cjs'), [], {
      execArgv: ['--no-warnings'],
    });
    const [message] = await probe.next(child, 'message');
    child.kill();
    return message;
  },
  expected: [true, 2],
});

check('a child has the working folder that it is given', {
  needs: 24,
  main: async ({ app, utilityProcess }, probe) => {
    const child = utilityProcess.fork(probe.path('folder.cjs'), [], { cwd: app.getPath('temp') });
    const [message] = await probe.next(child, 'message');
    child.kill();
    return probe.node('fs').realpathSync(app.getPath('temp')) === message;
  },
  expected: true,
});

check('an ECMAScript module runs as a child', {
  needs: 28,
  main: async ({ utilityProcess }, probe) => {
    const child = utilityProcess.fork(probe.path('module.mjs'));
    const [message] = await probe.next(child, 'message');
    child.kill();
    return message;
  },
  expected: '/',
});

check('the app’s metrics count a running child', {
  main: async ({ app, utilityProcess }, probe) => {
    const child = utilityProcess.fork(probe.path('echo.cjs'), [], { serviceName: 'probe-service' });
    await probe.next(child, 'spawn');
    const { pid } = child;
    const own = (): Electron.ProcessMetric | undefined => app.getAppMetrics().find((metric) => metric.pid === pid);
    await probe.until(own);
    const { type, name } = own() ?? {};
    child.kill();
    await probe.until(() => !own());
    return [type, name];
  },
  expected: ['Utility', 'probe-service'],
});

check('exit codes arrive as the child set them', {
  main: async ({ utilityProcess }, probe) => {
    const codes: unknown[] = [];
    for (const name of ['zero', 'three', 'code', 'throws', 'rejects', 'requires']) {
      const child = utilityProcess.fork(probe.path(`${name}.cjs`), [], { stdio: 'ignore' });
      codes.push((await probe.next(child, 'exit'))[0]);
    }
    return codes;
  },
  expected: [0, 3, 4, 1, 1, 1],
});

check('a child without work keeps running', {
  main: async ({ utilityProcess }, probe) => {
    const idle = utilityProcess.fork(probe.path('idle.cjs'));
    let ended = false;
    idle.once('exit', () => (ended = true));
    await probe.next(idle, 'spawn');
    for (let turn = 0; turn < 3; turn++) {
      const other = utilityProcess.fork(probe.path('zero.cjs'));
      await probe.next(other, 'exit');
    }
    const running = !ended;
    idle.kill();
    return running;
  },
  expected: true,
});

check('kill ends a child, and after that there is nothing to kill', {
  main: async ({ utilityProcess }, probe) => {
    const child = utilityProcess.fork(probe.path('echo.cjs'));
    await probe.next(child, 'spawn');
    const exited = probe.next(child, 'exit');
    const killed = child.kill();
    const [code] = await exited;
    return [killed, typeof code, child.kill(), child.pid === undefined];
  },
  expected: [true, 'number', false, true],
});

check('a child that a signal ends exits', {
  main: async ({ utilityProcess }, probe) => {
    const codes: unknown[] = [];
    for (const signal of ['SIGKILL', 'SIGSEGV', 'SIGABRT'] as const) {
      const child = utilityProcess.fork(probe.path('echo.cjs'), [], { stdio: 'ignore' });
      await probe.next(child, 'spawn');
      const exited = probe.next(child, 'exit');
      process.kill(child.pid!, signal);
      codes.push(typeof (await exited)[0], child.pid === undefined);
    }
    return codes;
  },
  expected: ['number', true, 'number', true, 'number', true],
});

check('a message to a child that has ended is lost without an error', {
  main: async ({ utilityProcess }, probe) => {
    const child = utilityProcess.fork(probe.path('zero.cjs'));
    child.postMessage('before');
    await probe.next(child, 'exit');
    child.postMessage('after');
    return 'no error';
  },
  expected: 'no error',
});

check('a child that aborts in native code exits', {
  main: async ({ utilityProcess }, probe) => {
    const child = utilityProcess.fork(probe.path('aborts.cjs'), [], { stdio: 'ignore' });
    return typeof (await probe.next(child, 'exit'))[0];
  },
  expected: 'number',
});

check('a port that is passed to a child connects it', {
  main: async ({ utilityProcess, MessageChannelMain }, probe) => {
    const child = utilityProcess.fork(probe.path('port.cjs'));
    const { port1, port2 } = new MessageChannelMain();
    port1.postMessage(new Map([[1, 'early']]));
    child.postMessage('first', [port2]);
    const heard: unknown[] = [];
    port1.on('message', ({ data, ports }) => heard.push([data, ports.length]));
    port1.start();
    await probe.until(() => heard.length === 1);
    port1.postMessage('second');
    await probe.until(() => heard.length === 2);
    child.kill();
    return show(heard);
  },
  expected: '[[["first",Map([1,"early"]),0],0],[["first","second",0],0]]',
});

check('the two ports of a channel are connected, and keep messages until they start', {
  main: async ({ MessageChannelMain }, probe) => {
    const { port1, port2 } = new MessageChannelMain();
    const heard: unknown[] = [];
    port2.on('message', ({ data }) => heard.push(data));
    const closed = probe.next(port2, 'close');
    for (const value of [1, new Date(2), { three: [3] }]) port1.postMessage(value);
    await new Promise((resolve) => setImmediate(resolve));
    const before = heard.length;
    port2.start();
    await probe.until(() => heard.length === 3);
    port1.close();
    await closed;
    return [before, show(heard)];
  },
  expected: [0, '[1,Date(2),{three:[3]}]'],
});
