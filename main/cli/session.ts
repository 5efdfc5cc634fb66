import { loadAddon } from '../engine/addon.ts';
import { Engine } from '../engine/engine.ts';
import { logLevelOf } from '../engine/log-level.ts';
import { nativeRunners } from '../engine/native-runner.ts';
import type { LoadedModel } from '../engine/protocol.ts';
import type { LoadOptions } from '../engine/runner.ts';
import { requireFit, resolveBundle, type Bundle } from '../models/bundle.ts';
import { backendsOf, operatorsOf } from '../models/program/program.ts';
import { keptStateOf } from '../models/program/state.ts';
import { integer, npuOptions, templateChoice, tokenizerOf } from './options.ts';
import { remark } from './output.ts';

export interface Session {
  readonly engine: Engine;
  readonly model: LoadedModel;
  readonly bundle: Bundle;
}

export interface SessionOptions {
  readonly model?: string | undefined;
  readonly tokenizer?: string | undefined;
  readonly threads?: string | undefined;
  readonly profile?: string | undefined;
  readonly performance?: string | undefined;
  readonly warmUp?: boolean;
  readonly template?: string | undefined;
  readonly 'allow-operators'?: boolean;
}

/** Resolves the bundle and loads it in this process. The caller must unload it. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const threads = integer('--threads', options.threads, 1, 256);
  const npu = npuOptions(options);
  const template = await templateChoice(options.template);
  const allowOperators = options['allow-operators'] ?? false;
  const bundle = await resolveBundle(options.model, process.env, { allowOperators, ...tokenizerOf(options) });
  const warning = requireFit(bundle);
  if (warning !== undefined) process.stderr.write(`wyvern: ${warning}\n`);
  return await loadSession(bundle, {
    npu,
    template,
    ...(threads === undefined ? {} : { threads }),
    ...(options.warmUp === undefined ? {} : { warmUp: options.warmUp }),
  });
}

/** Loads a resolved bundle. @throws EngineFailure `model-for-other-chip` before it loads anything */
export async function loadSession(bundle: Bundle, options: LoadOptions): Promise<Session> {
  requireFit(bundle);
  const addon = await loadAddon();
  addon.setLog(logLevelOf(process.env['WYVERN_LOG']), (level, message) =>
    process.stderr.write(`${level}: ${message.trimEnd()}\n`),
  );
  const engine = new Engine(nativeRunners(addon));
  const model = await engine.load(bundle.paths, {
    ...options,
    operators: operatorsOf(bundle.facts),
    backends: backendsOf(bundle.facts),
    keptState: keptStateOf(bundle.facts),
    onProgress: ({ stage, bytesDone, bytesTotal }) => {
      const percent = bytesTotal > 0 ? ` ${Math.floor((100 * bytesDone) / bytesTotal)} %` : '';
      remark(`\r\x1b[KLoading (${stage})${percent}`);
    },
  });
  remark('\r\x1b[K');
  return { engine, model, bundle };
}

/** The name of the backend that runs the model. */
export function backendOf({ facts: { backends } }: LoadedModel): string {
  const known = ['QnnBackend', 'XnnpackBackend'].find((name) => backends.includes(name));
  return known ?? backends[0] ?? 'CPU';
}

/** Runs `task`. Ctrl+C stops the answer; a second Ctrl+C ends the process. */
export async function stoppable<T>(engine: Engine, task: () => Promise<T>): Promise<T> {
  const stop = (): void => engine.stop();
  process.once('SIGINT', stop);
  try {
    return await task();
  } finally {
    process.off('SIGINT', stop);
  }
}
