/** Entry of the engine process: passes messages between the host and the engine. */
import type { Cage, PrefillChunk } from '../../native/index.d.ts';
import { loadAddon, type Addon } from './addon.ts';
import { measure } from './benchmark.ts';
import { enterCage } from './cage.ts';
import { Engine } from './engine.ts';
import { asFailure, failure } from './errors.ts';
import { logLevelOf } from './log-level.ts';
import { nativeRunners } from './native-runner.ts';
import type { EngineEvent, EngineRequest } from './protocol.ts';
import { TokenJoiner } from './token-joiner.ts';

/** The used part of Electron's `process.parentPort`. */
export interface ParentPort {
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
  postMessage(message: unknown): void;
}

type RequestOf<T extends EngineRequest['type']> = Extract<EngineRequest, { type: T }>;

/**
 * Serves one host until it asks for a shutdown.
 * @param exit ends the process
 * @param enter puts the process into its cage before the first load; absent in a process that does other work too
 */
export function serve(port: ParentPort, exit: (status: number) => void, enter?: typeof enterCage): void {
  const post = (event: EngineEvent): void => port.postMessage(event);
  const starting = startEngine(post);
  let running: Engine | undefined;
  let cage: Cage | undefined;
  let answering: string | undefined;

  const load = async ({
    bundle,
    operators,
    backends,
    keptState,
    threads,
    npu,
    template,
    id,
  }: RequestOf<'load'>): Promise<void> => {
    const { addon, engine } = await starting;
    running = engine;
    // Before the model's first byte reaches native code. A later load in this process stays in the same cage.
    cage ??= enter?.(addon, bundle, npu);
    const model = await engine.load(bundle, {
      ...(operators === undefined ? {} : { operators }),
      ...(backends === undefined ? {} : { backends }),
      ...(keptState === undefined ? {} : { keptState }),
      ...(threads === undefined ? {} : { threads }),
      ...(npu === undefined ? {} : { npu }),
      ...(template === undefined ? {} : { template }),
      onProgress: (progress) => post({ type: 'loading', id, progress }),
    });
    post({ type: 'loaded', id, model: cage === undefined ? model : { ...model, cage } });
  };

  const generate = async ({ id, input }: RequestOf<'generate'>): Promise<void> => {
    if (running === undefined) throw failure('not-loaded');
    if (answering !== undefined) throw failure('busy', { doing: 'answering' });
    answering = id;
    const joiner = new TokenJoiner((tokens) => post({ type: 'tokens', id, tokens }));
    try {
      const onChunk = (chunk: PrefillChunk): void => post({ type: 'prefilling', id, chunk });
      for await (const event of running.generate(input, { onChunk })) {
        if (event.type === 'token') joiner.push(event.token);
        else {
          joiner.flush();
          post({ id, ...event });
        }
      }
    } finally {
      joiner.flush();
      answering = undefined;
    }
  };

  const benchmark = async ({ id, plan }: RequestOf<'benchmark'>): Promise<void> => {
    if (running === undefined) throw failure('not-loaded');
    if (answering !== undefined) throw failure('busy', { doing: 'answering' });
    answering = id;
    try {
      const figures = await measure(running, plan, (run) => post({ type: 'measuring', id, run }));
      post({ type: 'measured', id, ...(figures === undefined ? {} : { figures }) });
    } finally {
      answering = undefined;
    }
  };

  const count = async ({ id, prompt }: RequestOf<'count'>): Promise<void> => {
    await starting;
    if (running === undefined) throw failure('not-loaded');
    post({ type: 'counted', id, tokens: running.count(prompt) });
  };

  const setTemplate = async ({ id, choice }: RequestOf<'template'>): Promise<void> => {
    await starting;
    if (running === undefined) throw failure('not-loaded');
    post({ type: 'templated', id, template: running.setTemplate(choice) });
  };

  const preview = async ({ id, choice, messages }: RequestOf<'preview'>): Promise<void> => {
    await starting;
    if (running === undefined) throw failure('not-loaded');
    post({ type: 'previewed', id, preview: running.previewTemplate(choice, messages) });
  };

  const answerFor = (id: string, work: Promise<void>): void => {
    void work.catch((error: unknown) => post({ type: 'failed', id, error: asFailure(error).toError() }));
  };

  const handle = (request: EngineRequest): void => {
    switch (request.type) {
      case 'load':
        answerFor(request.id, load(request));
        break;
      case 'generate':
        answerFor(request.id, generate(request));
        break;
      case 'benchmark':
        answerFor(request.id, benchmark(request));
        break;
      case 'stop':
        // A stop may arrive after the end of its answer.
        if (request.id === answering) running?.stop();
        break;
      case 'count':
        answerFor(request.id, count(request));
        break;
      case 'template':
        answerFor(request.id, setTemplate(request));
        break;
      case 'preview':
        answerFor(request.id, preview(request));
        break;
      case 'shutdown':
        void Promise.resolve(running?.unload()).finally(() => exit(0));
        break;
      default:
        request satisfies never;
    }
  };

  // The host is from the same build, so its messages have this type.
  port.on('message', ({ data }) => handle(data as EngineRequest));
  // Without an addon the process is ready too. Loading a model then reports the missing part.
  void starting.then(
    () => post({ type: 'ready' }),
    () => post({ type: 'ready' }),
  );
}

async function startEngine(post: (event: EngineEvent) => void): Promise<{ addon: Addon; engine: Engine }> {
  const addon = await loadAddon();
  addon.setLog(logLevelOf(process.env['WYVERN_LOG']), (level, message) =>
    post({ type: 'log', level: logLevelOf(level), message }),
  );
  return { addon, engine: new Engine(nativeRunners(addon)) };
}

/** Electron's port, if this file is the entry of a utility process. Electron's types are not available here. */
const { parentPort } = process as { readonly parentPort?: ParentPort };
if (parentPort) serve(parentPort, (status) => process.exit(status), enterCage);
