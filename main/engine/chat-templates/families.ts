/** The built-in families of chat templates, and the control tokens by which Wyvern recognises each. */
import type { TemplateFamily } from '../protocol.ts';
import { chatml, qwen } from './chatml.ts';
import { gemma } from './gemma.ts';
import { llama2 } from './llama-2.ts';
import { llama3 } from './llama-3.ts';
import { mistral1, mistral3, mistral7 } from './mistral.ts';
import { phi3, phi4, phi4Mini } from './phi.ts';

export interface Family {
  readonly id: TemplateFamily;
  readonly name: string;
  readonly template: string;
  /** Control tokens that every tokenizer of this family has. Absent if no token distinguishes the family. */
  readonly marks?: readonly string[];
  /** Control tokens of another family that shares these marks. */
  readonly unless?: readonly string[];
  /** Texts that end an answer, besides the tokenizer's own end of text. */
  readonly ends: readonly string[];
}

const chatmlMarks = ['<|im_start|>', '<|im_end|>'];
const phiMarks = ['<|user|>', '<|assistant|>', '<|end|>'];
const mistralMarks = ['[INST]', '[/INST]'];

export const families: readonly Family[] = [
  { id: 'llama-2', name: 'Llama 2', template: llama2, ends: [] },
  {
    id: 'llama-3',
    name: 'Llama 3',
    template: llama3,
    marks: ['<|start_header_id|>', '<|end_header_id|>', '<|eot_id|>'],
    ends: ['<|eot_id|>', '<|eom_id|>'],
  },
  {
    id: 'chatml',
    name: 'ChatML',
    template: chatml,
    marks: chatmlMarks,
    unless: ['<|im_sep|>', '<|object_ref_start|>', '<|fim_prefix|>'],
    ends: ['<|im_end|>'],
  },
  {
    id: 'qwen',
    name: 'Qwen',
    template: qwen,
    // Since Qwen 2.5. Earlier versions use plain ChatML.
    marks: [...chatmlMarks, '<|object_ref_start|>'],
    ends: ['<|im_end|>'],
  },
  {
    id: 'gemma',
    name: 'Gemma',
    template: gemma,
    marks: ['<start_of_turn>', '<end_of_turn>'],
    ends: ['<end_of_turn>'],
  },
  { id: 'phi-3', name: 'Phi 3', template: phi3, marks: phiMarks, unless: ['<|tool|>'], ends: ['<|end|>'] },
  { id: 'phi-4', name: 'Phi 4', template: phi4, marks: [...chatmlMarks, '<|im_sep|>'], ends: ['<|im_end|>'] },
  { id: 'phi-4-mini', name: 'Phi 4 mini', template: phi4Mini, marks: [...phiMarks, '<|tool|>'], ends: ['<|end|>'] },
  { id: 'mistral-1', name: 'Mistral v0.1, v0.2', template: mistral1, ends: [] },
  {
    id: 'mistral-3',
    name: 'Mistral v0.3',
    template: mistral3,
    marks: mistralMarks,
    unless: ['[SYSTEM_PROMPT]'],
    ends: [],
  },
  {
    id: 'mistral-7',
    name: 'Mistral Small 3',
    template: mistral7,
    marks: [...mistralMarks, '[SYSTEM_PROMPT]'],
    ends: [],
  },
];

export function familyOf(id: TemplateFamily): Family {
  const family = families.find((candidate) => candidate.id === id);
  if (family === undefined) throw new TypeError(`No family is called ${id}`);
  return family;
}

/** Returns every family whose marks a tokenizer has. The caller guesses nothing if there are several. */
export function recognise(controlTokens: ReadonlySet<string>): readonly Family[] {
  return families.filter(
    ({ marks, unless = [] }) =>
      marks?.every((mark) => controlTokens.has(mark)) === true && !unless.some((mark) => controlTokens.has(mark)),
  );
}
