/**
 * A chat for readers: the shown path as Markdown. Every line of people, models and files is in a block quote. No text can
 * leave its quote, so none can forge a heading and with it another message.
 */
import type { FileChat, FileMessage } from './chat-file.ts';

export function chatToMarkdown(chat: FileChat): string {
  const path = shownPath(chat);
  const models = [...new Set(path.flatMap(({ figures }) => figures?.model ?? []))];
  const facts = [
    `- Created: ${time(chat.createdAt)}`,
    `- Last changed: ${time(chat.updatedAt)}`,
    ...(models.length > 0 ? [`- ${models.length === 1 ? 'Model' : 'Models'}: ${models.map(inline).join(', ')}`] : []),
  ];
  const { systemPrompt = '' } = chat.settings;
  const sections = [
    `# ${inline(chat.title)}`,
    facts.join('\n'),
    ...(systemPrompt.trim() === '' ? [] : ['## System prompt', quote(systemPrompt)]),
    ...path.flatMap(messageToMarkdown),
  ];
  return `${sections.join('\n\n')}\n`;
}

const endings: Readonly<Record<FileMessage['state'], string | undefined>> = {
  complete: undefined,
  stopped: '*Stopped by the person.*',
  failed: '*Ended by a failure.*',
  interrupted: '*Cut short.*',
};

function messageToMarkdown(message: FileMessage): string[] {
  const { role, text, thought, createdAt, attachments = [], figures, state } = message;
  const who = role === 'user' ? 'User' : figures ? `Assistant (${inline(figures.model)})` : 'Assistant';
  const files = attachments.flatMap(({ name, text: content }) => [`Attached: ${inline(name)}`, quote(fenced(content))]);
  const ending = endings[state];
  return [
    `## ${who}`,
    time(createdAt),
    ...files,
    ...(thought === undefined ? [] : ['Thoughts:', quote(thought.text)]),
    ...(text === '' ? [] : [quote(text)]),
    ...(ending === undefined ? [] : [ending]),
  ];
}

/** The messages from the beginning to the leaf. */
function shownPath({ leafId, messages }: FileChat): readonly FileMessage[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const path: FileMessage[] = [];
  // Parents come before their children, so the walk up ends.
  for (let id = leafId; id !== undefined; id = path.at(-1)?.parentId) {
    const message = byId.get(id);
    if (!message) break;
    path.push(message);
  }
  return path.reverse();
}

function quote(text: string): string {
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => (line === '' ? '>' : `> ${line}`))
    .join('\n');
}

function fenced(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}

/** One line without markup. */
function inline(text: string): string {
  return text
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .replaceAll(/[\\`*_{}[\]()#+\-.!|<>~&$:@/"']/g, '\\$&');
}

/** A form that is the same in every language and sorts. */
function time(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').replace(/\..*/, ' UTC');
}
