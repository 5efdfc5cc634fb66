/** llama.cpp through node-llama-cpp, which the benchmarks install: ids and greedy answers for comparisons. */
import { installLlamaCpp } from './install.ts';

/** The used part of node-llama-cpp; it is installed on demand, so its own types are not available. */
interface NodeLlamaCpp {
  readonly getLlama: (options: { gpu: false; build: 'never'; maxThreads: number; logLevel: 'error' }) => Promise<Llama>;
}
interface Llama {
  loadModel(options: { modelPath: string; gpuLayers: 0; vocabOnly?: boolean }): Promise<Model>;
  dispose(): Promise<void>;
}
interface Model {
  tokenize(text: string, specialTokens: boolean, options: 'trimLeadingSpace' | undefined): readonly number[];
  createContext(options: { contextSize: number; threads: number }): Promise<{ getSequence(): Sequence }>;
  dispose(): Promise<void>;
}
interface Sequence {
  clearHistory(): Promise<void>;
  evaluate(tokens: readonly number[], options: { temperature: 0; yieldEogToken: true }): AsyncGenerator<number>;
}

export interface LlamaCpp {
  /** The ids of each text, without special tokens. */
  readonly tokenize: (gguf: string, texts: readonly string[]) => Promise<readonly (readonly number[])[]>;
  /** `count` tokens after each prompt, the likeliest each time. */
  readonly greedy: (
    gguf: string,
    prompts: readonly (readonly number[])[],
    count: number,
  ) => Promise<readonly (readonly number[])[]>;
  readonly close: () => Promise<void>;
}

export async function openLlamaCpp(): Promise<LlamaCpp> {
  const { module } = await installLlamaCpp();
  const { getLlama } = (await import(module)) as NodeLlamaCpp;
  const llama = await getLlama({ gpu: false, build: 'never', maxThreads: 1, logLevel: 'error' });
  return {
    tokenize: async (gguf, texts) => {
      const model = await llama.loadModel({ modelPath: gguf, gpuLayers: 0, vocabOnly: true });
      const ids = texts.map((text) => [...model.tokenize(text, false, undefined)]);
      await model.dispose();
      return ids;
    },
    greedy: async (gguf, prompts, count) => {
      const model = await llama.loadModel({ modelPath: gguf, gpuLayers: 0 });
      const sequence = (await model.createContext({ contextSize: 256, threads: 1 })).getSequence();
      const answers: number[][] = [];
      for (const prompt of prompts) {
        await sequence.clearHistory();
        const answer: number[] = [];
        const tokens = sequence.evaluate(prompt, { temperature: 0, yieldEogToken: true });
        for await (const token of tokens) if (answer.push(token) === count) break;
        answers.push(answer);
      }
      await model.dispose();
      return answers;
    },
    close: async () => await llama.dispose(),
  };
}
