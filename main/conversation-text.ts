/** What a conversation is called, and how it is told to the model. */
import type { Message } from '../preload/contract.ts';
import type { ChatMessage } from './engine/protocol.ts';

const titleLength = 60;

/** The first line of the first message, cut at a word. */
export function titleOf(text: string): string {
  const line = text.trim().split('\n', 1)[0]?.replaceAll(/\s+/g, ' ') ?? '';
  const characters = [...new Intl.Segmenter().segment(line)].map(({ segment }) => segment);
  if (characters.length <= titleLength) return line;
  const cut = characters.slice(0, titleLength).join('');
  const word = cut.lastIndexOf(' ');
  return `${word > titleLength / 2 ? cut.slice(0, word) : cut}…`;
}

/**
 * What the model is told: the conversation without answers that never began. Templates want the roles to take turns, so
 * messages that follow one of the same role are joined to it.
 */
export function toPrompt(history: readonly Message[], systemPrompt: string): readonly ChatMessage[] {
  const prompt: ChatMessage[] = systemPrompt.trim() === '' ? [] : [{ role: 'system', content: systemPrompt }];
  for (const { role, text } of history) {
    if (text === '') continue;
    const last = prompt.at(-1);
    if (last?.role === role) prompt[prompt.length - 1] = { role, content: `${last.content}\n\n${text}` };
    else prompt.push({ role, content: text });
  }
  return prompt;
}
