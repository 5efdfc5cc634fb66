/** How a model's thought begins and ends: read from its template and its tokenizer, for the prompt and for the answer. */
import { thoughtMarks } from '../../../preload/contract/values.ts';
import type { ChatTemplate, TemplateTokens } from '../chat-template.ts';
import type { ChatMessage } from '../protocol.ts';

export type ThoughtMarks = (typeof thoughtMarks)[number];

export interface ThoughtForm {
  /** Harmony: `<|channel|>analysis` and `<|channel|>final` instead of a pair of marks. */
  readonly channels: boolean;
  /** Pairs that begin a thought at the start of an answer. */
  readonly pairs: readonly ThoughtMarks[];
  /** The text before a thought, e.g. `<think>\n`. */
  readonly opening: string;
  /** The text between a thought and its answer, e.g. `\n</think>\n\n`. */
  readonly closing: string;
}

/** Every mark of a thought. */
export const allMarks: readonly string[] = thoughtMarks.flat();

const channelMarks = ['<|channel|>', '<|message|>', '<|start|>'];
/** Longest text around a thought, and longest closing, that is believable. */
const maxAround = 200;

/** Whether a tokenizer uses Harmony, in which `<|end|>` ends a channel, not the answer. */
export function hasChannels(controlTokens: ReadonlySet<string>): boolean {
  return channelMarks.every((token) => controlTokens.has(token));
}

/**
 * Returns the form of a model's thoughts. The template names the marks, else the tokenizer does. If neither does, every known
 * pair counts, because a model may write its marks as ordinary text.
 */
export function thoughtForm(
  template: ChatTemplate | undefined,
  tokens: TemplateTokens,
  controlTokens: ReadonlySet<string>,
): ThoughtForm {
  if (hasChannels(controlTokens)) {
    return {
      channels: true,
      pairs: [],
      opening: '<|channel|>analysis<|message|>',
      closing: '<|end|><|start|>assistant<|channel|>final<|message|>',
    };
  }
  const named = thoughtMarks.filter(([, end]) => template?.text.includes(end));
  const known = named.length > 0 ? named : thoughtMarks.filter((pair) => pair.every((mark) => controlTokens.has(mark)));
  const pairs = known.length > 0 ? known : thoughtMarks;
  const written = template === undefined ? undefined : writtenForm(template, tokens, pairs);
  return { channels: false, pairs, ...(written ?? usualForm(pairs[0])) };
}

type Around = Pick<ThoughtForm, 'opening' | 'closing'>;

/** The form that most models of a pair were trained with. */
export function usualForm([begin, end]: ThoughtMarks = thoughtMarks[0] ?? ['', '']): Around {
  const space = begin.startsWith('<') && !begin.startsWith('<|') ? '\n' : '';
  return { opening: begin + space, closing: `${space}${end}${space}${space}` };
}

const question: ChatMessage = { role: 'user', content: 'Hi' };
const thoughtProbe = 'wyvern-thought';
const answerProbe = 'wyvern-answer';

/** Reads the form from the last answer that a template writes, else from the empty thought of a prompt without thinking. */
function writtenForm(
  template: ChatTemplate,
  tokens: TemplateTokens,
  pairs: readonly ThoughtMarks[],
): Around | undefined {
  const answered: readonly ChatMessage[] = [
    question,
    { role: 'assistant', content: answerProbe, thought: thoughtProbe },
  ];
  const history = template.tried(answered, tokens, { toAnswer: false });
  const [before, after] = history?.split(thoughtProbe) ?? [];
  const [closing] = after?.split(answerProbe) ?? [];
  const shown = after?.includes(answerProbe) === true ? around(before, closing, pairs) : undefined;
  if (shown !== undefined) return shown;
  const prompt = template.tried([question], tokens, { thinking: false });
  const pair = pairs.find(([begin, end]) => prompt !== undefined && emptyThought(prompt, begin, end) !== undefined);
  if (pair === undefined || prompt === undefined) return undefined;
  const [begin, end] = pair;
  const space = emptyThought(prompt, begin, end) ?? '';
  const half = space.slice(0, Math.floor(space.length / 2));
  const tail = prompt.slice(prompt.lastIndexOf(end));
  return { opening: begin + half, closing: space.slice(half.length) + tail };
}

function around(
  before: string | undefined,
  closing: string | undefined,
  pairs: readonly ThoughtMarks[],
): Around | undefined {
  if (before === undefined || closing === undefined || closing.length > maxAround) return undefined;
  const pair = pairs.find(([begin, end]) => before.includes(begin) && closing.includes(end));
  if (pair === undefined) return undefined;
  const opening = before.slice(before.lastIndexOf(pair[0]));
  return opening.length > maxAround ? undefined : { opening, closing };
}

/** The white space inside of a thought that a prompt ends with; undefined if it ends with none. */
function emptyThought(prompt: string, begin: string, end: string): string | undefined {
  const from = prompt.lastIndexOf(begin);
  const to = prompt.lastIndexOf(end);
  if (from < 0 || to < from || prompt.slice(to + end.length).trim() !== '') return undefined;
  const inside = prompt.slice(from + begin.length, to);
  return inside.trim() === '' ? inside : undefined;
}

/** Whether a prompt ends inside a thought that its template opened. */
export function opensThought({ channels, pairs, opening }: ThoughtForm, prompt: string): boolean {
  if (channels) return prompt.endsWith(opening);
  return pairs.some(([begin, end]) => {
    const from = prompt.lastIndexOf(begin);
    return from >= 0 && !prompt.includes(end, from) && prompt.slice(from + begin.length).trim() === '';
  });
}
