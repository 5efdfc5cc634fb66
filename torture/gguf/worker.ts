/** Prepares damaged GGUF files, one a request, and runs the models of those that pass. Forked, so that a crash ends this process alone. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAddon } from '../../main/engine/addon.ts';
import { Engine } from '../../main/engine/engine.ts';
import { asFailure } from '../../main/engine/errors.ts';
import { nativeRunners } from '../../main/engine/native-runner.ts';
import { writeBundle } from '../../main/gguf/bundle.ts';
import { ggufMutant } from '../../main/gguf/testing/mutants.ts';
import { resolveBundle } from '../../main/models/bundle.ts';
import { keptStateOf } from '../../main/models/program/state.ts';
import { backendsOf, operatorsOf } from '../../main/models/program/program.ts';
import { diceOf } from '../../native/test/random.ts';

export interface Request {
  readonly seed: number;
  readonly index: number;
}

export interface Reply {
  readonly what: string;
  /** `refused`: no bundle was made. `failed`: the bundle gave an error with a code. `wrong`: how the promise was broken. */
  readonly outcome: 'refused' | 'failed' | 'ran' | { readonly wrong: string };
}

const sampling = { temperature: 0.8, topK: 40, topP: 0.95, minP: 0, repetitionPenalty: 1.1, seed: 1 };
const refusals: ReadonlySet<string> = new Set(['model-invalid', 'gguf-incomplete', 'gguf-unsupported']);
const folder = mkdtempSync(join(tmpdir(), 'wyvern-gguf-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const engine = new Engine(nativeRunners(await loadAddon()));

async function attempt({ seed, index }: Request): Promise<Reply> {
  const { what, bytes } = ggufMutant(diceOf(seed, index));
  const [path, out] = [join(folder, 'model.gguf'), join(folder, 'bundle')];
  rmSync(out, { recursive: true, force: true });
  writeFileSync(path, bytes);
  try {
    await writeBundle(path, out, {});
  } catch (error) {
    const { code, message } = asFailure(error);
    if (!refusals.has(code)) return { what, outcome: { wrong: `${code}: ${message}` } };
    const left = existsSync(out) ? readdirSync(out) : [];
    return { what, outcome: left.length === 0 ? 'refused' : { wrong: `left ${left.join(', ')}` } };
  }
  return { what, outcome: await run(out) };
}

/** Checks, loads and asks, as the app does. */
async function run(out: string): Promise<Reply['outcome']> {
  try {
    const { paths, facts } = await resolveBundle(out);
    await engine.load(paths, {
      operators: operatorsOf(facts),
      backends: backendsOf(facts),
      keptState: keptStateOf(facts),
      threads: 1,
    });
    const prompt = { kind: 'messages', messages: [{ role: 'user', content: 'aaaa ﬁ 日本語 🙂' }] } as const;
    for await (const event of engine.generate({ prompt, sampling, maxTokens: 3 })) {
      if (event.type === 'done') return 'ran';
    }
    return { wrong: 'an answer without an end' };
  } catch (error) {
    const { code, message } = asFailure(error);
    return code === 'internal' ? { wrong: `no code: ${message}` } : 'failed';
  }
}

process.on('message', (request: Request) => {
  void attempt(request).then((reply) => process.send?.(reply));
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
