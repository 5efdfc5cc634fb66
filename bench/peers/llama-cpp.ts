/** llama.cpp through node-llama-cpp: `node bench/peers/llama-cpp.ts MODULE GGUF THREADS CONTEXT`. */
import { serve } from './serve.ts';

/** The used part of node-llama-cpp; it is installed on demand, so its own types are not available. */
interface LlamaCpp {
  readonly getLlama: (options: { gpu: false; build: 'never'; maxThreads: number; logLevel: 'error' }) => Promise<Llama>;
}
interface Llama {
  loadModel(options: { modelPath: string; gpuLayers: 0 }): Promise<LlamaModel>;
  dispose(): Promise<void>;
}
interface LlamaModel {
  createContext(options: {
    contextSize: number;
    threads: number;
    batchSize: number;
  }): Promise<{ getSequence(): LlamaSequence }>;
}
interface LlamaSequence {
  clearHistory(): Promise<void>;
  evaluateWithoutGeneratingNewTokens(tokens: readonly number[]): Promise<void>;
  evaluate(tokens: readonly number[], options: { temperature: 0; yieldEogToken: true }): AsyncGenerator<number>;
}

const [modulePath = '', modelPath = '', threads = '1', context = '1024'] = process.argv.slice(2);

await serve(async () => {
  const { getLlama } = (await import(modulePath)) as LlamaCpp;
  const llama = await getLlama({ gpu: false, build: 'never', maxThreads: Number(threads), logLevel: 'error' });
  const model = await llama.loadModel({ modelPath, gpuLayers: 0 });
  const contextSize = Number(context);
  const sequence = (
    await model.createContext({ contextSize, threads: Number(threads), batchSize: contextSize })
  ).getSequence();
  const last = 1_000;
  return {
    prefill: async (tokens) => {
      await sequence.clearHistory();
      await sequence.evaluateWithoutGeneratingNewTokens(tokens);
    },
    decode: async (count) => {
      let made = 0;
      const answer = sequence.evaluate([last], { temperature: 0, yieldEogToken: true });
      while (made < count && (await answer.next()).done !== true) made += 1;
      await answer.return(undefined);
    },
    close: () => llama.dispose(),
  };
});
