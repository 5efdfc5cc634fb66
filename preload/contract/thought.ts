/** The thought before an answer, and the marks around it in the text of models. */

/** The thought that a model had before its answer. It is no part of the answer's text. */
export interface Thought {
  readonly text: string;
  /** Tokens of the thought; absent if another program generated it. */
  readonly tokens?: number;
  /** Time in which the model generated it, ms; absent if unknown. */
  readonly ms?: number;
}

/** Pairs of marks, as tokenizers and templates write them. */
export const thoughtMarks: readonly (readonly [begin: string, end: string])[] = [
  ['<think>', '</think>'],
  ['<thinking>', '</thinking>'],
  ['<thought>', '</thought>'],
  ['[THINK]', '[/THINK]'],
  ['<seed:think>', '</seed:think>'],
  ['<|START_THINKING|>', '<|END_THINKING|>'],
  ['◁think▷', '◁/think▷'],
];

export interface SplitAnswer {
  /** Absent: the text begins with no mark. */
  readonly thought?: string;
  readonly answer: string;
}

/** Splits the text of another program, or of a file, that begins with a marked thought. A mark further on is text. */
export function splitThought(text: string): SplitAnswer {
  const begun = text.trimStart();
  const pair = thoughtMarks.find(([begin]) => begun.startsWith(begin));
  if (pair === undefined) return { answer: text };
  const [begin, end] = pair;
  const to = begun.indexOf(end);
  if (to < 0) return { thought: begun.slice(begin.length).trim(), answer: '' };
  return { thought: begun.slice(begin.length, to).trim(), answer: begun.slice(to + end.length).trimStart() };
}
