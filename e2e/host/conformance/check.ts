/** Checks of Electron's API: the behaviour of a small app, described once, with one expectation. */
import type * as Electron from 'electron';
import type { ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runPreload, runProbe } from './probe.ts';
import type { PreloadRequire, Probe, ProbeReply, ProbeRequest, Require } from './probe.ts';
import { show as showValue } from './show.ts';
import { electronMajor, makeApp, startApp } from './target.ts';
import type { Files, StartOptions } from './target.ts';

/** What the checks' pages see of their preload. Each check has its own functions. */
declare global {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as untyped as the bridge is
  var bridge: any;
  /** {@link show}, in the main process, the preload and the page. */
  var show: typeof showValue;
}

interface Common {
  /** Electron's major version that brought the API; older ones skip the check. */
  readonly needs?: number;
  /** Runs in the preload's world of the check's page. */
  readonly preload?: (electron: typeof Electron, require: PreloadRequire) => void;
  /** Body of the check's page. */
  readonly html?: string;
  /** JSON: the value that the check must produce. */
  readonly expected: unknown;
  /** A value of older versions that differs: of those below the major version. The host follows the newest. */
  readonly older?: { readonly below: number; readonly expected: unknown };
}

/** Functions travel as source text: they may use their arguments alone. */
export type Check = Common &
  (
    | { /** Runs in the main process. */ readonly main: (electron: typeof Electron, probe: Probe) => unknown }
    | {
        /** Runs in the main process before the page opens. */
        readonly before?: (electron: typeof Electron, probe: Probe) => unknown;
        /** Runs in the page. */
        readonly page: () => unknown;
      }
  );

/** Whether the Electron under test lacks an API; the reason is part of the test's name. */
export function lacking(needs: number | undefined): string | undefined {
  if (needs === undefined || electronMajor === undefined || electronMajor >= needs) return undefined;
  return `needs Electron ${needs}, and this is ${electronMajor}`;
}

/**
 * Returns a function that defines checks. All checks of a test file share one app; each has its own page.
 *
 * @param files more files of the app's folder, by name
 */
export function checks(files: Files = {}): (name: string, check: Check) => void {
  const defined: Check[] = [];
  let app: ProbeApp | undefined;
  beforeAll(async () => {
    app = await startProbe(defined, files);
  });
  afterAll(async () => await app?.end());
  return (name, check) => {
    const index = defined.push(check) - 1;
    const reason = lacking(check.needs);
    if (reason !== undefined) test.skip(`${name} (skipped: ${reason})`);
    else test(name, async () => expect(await app?.run(index)).toEqual(expectedOf(check)));
  };
}

function expectedOf({ expected, older }: Check): unknown {
  return older && electronMajor !== undefined && electronMajor < older.below ? older.expected : expected;
}

const pathOf = (index: number): string => `/${index}`;

/** A method's text, such as `main() { … }`, as an expression. */
const expression = (run: (...values: never[]) => unknown): string => {
  const text = run.toString();
  const method = /^(async\s+)?(\w+)\s*\(/.exec(text);
  if (!method || ['function', 'async'].includes(method[2] ?? '')) return text;
  return `${method[1] ?? ''}function ${text.slice(method[1]?.length ?? 0)}`;
};

function mainOf(check: Check): string {
  if ('main' in check) return expression(check.main);
  const before = check.before ? expression(check.before) : '() => undefined';
  return `async (electron, probe) => {
    await (${before})(electron, probe);
    await probe.open();
    return await probe.page(${expression(check.page)});
  }`;
}

interface ProbeApp {
  run(index: number): Promise<unknown>;
  end(): Promise<void>;
}

async function startProbe(defined: readonly Check[], files: Files): Promise<ProbeApp> {
  const pages = Object.fromEntries(
    defined.map(({ html = '' }, index) => [pathOf(index), `<!doctype html><meta charset="utf-8"><body>${html}`]),
  );
  const preloads = defined.map(
    ({ preload }, index) => `${JSON.stringify(pathOf(index))}: ${preload ? expression(preload) : 'undefined'}`,
  );
  const folder = makeApp({
    ...files,
    'main.cjs': `(${runProbe.toString()})(require, __dirname, ${JSON.stringify(pages)}, ${showValue.toString()});`,
    'preload.cjs': `(${runPreload.toString()})(require, { ${preloads.join(',\n')} }, ${showValue.toString()});`,
  });
  const child = startApp(folder);
  const exited = new Promise<string>((resolve) =>
    child.once('exit', (code, signal) => resolve(String(signal ?? code))),
  );
  const output = collectOutput(child);
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  const ready = Promise.withResolvers<undefined>();
  void exited.then((how) => {
    const gone = new Error(`The app ended (${how}): ${output()}`);
    ready.reject(gone);
    for (const { reject } of waiting.values()) reject(gone);
  });
  child.on('message', (message) => {
    const reply = message as ProbeReply;
    if ('ready' in reply) {
      ready.resolve(undefined);
      return;
    }
    const { resolve, reject } = waiting.get(reply.id) ?? {};
    waiting.delete(reply.id);
    if (reply.ok) resolve?.(reply.value ?? null);
    else reject?.(new Error(String(reply.value)));
  });
  await ready.promise;
  return {
    async run(index) {
      const result = Promise.withResolvers<unknown>();
      waiting.set(index, result);
      child.send({ id: index, path: pathOf(index), main: mainOf(defined[index]!) } satisfies ProbeRequest);
      return await result.promise;
    },
    async end() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}

/** Keeps what a process prints. */
export function collectOutput(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return () => text;
}

/** An app of its own, for what happens once in a process: start, second instance, quit. */
export interface AppRun {
  readonly child: ChildProcess;
  /** Resolves once the app has noted a value. */
  noted(value: string): Promise<void>;
  /** Resolves with the notes, the exit status and the output after the end of the app. */
  readonly ended: Promise<{
    readonly notes: readonly string[];
    readonly status: number | string;
    readonly output: string;
  }>;
}

export type AppMain = (electron: typeof Electron, note: (text: string) => void, require: Require) => void;

/** Starts an app whose main module is `main`; it travels as source text and may use only its arguments. */
export function runApp(main: AppMain, options: StartOptions & { readonly folder?: string } = {}): AppRun {
  const folder = options.folder ?? makeApp({ 'main.cjs': mainModule(main) });
  const child = startApp(folder, options);
  const output = collectOutput(child);
  const notes: string[] = [];
  const changed = new EventEmitter();
  child.on('message', (text) => {
    notes.push(text as string);
    changed.emit('note');
  });
  const closed = once(child, 'close') as Promise<[number | null, string | null]>;
  return {
    child,
    async noted(value) {
      while (!notes.includes(value))
        await Promise.race([
          once(changed, 'note'),
          closed.then(() => {
            throw new Error(`The app ended: ${output()}`);
          }),
        ]);
    },
    ended: closed.then(([code, signal]) => ({ notes, status: code ?? signal ?? '', output: output() })),
  };
}

/** The text of an app's main module; for {@link makeApp}. */
export function mainModule(main: AppMain): string {
  return `(${expression(main)})(require('electron'), (text) => void process.send(text), require);`;
}
