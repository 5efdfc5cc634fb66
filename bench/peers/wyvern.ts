/** Our engine's native loop: `node bench/peers/wyvern.ts THREADS PROGRAM [DATA…]`. */
import { loadAddon } from '../../main/engine/addon.ts';
import { serve } from './serve.ts';

const [threads, programPath = '', ...dataPaths] = process.argv.slice(2);

await serve(async () => {
  const { Model, Sampler } = await loadAddon();
  const model = await Model.load({ programPath, dataPaths, threads: Number(threads) });
  const sampler = new Sampler({ temperature: 0 });
  return {
    prefill: async (tokens) => {
      model.seek(0);
      await model.prefill(Int32Array.from(tokens));
    },
    decode: async (count) => {
      for (let step = 0; step < count; step++) await model.next(sampler);
    },
    loop: async (count) => {
      await model.benchmark?.(sampler, count);
    },
    close: () => model.close(),
  };
});
