/** One message of a ChatGPT export: the words of the conversation, and the text that goes aside. */
import type { Attachment, Thought } from '../../../preload/contract.ts';
import { aside, placeholder, readable, toolText } from './asides.ts';
import type { CanvasDocuments } from './chatgpt-canvas.ts';
import { resolveMarks } from './chatgpt-marks.ts';
import type { ForeignMessage, ForeignNode } from './foreign-chat.ts';
import type { LeftOutTally } from './left-out.ts';
import { thoughtOf } from './thoughts.ts';
import { field, listOf, objectOf, textOf, timeOf } from './values.ts';

export const msPerSecond = 1000;

type Read = Pick<ForeignNode, 'message' | 'asides'>;

/** Custom instructions and memories: ChatGPT's own, or the person's. */
const instructionKinds: ReadonlySet<string> = new Set(['user_editable_context', 'model_editable_context']);

export function readMessage(key: string, value: unknown, documents: CanvasDocuments, leftOut: LeftOutTally): Read {
  if (objectOf(value) === undefined) return {};
  const metadata = field(value, 'metadata');
  const isHidden = field(metadata, 'is_visually_hidden_from_conversation') === true;
  const role = textOf(field(field(value, 'author'), 'role'));
  const kind = textOf(field(field(value, 'content'), 'content_type')) ?? '';
  const body = readBody(value, leftOut);
  const all = [body.text, body.other].filter((text) => text !== '').join('\n');
  if (role === 'system' || isHidden || instructionKinds.has(kind)) return { asides: aside('instructions', all) };
  if (role === 'user') return said(value, 'user', body.text, aside('other', body.other), leftOut);
  if (role === 'tool') {
    const name = textOf(field(field(value, 'author'), 'name')) ?? 'tool';
    return said(value, 'assistant', body.media, aside('tools', toolText(name, all)), leftOut);
  }
  if (role !== 'assistant') return { asides: aside('other', all) };
  if (kind === 'thoughts' || kind === 'reasoning_recap') return thoughtIn(value, kind, all, leftOut);
  const recipient = textOf(field(value, 'recipient')) ?? 'all';
  if (recipient !== 'all') {
    const document = documents.attachment(key);
    return said(value, 'assistant', '', document ? [document] : aside('tools', toolText(recipient, all)), leftOut);
  }
  const { text, asides } = resolveMarks(kind === 'code' ? fenced(value, body.text) : body.text, metadata, leftOut);
  return said(value, 'assistant', text, [...asides, ...aside('other', body.other), ...modelOf(metadata)], leftOut);
}

/** `thoughts` has the steps of a thought. `reasoning_recap` follows with their time, in words and as a number of seconds. */
function thoughtIn(value: unknown, kind: 'thoughts' | 'reasoning_recap', all: string, leftOut: LeftOutTally): Read {
  const seconds = field(field(value, 'metadata'), 'finished_duration_sec');
  const ms = typeof seconds === 'number' && seconds >= 0 ? seconds * msPerSecond : undefined;
  const steps = listOf(field(field(value, 'content'), 'thoughts')).map((step) =>
    ['summary', 'content'].map((name) => textOf(field(step, name)) ?? '').filter((text) => text.trim() !== ''),
  );
  const recap = textOf(field(field(value, 'content'), 'content'));
  const known = kind === 'thoughts' ? steps.map((texts) => texts.join('\n')).join('\n\n') : recap;
  const thought = thoughtOf(known?.trim() ? known : all, ms);
  const { message } = said(value, 'assistant', '', [], leftOut, thought);
  return message === undefined ? {} : { message };
}

function said(
  value: unknown,
  role: ForeignMessage['role'],
  text: string,
  attachments: readonly Attachment[],
  leftOut: LeftOutTally,
  thought?: Thought,
): Read {
  if (text.trim() === '' && thought === undefined && attachments.every(({ name }) => name === modelAside)) {
    leftOut.add('empty');
    return {};
  }
  const createdAt = timeOf(field(value, 'create_time'), msPerSecond);
  return { message: { role, text, thought, attachments, createdAt, state: stateOf(value) } };
}

const modelAside = 'Details';

function modelOf(metadata: unknown): readonly Attachment[] {
  const model = textOf(field(metadata, 'model_slug'));
  return model === undefined ? [] : aside('details', `Model: ${model}`);
}

interface Body {
  /** With a placeholder for each image and file. */
  readonly text: string;
  /** The placeholders alone. */
  readonly media: string;
  /** The text of content that Wyvern does not know. */
  readonly other: string;
}

function readBody(value: unknown, leftOut: LeftOutTally): Body {
  const content = field(value, 'content');
  const kind = textOf(field(content, 'content_type')) ?? '';
  const files = listOf(field(field(value, 'metadata'), 'attachments'));
  const named: unknown[] = [];
  const nameOf = (pointer: string): string => {
    const file = files.find((one) => pointer !== '' && pointer.endsWith(textOf(field(one, 'id')) ?? '\n'));
    if (file !== undefined) named.push(file);
    return textOf(field(file, 'name')) ?? '';
  };
  const parts: { readonly text: string; readonly kind: 'text' | 'media' | 'other' }[] = [];
  for (const part of kind === 'code' ? [field(content, 'text')] : listOf(field(content, 'parts'))) {
    parts.push(readPart(part, nameOf, leftOut));
  }
  const isKnown = ['text', 'multimodal_text', 'code', ''].includes(kind);
  if (!isKnown) parts.push({ text: readable(without(content, ['content_type', 'parts'])), kind: 'other' });
  for (const file of files.filter((one) => !named.includes(one))) {
    const isImage = textOf(field(file, 'mime_type') ?? field(file, 'mimeType'))?.startsWith('image/') === true;
    const name = textOf(field(file, 'name')) ?? '';
    leftOut.add(isImage ? 'image' : 'file', name);
    parts.push({ text: placeholder(isImage ? 'Image' : 'File', name), kind: 'media' });
  }
  const join = (...kinds: readonly string[]): string =>
    parts
      .filter((part) => part.text !== '' && kinds.includes(part.kind))
      .map(({ text }) => text)
      .join('\n');
  return { text: join('text', 'media'), media: join('media'), other: join('other') };
}

function readPart(
  part: unknown,
  nameOf: (pointer: string) => string,
  leftOut: LeftOutTally,
): { readonly text: string; readonly kind: 'text' | 'media' | 'other' } {
  if (typeof part === 'string') return { text: part, kind: 'text' };
  const kind = textOf(field(part, 'content_type')) ?? '';
  if (kind === 'audio_transcription') return { text: textOf(field(part, 'text')) ?? '', kind: 'text' };
  const medium = (['image', 'video', 'audio'] as const).find((name) => kind.includes(name));
  if (medium === undefined) return { text: readable(without(part, ['content_type'])), kind: 'other' };
  const prompt = field(field(field(part, 'metadata'), 'dalle'), 'prompt');
  const name = nameOf(textOf(field(part, 'asset_pointer')) ?? '') || (textOf(prompt) ?? '');
  leftOut.add(medium, name);
  return { text: placeholder({ image: 'Image', video: 'Video', audio: 'Audio' }[medium], name), kind: 'media' };
}

function without(value: unknown, names: readonly string[]): unknown {
  const object = objectOf(value);
  return object ? Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name))) : value;
}

function fenced(value: unknown, text: string): string {
  if (text.trim() === '') return '';
  const language = textOf(field(field(value, 'content'), 'language')) ?? '';
  const shown = /^[a-z0-9+#-]{1,30}$/i.test(language) && language !== 'unknown' ? language : '';
  const longest = (text.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 2);
  const fence = '`'.repeat(longest + 1);
  return `${fence}${shown}\n${text}\n${fence}`;
}

function stateOf(message: unknown): ForeignMessage['state'] {
  if (field(message, 'status') === 'in_progress') return 'interrupted';
  const ending = field(field(field(message, 'metadata'), 'finish_details'), 'type');
  return ending === 'interrupted' ? 'stopped' : 'complete';
}
