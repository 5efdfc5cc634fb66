/**
 * A conversation of LM Studio: one JSON file each, `*.conversation.json` below its `conversations` folder. The form is
 * undocumented. Its fields are known from programs that read and write it (YorkieDev/lm-studio-conversation-converter,
 * ispaure/migration-chatgpt-to-lmstudio), the names of settings from lmstudio-ai/lmstudio-js, `packages/lms-kv-config`.
 *
 * `messages` is a list; each message has `versions`. LM Studio shows the version `currentlySelected`, and the next message
 * follows that one. A person's version is a `singleStep` with `content`; a model's is a `multiStep` with `steps`.
 */
import type { Attachment, Thought } from '../../../preload/contract.ts';
import type { FileChat, FileMessage } from '../chat-file.ts';
import { validOverrides } from '../../store/valid-settings.ts';
import { aside, placeholder, readable, toolText } from './asides.ts';
import type { ForeignNode, ReadChat } from './foreign-chat.ts';
import { LeftOutTally } from './left-out.ts';
import { joinThoughts, thoughtOf } from './thoughts.ts';
import { field, type JsonObject, listOf, objectOf, textOf, timeOf } from './values.ts';

export function isLmStudio(value: JsonObject): boolean {
  const messages = field(value, 'messages');
  if (!Array.isArray(messages)) return false;
  if (messages.length > 0) return messages.every((message) => Array.isArray(field(message, 'versions')));
  return ['usePerChatPredictionConfig', 'perChatPredictionConfig', 'lastUsedModel'].some((name) =>
    Object.hasOwn(value, name),
  );
}

export function readLmStudio(value: JsonObject): ReadChat {
  const leftOut = new LeftOutTally();
  const prompts: string[] = [];
  const nodes: ForeignNode[] = [];
  const settings = readSettings(value, leftOut);
  let parentKey: string | undefined;
  for (const [index, message] of listOf(field(value, 'messages')).entries()) {
    const versions = listOf(field(message, 'versions'));
    const selected = field(message, 'currentlySelected');
    const shown = typeof selected === 'number' && versions[selected] !== undefined ? selected : 0;
    for (const [version, content] of versions.entries()) {
      nodes.push({ key: `${index}.${version}`, parentKey, ...readVersion(content, leftOut, prompts) });
    }
    if (versions.length > 0) parentKey = `${index}.${shown}`;
  }
  const [prompt, ...others] = [settings.systemPrompt, textOf(field(value, 'systemPrompt')), ...prompts].filter(
    (text, index, all) => text?.trim() && all.indexOf(text) === index,
  );
  const asides = [...aside('instructions', others.join('\n\n')), ...aside('other', readable(field(value, 'notes')))];
  const leafKey = parentKey;
  if (asides.length > 0) nodes.push({ key: 'of the chat', parentKey: leafKey, asides });
  const draft = textOf(field(value, 'clientInput')) ?? '';
  if (draft.trim() !== '') leftOut.add('draft', draft);
  return {
    chat: {
      title: textOf(field(value, 'name')),
      createdAt: timeOf(field(value, 'createdAt'), 1),
      updatedAt: latest(value),
      pinned: field(value, 'pinned') === true,
      settings: { ...settings, ...validOverrides(prompt === undefined ? {} : { systemPrompt: prompt }) },
      leafKey,
      nodes,
    },
    leftOut,
  };
}

type Read = Pick<ForeignNode, 'message' | 'asides'>;

function readVersion(version: unknown, leftOut: LeftOutTally, prompts: string[]): Read {
  const role = field(version, 'role');
  const steps = listOf(field(version, 'steps'));
  const content = readParts(field(version, 'content'), leftOut);
  if (role === 'system') {
    if (content.text.trim() !== '') prompts.push(content.text);
    return { asides: content.asides };
  }
  if (role !== 'user' && role !== 'assistant') {
    return { asides: [...aside('other', content.text), ...content.asides] };
  }
  // LM Studio puts the text of attached files into the prompt here.
  const prepared = role === 'user' ? readParts(field(field(version, 'preprocessed'), 'content'), leftOut).text : '';
  const read = steps.map((step) => readStep(step, leftOut));
  const text = [content.text, ...read.map((step) => step.text)].filter((one) => one.trim() !== '').join('\n\n');
  const attachments = [
    ...content.asides,
    ...aside('other', prepared === content.text ? '' : prepared),
    ...read.flatMap(({ asides }) => asides),
  ];
  const thought = read.map((step) => step.thought).reduce(joinThoughts, undefined);
  if (text === '' && attachments.length === 0 && thought === undefined) {
    leftOut.add('empty');
    return role === 'user' ? { message: { role, text } } : {};
  }
  const reason = read.findLast((step) => step.reason !== undefined)?.reason;
  return { message: { role, text, thought, attachments, ...(reason !== undefined && { state: stateOf(reason) }) } };
}

interface Step {
  readonly text: string;
  readonly thought?: Thought | undefined;
  readonly asides: readonly Attachment[];
  readonly reason?: unknown;
}

function readStep(step: unknown, leftOut: LeftOutTally): Step {
  const kind = field(step, 'type');
  const info = field(step, 'genInfo');
  const details = aside('details', readable(info));
  // Other steps are notes of the program: states of tools, and of itself.
  if (kind !== 'contentBlock') return { text: '', asides: [...aside('details', readable(stepText(step))), ...details] };
  const { text, asides } = readParts(field(step, 'content'), leftOut);
  const reason = field(field(info, 'stats'), 'stopReason');
  const isThought = field(field(step, 'style'), 'type') === 'thinking';
  return isThought
    ? { text: '', thought: thoughtOf(text), asides: [...asides, ...details], reason }
    : { text, asides: [...asides, ...details], reason };
}

/** The fields of a step that are no marks of its form. */
function stepText(step: unknown): unknown {
  const marks = ['type', 'stepIdentifier', 'genInfo'];
  return Object.fromEntries(Object.entries(objectOf(step) ?? {}).filter(([name]) => !marks.includes(name)));
}

function readParts(
  content: unknown,
  leftOut: LeftOutTally,
): { readonly text: string; readonly asides: readonly Attachment[] } {
  if (typeof content === 'string') return { text: content, asides: [] };
  const asides: Attachment[] = [];
  const texts: string[] = [];
  for (const part of listOf(content)) {
    const kind = textOf(field(part, 'type')) ?? '';
    if (kind === 'text') texts.push(textOf(field(part, 'text')) ?? '');
    else if (kind === 'toolCallRequest' || kind === 'toolCallResult') {
      const name = textOf(field(part, 'name')) ?? 'Result';
      const said = kind === 'toolCallRequest' ? readable(field(part, 'parameters')) : readable(field(part, 'content'));
      asides.push(...aside('tools', toolText(name, said)));
    } else if (kind === 'file') {
      const name = textOf(field(part, 'name')) ?? textOf(field(part, 'fileIdentifier')) ?? '';
      const isImage = field(part, 'fileType') === 'image';
      leftOut.add(isImage ? 'image' : 'file', name);
      texts.push(`${texts.length > 0 ? '\n' : ''}${placeholder(isImage ? 'Image' : 'File', name)}`);
    } else asides.push(...aside('other', readable(part)));
  }
  return { text: texts.join(''), asides };
}

function stateOf(reason: unknown): FileMessage['state'] {
  if (reason === 'userStopped') return 'stopped';
  return reason === 'failed' || reason === 'modelUnloaded' ? 'interrupted' : 'complete';
}

const settingNames: Readonly<Record<string, keyof FileChat['settings']>> = {
  'llm.prediction.systemPrompt': 'systemPrompt',
  'llm.prediction.temperature': 'temperature',
  'llm.prediction.topKSampling': 'topK',
  'llm.prediction.topPSampling': 'topP',
  'llm.prediction.minPSampling': 'minP',
  'llm.prediction.repeatPenalty': 'repetitionPenalty',
  'llm.prediction.maxPredictedTokens': 'maxTokens',
  'llm.prediction.seed': 'seed',
  'llm.prediction.stopStrings': 'stopStrings',
};

/** The chat's own settings. A setting that can be switched off is `{ checked, value }`. */
function readSettings(value: JsonObject, leftOut: LeftOutTally): FileChat['settings'] {
  if (field(value, 'usePerChatPredictionConfig') === false) return {};
  const entries = listOf(field(field(value, 'perChatPredictionConfig'), 'fields')).flatMap((one) => {
    const key = textOf(field(one, 'key')) ?? '';
    const given = field(one, 'value');
    const checked = field(given, 'checked');
    const wanted = checked === undefined ? given : checked === true ? field(given, 'value') : undefined;
    if (wanted === undefined || wanted === null) return [];
    if (Array.isArray(wanted) && wanted.length === 0) return [];
    const name = Object.hasOwn(settingNames, key) ? settingNames[key] : undefined;
    return [{ key, name, wanted }];
  });
  const settings = validOverrides(Object.fromEntries(entries.map(({ key, name, wanted }) => [name ?? key, wanted])));
  for (const { key, name, wanted } of entries) {
    if (name === undefined || !Object.hasOwn(settings, name)) leftOut.add('setting', readable(wanted, key));
  }
  return settings;
}

function latest(value: JsonObject): number | undefined {
  const times = ['userLastMessagedAt', 'assistantLastMessagedAt'].flatMap(
    (name) => timeOf(field(value, name), 1) ?? [],
  );
  return times.length > 0 ? Math.max(...times) : undefined;
}
