/**
 * `--smoke-test=FILE.json`: the real program without a window answers once, writes a result file, and ends with status 0 or
 * 1. It uses a temporary folder and never touches a person's chats.
 */
import { app } from 'electron';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBundle } from './library/bundle-finder.ts';
import { collectReport, type Known } from './diagnostics/collect.ts';
import type { Report } from './diagnostics/report.ts';
import { removeFolder, renameFileSync } from './files/held.ts';
import { EngineHost } from './engine-host/engine-host.ts';
import { rememberCageProof } from './shell/cage-proof.ts';
import { forkEngine } from './shell/fork-engine.ts';
import type { LoadedModel } from './engine/protocol.ts';
import { toAppError } from './app-error.ts';
import { backendLabel } from './engine-host/figures.ts';
import { lastTroubles } from './log.ts';
import { refuseEmulation } from './diagnostics/machine/own-build.ts';
import { paths } from './shell/paths.ts';
import { openStore } from './store/store.ts';

interface Step {
  readonly name: 'build' | 'store' | 'load' | 'generate' | 'time limit';
  readonly ok: boolean;
  readonly ms: number;
  readonly error?: { readonly code: string; readonly message: string };
}

/** The result file. `version` changes when readers must change. */
export interface SmokeTestResult {
  readonly version: 1;
  readonly ok: boolean;
  readonly steps: readonly Step[];
  /** Tokens in the answer. */
  readonly tokens: number;
  readonly report: Report;
}

interface Loaded {
  readonly model: LoadedModel;
  /** Bytes of its program and weights. */
  readonly bytes: number;
}

const timeLimitMs = 180_000;
const tokensAsked = 8;
const greedy = { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 } as const;

/** Call before the app is ready. `cleanUp` removes the folder; `ownUserData` is the person's own. */
export function useScratchUserData(): {
  readonly cleanUp: () => Promise<void>;
  readonly ownUserData: string;
} {
  const ownUserData = app.getPath('userData');
  const folder = mkdtempSync(join(tmpdir(), 'wyvern-smoke-test-'));
  app.setPath('userData', folder);
  return { cleanUp: () => removeFolder(folder), ownUserData };
}

/**
 * Call once the app is ready. Never throws.
 * @param ownUserData keeps the proof that the NPU works in the engine's cage, if the test shows it
 * @returns the exit status
 */
export async function smokeTest(file: string, ownUserData: string): Promise<number> {
  const steps: Step[] = [];
  const engine = new EngineHost(forkEngine(''), () => undefined);
  let loaded: Loaded | undefined;
  let tokens = 0;
  const perform = async (name: Step['name'], task: () => Promise<void> | void): Promise<void> => {
    // Later steps depend on this one and would fail for the same reason.
    if (steps.some(({ ok }) => !ok)) return;
    const since = performance.now();
    try {
      await task();
      steps.push({ name, ok: true, ms: performance.now() - since });
    } catch (cause) {
      const { code, message } = toAppError(cause);
      steps.push({ name, ok: false, ms: performance.now() - since, error: { code, message } });
    }
  };
  const all = async (): Promise<void> => {
    await perform('build', () => refuseEmulation());
    await perform('store', () => tryStore(paths.store));
    await perform('load', async () => {
      const { paths: bundle, operators, backends, bytes } = await findBundle(paths.defaultModel);
      const model = await engine.load({
        bundle,
        ...(operators === undefined ? {} : { operators }),
        ...(backends === undefined ? {} : { backends }),
        onProgress: () => undefined,
      });
      loaded = { model, bytes };
    });
    await perform('generate', async () => {
      tokens = await generate(engine);
    });
  };
  if (!(await within(timeLimitMs, all()))) {
    const message = `It did not end within ${timeLimitMs / 1000} s.`;
    steps.push({ name: 'time limit', ok: false, ms: timeLimitMs, error: { code: 'engine-unresponsive', message } });
  }
  const ok = steps.length === 4 && steps.every((step) => step.ok);
  const report = await collectReport(knownOf(loaded));
  await engine.end();
  if (ok && showsCageAndNpu(loaded)) rememberCageProof(ownUserData, app.getVersion());
  const written = write(file, { version: 1, ok, steps, tokens, report });
  return ok && written ? 0 : 1;
}

/** Whether the answer came from the NPU, by an engine in its cage. */
function showsCageAndNpu(loaded: Loaded | undefined): boolean {
  const { cage, facts } = loaded?.model ?? {};
  return cage?.processes === true && cage.writes && facts?.backends.includes('QnnBackend') === true;
}

/** Checks that data is still there after the store was opened again. */
function tryStore(path: string): void {
  const first = openStore(path);
  const { id } = first.conversations.create(randomUUID(), Date.now());
  first.close();
  const again = openStore(path);
  const found = again.conversations.get(id);
  again.close();
  if (!found) throw new Error('The store lost the data that was written.');
}

async function generate(engine: EngineHost): Promise<number> {
  const answered = Promise.withResolvers<number>();
  const prompt = { kind: 'text', text: 'Hello' } as const;
  engine.generate(randomUUID(), { prompt, sampling: greedy, maxTokens: tokensAsked }, (event) => {
    if (event.type === 'done') answered.resolve(event.tokens.length);
    if (event.type === 'failed' || event.type === 'lost') answered.reject(new Error(event.error.message));
  });
  const tokens = await answered.promise;
  if (tokens === 0) throw new Error('The model gave an empty answer.');
  return tokens;
}

function knownOf(loaded: Loaded | undefined): Known {
  const model = loaded?.model;
  const npu = model?.npu;
  return {
    app: { version: app.getVersion(), shell: 'electron' in process.versions ? 'electron' : 'chromium-host' },
    ...(model?.runtime === undefined ? {} : { runtime: model.runtime }),
    ...(model?.cage === undefined ? {} : { cage: model.cage }),
    ...(npu === undefined
      ? {}
      : {
          libraries: {
            ...(npu.buildId === undefined ? {} : { build: npu.buildId }),
            from: npu.folder,
            dspPart: npu.dspPart,
          },
        }),
    settings: {},
    models:
      loaded === undefined || model === undefined
        ? []
        : [
            {
              name: model.name,
              bytes: loaded.bytes,
              state: 'ready',
              backend: backendLabel(model.facts),
              contextLength: model.facts.contextLength,
              vocabSize: model.facts.vocabSize,
            },
          ],
    lastErrors: lastTroubles(),
  };
}

async function within(limitMs: number, task: Promise<void>): Promise<boolean> {
  const late = Promise.withResolvers<false>();
  const timer = setTimeout(() => late.resolve(false), limitMs);
  const inTime = await Promise.race([task.then(() => true), late.promise]);
  clearTimeout(timer);
  return inTime;
}

/** Writes in one step, so that a waiting reader never gets half of the file. */
function write(file: string, result: SmokeTestResult): boolean {
  try {
    writeFileSync(`${file}.new`, `${JSON.stringify(result, undefined, 2)}\n`);
    renameFileSync(`${file}.new`, file);
    return true;
  } catch (cause) {
    process.stderr.write(
      `The smoke test could not write ${file}: ${cause instanceof Error ? cause.message : String(cause)}\n`,
    );
    return false;
  }
}
