/**
 * Loads damaged model files in this process, one per request, with the addon in `WYVERN_ADDON`. `scripts/test-asan.mjs`
 * forks it, and forks another after a file ends this one.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBundle } from '../../../main/library/bundle-finder.ts';
import { loadAddon, type Addon } from '../../../main/engine/addon.ts';
import { asFailure } from '../../../main/engine/errors.ts';
import type { BundlePaths } from '../../../main/engine/protocol.ts';
import { openTokenizer } from '../../../main/engine/tokenizer/open.ts';
import { kinds, mutant, type Mutant } from './mutants.ts';

/** How far a file got. */
type Outcome = 'refused-by-pre-flight' | 'refused-by-engine' | 'loaded' | 'ran';

export interface Request {
  readonly seed: number;
  readonly index: number;
}

export interface Reply {
  readonly outcome: Outcome;
  /** Why it failed; `internal` is an unforeseen failure. */
  readonly code?: string;
  readonly about: string;
}

const texts = ['aaaa aaaa!', '  日本語 🙂\u0000\ud800 ﬁ\n\n', 'x'.repeat(300)];
const folder = mkdtempSync(join(tmpdir(), 'wyvern-mutants-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const addon = await loadAddon();

function write({ files }: Mutant): string {
  const bundle = join(folder, 'bundle');
  rmSync(bundle, { recursive: true, force: true });
  mkdirSync(bundle);
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(bundle, name), bytes);
  return bundle;
}

/** Loads, fills and asks. @throws with a code */
async function runProgram({ program, data }: BundlePaths, reached: (outcome: Outcome) => void): Promise<void> {
  const model = await addon.Model.load({ programPath: program, dataPaths: data, threads: 1, warmUp: false });
  try {
    reached('loaded');
    await model.prefill(Int32Array.of(1, 2, 3));
    const sampler = new addon.Sampler({ temperature: 0.8, seed: 1 });
    for (let i = 0; i < 2; i += 1) await model.next(sampler);
    model.logits();
  } finally {
    await model.close();
  }
}

async function runTokenizer(path: string, reached: (outcome: Outcome) => void): Promise<void> {
  const opened = await openTokenizer(addon, path, undefined);
  reached('loaded');
  for (const text of texts) {
    const decoder = opened.decoder();
    for (const id of opened.encode(text, { specialTokens: true })) decoder.push(id);
    decoder.flush();
  }
}

/** Tests native code without the earlier checks. The pre-flight tests compare with its refusals. */
function parseUnchecked({ SentencePiece }: Addon, bytes: Uint8Array): void {
  try {
    const model = new SentencePiece(bytes);
    for (const text of texts) model.decode(model.encode(text));
  } catch (error) {
    if (asFailure(error).code === 'internal') throw error;
  }
}

async function attempt({ seed, index }: Request): Promise<Reply> {
  const made = mutant(seed, index);
  const about = `${made.kind} of ${made.from}`;
  let outcome: Outcome = 'refused-by-pre-flight';
  const reached = (next: Outcome): void => {
    outcome = next;
  };
  try {
    const raw = made.files['tokenizer.model'];
    if (made.kind === 'sentencepiece' && raw !== undefined) parseUnchecked(addon, raw);
    const { paths } = await findBundle(write(made));
    if (made.kind === 'program' || made.kind === 'weights') {
      reached('refused-by-engine');
      await runProgram(paths, reached);
    } else {
      await runTokenizer(paths.tokenizer, reached);
    }
    return { outcome: 'ran', about };
  } catch (error) {
    return { outcome, code: asFailure(error).code, about };
  }
}

process.on('message', (request: Request) => {
  void attempt(request).then((reply) => process.send?.(reply));
});
process.on('disconnect', () => process.exit());
process.send?.({ ready: kinds.length });
