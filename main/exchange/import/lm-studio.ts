/**
 * A conversation of LM Studio: one JSON file each, `*.conversation.json` below its `conversations` folder. The form is
 * undocumented; what is read here is known from programs that read and write it (YorkieDev/lm-studio-conversation-converter,
 * ispaure/migration-chatgpt-to-lmstudio), the names of settings from lmstudio-ai/lmstudio-js, `packages/lms-kv-config`.
 *
 * `messages` are in a row; each has `versions`, of which `currentlySelected` is shown and what follows goes on from. A
 * version of a person is a `singleStep` with `content`; one of a model is a `multiStep` of `steps`.
 */
import type { FileChat, FileMessage } from '../chat-file.ts';
import { validOverrides } from '../../store/valid-settings.ts';
import type { ForeignMessage, ForeignNode, ReadChat } from './foreign-chat.ts';
import { LeftOutTally } from './left-out.ts';
import { field, type JsonObject, listOf, textOf, timeOf } from './values.ts';

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
  let parentKey: string | undefined;
  for (const [index, message] of listOf(field(value, 'messages')).entries()) {
    const versions = listOf(field(message, 'versions'));
    const selected = field(message, 'currentlySelected');
    const shown = typeof selected === 'number' && versions[selected] !== undefined ? selected : 0;
    for (const [version, content] of versions.entries()) {
      nodes.push({ key: `${index}.${version}`, parentKey, message: readVersion(content, leftOut, prompts) });
    }
    if (versions.length > 0) parentKey = `${index}.${shown}`;
  }
  const settings = readSettings(value, leftOut);
  const prompt = [settings.systemPrompt, textOf(field(value, 'systemPrompt')), ...prompts].find((text) => text?.trim());
  leftOut.add('instructions', prompts.filter((text) => text !== prompt).length);
  return {
    chat: {
      title: textOf(field(value, 'name')),
      createdAt: timeOf(field(value, 'createdAt'), 1),
      updatedAt: latest(value),
      pinned: field(value, 'pinned') === true,
      settings: { ...settings, ...validOverrides(prompt === undefined ? {} : { systemPrompt: prompt }) },
      leafKey: parentKey,
      nodes,
    },
    leftOut,
  };
}

function readVersion(version: unknown, leftOut: LeftOutTally, prompts: string[]): ForeignMessage | undefined {
  const role = field(version, 'role');
  const steps = listOf(field(version, 'steps'));
  if (role === 'system') {
    const text = readParts(field(version, 'content'), leftOut);
    if (text.trim() !== '') prompts.push(text);
    return undefined;
  }
  if (role !== 'user' && role !== 'assistant') {
    leftOut.add('unsupported');
    return undefined;
  }
  if (role === 'user' || steps.length === 0) {
    const text = readParts(field(version, 'content'), leftOut);
    if (role === 'user' || text !== '') return { role, text };
    leftOut.add('empty');
    return undefined;
  }
  let reason: unknown;
  const texts = steps.flatMap((step) => {
    const info = field(step, 'genInfo');
    if (info !== undefined) leftOut.add('figures');
    reason = field(field(info, 'stats'), 'stopReason') ?? reason;
    // Notes of the program to the person: states of tools, and of itself.
    if (field(step, 'type') !== 'contentBlock') return [];
    if (field(field(step, 'style'), 'type') === 'thinking') {
      leftOut.add('reasoning');
      return [];
    }
    const text = readParts(field(step, 'content'), leftOut);
    return text.trim() === '' ? [] : [text];
  });
  if (texts.length > 0) return { role, text: texts.join('\n\n'), state: stateOf(reason) };
  leftOut.add('empty');
  return undefined;
}

function readParts(content: unknown, leftOut: LeftOutTally): string {
  if (typeof content === 'string') return content;
  const texts = listOf(content).flatMap((part) => {
    const kind = field(part, 'type');
    if (kind === 'text') return textOf(field(part, 'text')) ?? [];
    if (kind === 'toolCallRequest' || kind === 'toolCallResult') leftOut.add('tool');
    else if (kind === 'file') leftOut.add(field(part, 'fileType') === 'image' ? 'image' : 'file');
    else leftOut.add('unsupported');
    return [];
  });
  return texts.join('');
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

/** What the chat itself sets. A value that can be switched off is `{ checked, value }`. */
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
    return [[name ?? '', wanted] as const];
  });
  const settings = validOverrides(Object.fromEntries(entries.filter(([name]) => name !== '')));
  leftOut.add('setting', entries.length - Object.keys(settings).length);
  return settings;
}

function latest(value: JsonObject): number | undefined {
  const times = ['userLastMessagedAt', 'assistantLastMessagedAt'].flatMap(
    (name) => timeOf(field(value, name), 1) ?? [],
  );
  return times.length > 0 ? Math.max(...times) : undefined;
}
