/** Measures the share of sampling in a decode step of a model with 262,144 tokens, in Gemma 3 270M's shape with random weights. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAddon } from '../main/engine/addon.ts';
import { writeBundle } from '../main/gguf/bundle.ts';
import { tinyModel } from '../main/gguf/testing/tiny-models.ts';
import { writeGguf } from '../main/gguf/testing/write-gguf.ts';
import { defaultSampling } from '../main/models/default-sampling.ts';
import type { SamplingOptions } from '../native/index.d.ts';
import { median, type Figure } from './figure.ts';

const q8_0 = 8;
const shape = {
  ...{ architecture: 'gemma3', type: q8_0, tableType: q8_0, layers: 18, width: 640, hidden: 2048 },
  ...{ heads: 4, kvHeads: 1, headSize: 256, context: 512, vocabulary: 262_144 },
  metadata: { 'gemma3.attention.sliding_window': 512 },
};
const steps = 40;

const { temperature, topK, topP, minP, repetitionPenalty } = defaultSampling;
const settings: Readonly<Record<string, SamplingOptions>> = {
  'default settings': { temperature, topK, topP, minP, repetitionPenalty, seed: 1 },
  greedy: { temperature: 0 },
  'repetition penalty': { temperature: 0, repetitionPenalty: 1.1 },
  'whole vocabulary': { temperature: 1, seed: 1 },
  'top-p 0.95 at temperature 0.3': { temperature: 0.3, topP: 0.95, seed: 1 },
};

export async function* samplingFigures(): AsyncGenerator<Figure> {
  const folder = mkdtempSync(join(tmpdir(), 'wyvern-sampling-'));
  try {
    writeGguf(join(folder, 'model.gguf'), tinyModel(shape));
    await writeBundle(join(folder, 'model.gguf'), folder, {});
    const { Model, Sampler } = await loadAddon();
    const model = await Model.load({ programPath: join(folder, 'model.pte'), dataPaths: [join(folder, 'model.ptd')] });
    for (const [name, options] of Object.entries(settings)) {
      const sampler = new Sampler(options);
      model.seek(0);
      await model.prefill(Int32Array.of(40, 41, 42));
      const [sampled, whole]: [number[], number[]] = [[], []];
      for (let step = 0; step <= steps; step++) {
        const { samplingUs, wallUs } = await model.next(sampler, { promptLookup: 'off' });
        // The first token needs no pass.
        if (step === 0) continue;
        sampled.push(samplingUs);
        whole.push(samplingUs + wallUs);
      }
      yield {
        name: `sampling / step, 262,144 tokens, ${name}`,
        value: (100 * median(sampled)) / median(whole),
        unit: '%',
        target: { atMost: 2 },
        detail: `${(median(sampled) / 1000).toFixed(2)} of ${(median(whole) / 1000).toFixed(1)} ms, medians of ${steps} steps`,
      };
    }
    await model.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
