/** Names that are equal in every language: products and model families. */
import type { ChatFormat, TemplateFamily } from '../../preload/contract.ts';

export const familyNames: Readonly<Record<TemplateFamily, string>> = {
  'llama-2': 'Llama 2',
  'llama-3': 'Llama 3',
  chatml: 'ChatML',
  qwen: 'Qwen',
  gemma: 'Gemma',
  'phi-3': 'Phi 3',
  'phi-4': 'Phi 4',
  'phi-4-mini': 'Phi 4 mini',
  'mistral-1': 'Mistral v0.1, v0.2',
  'mistral-3': 'Mistral v0.3',
  'mistral-7': 'Mistral Small 3',
};

export const formatNames: Readonly<Record<ChatFormat, string>> = {
  wyvern: 'Wyvern',
  'lm-studio': 'LM Studio',
  chatgpt: 'ChatGPT',
  'llama-cpp': 'llama.cpp',
};
