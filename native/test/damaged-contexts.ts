/**
 * Loads damaged models of Qualcomm's AI Hub, one after another, and prints one line for each: what was damaged, and the code of
 * the failure or the text that the model then says. `node damaged-contexts.ts SEED FIRST LAST`; a crash ends it early.
 */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAddon } from '../../main/engine/addon.ts';
import { Engine } from '../../main/engine/engine.ts';
import { EngineFailure } from '../../main/engine/errors.ts';
import { nativeRunners } from '../../main/engine/native-runner.ts';
import { resolveBundle } from '../../main/models/bundle.ts';
import { greedySampling } from '../../main/models/default-sampling.ts';
import { backendsOf } from '../../main/models/program/program.ts';
import { damagedFile } from './context-damages.ts';
import { contextFile } from './contexts.ts';
import { diceOf } from './random.ts';

const good = contextFile('tiny-llama-genie', '.');
const models = {
  good: 'tiny-llama-genie',
  others: ['tiny-llama-genie-fp16', 'tiny-llama-genie-device', 'tiny-llama-genie-heads'],
} as const;

async function say(folder: string): Promise<string> {
  const bundle = await resolveBundle(folder);
  const addon = await loadAddon();
  const engine = new Engine(nativeRunners(addon));
  try {
    await engine.load(bundle.paths, { backends: backendsOf(bundle.facts), warmUp: false });
    let text = '';
    const prompt = { kind: 'messages', messages: [{ role: 'user', content: 'Say yes.' }] } as const;
    for await (const event of engine.generate({ prompt, sampling: greedySampling, maxTokens: 8 })) {
      if (event.type === 'done') text = event.text;
    }
    return text;
  } finally {
    await engine.unload();
  }
}

const [seed = 0, first = 0, last = 0] = process.argv.slice(2).map(Number);
for (let index = first; index < last; index++) {
  const random = diceOf(seed, index);
  const folder = mkdtempSync(join(tmpdir(), 'wyvern-damaged-'));
  cpSync(good, folder, { recursive: true });
  const { what, name: file, content } = damagedFile(models, random, index);
  writeFileSync(join(folder, file), content);
  const result = await say(folder).then(
    (text) => ({ text }),
    (error: unknown) => (error instanceof EngineFailure ? { code: error.code } : { thrown: String(error) }),
  );
  console.log(JSON.stringify({ index, file, what, ...result }));
  rmSync(folder, { recursive: true });
}
