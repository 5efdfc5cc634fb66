/** How models mark their thoughts, and an answer cut into thought and answer. */

/** The marks that Wyvern itself writes. */
export const thoughtBegin = '<think>';
export const thoughtEnd = '</think>';

/** Pairs of marks, as tokenizers and templates write them. */
export const thoughtMarks: readonly (readonly [begin: string, end: string])[] = [
  [thoughtBegin, thoughtEnd],
  ['<thinking>', '</thinking>'],
  ['<thought>', '</thought>'],
  ['[THINK]', '[/THINK]'],
  ['<seed:think>', '</seed:think>'],
  ['<|START_THINKING|>', '<|END_THINKING|>'],
  ['◁think▷', '◁/think▷'],
];

export interface SplitAnswer {
  /** Absent: the model did not think. */
  readonly thought?: string;
  /** Without the thought. */
  readonly answer: string;
  /** The thought has not ended. */
  readonly open: boolean;
}

/** Cuts the thought off that an answer begins with. A mark further on is text. */
export function splitThought(text: string): SplitAnswer {
  const start = text.search(/\S/);
  const pair = thoughtMarks.find(([begin]) => start >= 0 && text.startsWith(begin, start));
  if (pair === undefined) return { answer: text, open: false };
  const [begin, end] = pair;
  const from = start + begin.length;
  const to = text.indexOf(end, from);
  if (to < 0) return { thought: text.slice(from).trim(), answer: '', open: true };
  return { thought: text.slice(from, to).trim(), answer: text.slice(to + end.length).replace(/^\s+/, ''), open: false };
}

/** Whether an answer that has only begun may still turn out to begin with a thought. */
export function startsLikeThought(text: string): boolean {
  const begun = text.trimStart();
  return thoughtMarks.some(([begin]) => begin.startsWith(begun));
}
