/** The title of a conversation, and its text for the model. */
import type { Message } from '../../preload/contract.ts';
import type { ChatMessage, TemplateInfo } from '../engine/protocol.ts';
import type { AnswerSettings } from './settings.ts';
import { titleLength } from '../store/first-title.ts';

const titleWords = 10;
export const titleRequest =
  'Write a title for this conversation: at most six words, in its language. Answer with the title alone.';

/** The title in a model's answer; undefined if the answer is not a title. */
export function titleFrom(answer: string): string | undefined {
  const line = answer.trim().split('\n', 1)[0] ?? '';
  const bare = line
    .replace(/^[#>*\s-]*(?:title|titel)\s*:/i, '')
    .replaceAll(/[*_`#]/g, '')
    .replaceAll(/[\s\p{C}]+/gu, ' ')
    .replace(/^[\s"'“”„‘’«»]+/, '')
    .replace(/[\s"'“”„‘’«».]+$/, '');
  const words = bare.split(' ').length;
  return bare === '' || bare.length > titleLength || words > titleWords ? undefined : bare;
}

/** How the template gets a chat's messages, by the chat's settings. */
export function promptOptions(
  { thinking, systemPlace }: Pick<AnswerSettings, 'thinking' | 'systemPlace'>,
  { systemPrompt: place }: TemplateInfo,
): { readonly thinking?: boolean; readonly systemInFirst?: false } {
  return {
    ...(thinking === undefined ? {} : { thinking }),
    ...(place === 'first-message' && systemPlace !== 'first-message' ? { systemInFirst: false } : {}),
  };
}

/** A message with its files, each between longer runs of backticks than it contains. Asides are for the person alone. */
function contentOf({ text, attachments = [] }: Pick<Message, 'text' | 'attachments'>): string {
  const sent = attachments.filter(({ aside }) => aside !== true);
  const files = sent.map(({ name, text: content }) => {
    const longest = Math.max(2, ...(content.match(/`+/g) ?? []).map((run) => run.length));
    const fence = '`'.repeat(longest + 1);
    return `${name}\n${fence}\n${content}\n${fence}`;
  });
  return [...files, ...(text === '' ? [] : [text])].join('\n\n');
}

/**
 * The conversation for the model, without answers that never began, except a last one that has a thought to continue. Templates require alternating roles, so consecutive
 * messages of one role are joined.
 */
export function toPrompt(history: readonly Message[], systemPrompt: string): readonly ChatMessage[] {
  const prompt: ChatMessage[] = systemPrompt.trim() === '' ? [] : [{ role: 'system', content: systemPrompt }];
  for (const message of history) {
    const { role } = message;
    const content = contentOf(message);
    const thought = message.thought?.text;
    if (content === '' && (thought === undefined || message !== history.at(-1))) continue;
    const last = prompt.at(-1);
    if (last?.role === role) prompt[prompt.length - 1] = { ...last, content: `${last.content}\n\n${content}` };
    else prompt.push({ role, content, ...(thought === undefined ? {} : { thought }) });
  }
  return prompt;
}
