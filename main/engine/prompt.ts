/** Encodes a request as the ids of its prompt. */
import { splitThought, type SplitAnswer } from '../../preload/contract/values.ts';
import type { ChatTemplate, TemplateTokens } from './chat-template.ts';
import { disguiseFor, type Disguise } from './disguise.ts';
import { failure } from './errors.ts';
import type { ChatMessage, GenerateInput, Tool, ToolCall } from './protocol.ts';
import { mapTexts, textsOf } from './tools.ts';
import { opensThought, type ThoughtForm } from './thoughts/form.ts';
import type { Section, Tokenizer } from './tokenizer/tokenizer.ts';

export interface PromptEncoder {
  readonly tokenizer: Tokenizer;
  /** Absent for a base model: the model continues the last message. */
  readonly template: ChatTemplate | undefined;
  readonly templateTokens: TemplateTokens;
  /** How the model marks its thoughts. */
  readonly thoughts: ThoughtForm;
  /** BOS ids before raw text. */
  readonly bosIds: readonly number[];
  /** Valid ids: 0…vocabSize−1. */
  readonly vocabSize: number;
}

type MessagesPrompt = Extract<GenerateInput['prompt'], { kind: 'messages' }>;

/** @throws EngineFailure `prompt-empty`, `prompt-invalid`, `template-invalid` */
export function encodePrompt(encoder: PromptEncoder, prompt: GenerateInput['prompt']): number[] {
  switch (prompt.kind) {
    case 'messages':
      return encodeMessages(encoder, prompt);
    case 'text':
      return encodeText(encoder, prompt.text);
    case 'tokens':
      return checkedTokens(prompt.tokens, encoder.vocabSize);
  }
}

function encodeText({ tokenizer, bosIds }: PromptEncoder, text: string): number[] {
  if (text === '') throw failure('prompt-empty');
  return [...bosIds, ...tokenizer.encode(text.toWellFormed(), { specialTokens: false })];
}

function encodeMessages(encoder: PromptEncoder, prompt: MessagesPrompt): number[] {
  // The template does not get the continued answer. Its text follows the generation prompt, as the model wrote it, so that
  // the prompt is the original one.
  const continued = continuedAnswer(prompt);
  const messages = continued === undefined ? prompt.messages : prompt.messages.slice(0, -1);
  const last = messages.at(-1);
  if (last === undefined || (last.role !== 'tool' && last.content.trim() === '')) throw failure('prompt-empty');
  const { template } = encoder;
  if (template === undefined) return encodeText(encoder, last.content + (continued?.content ?? ''));
  return encodeSections(encoder, renderMessages(encoder, template, { ...prompt, messages }, continued));
}

/** The answer that a prompt continues: a message with a thought, a text or both. */
export function continuedAnswer({ messages, continueLast = false }: MessagesPrompt): ChatMessage | undefined {
  const last = messages.at(-1);
  if (!continueLast || last?.role !== 'assistant') return undefined;
  return last.content === '' && last.thought === undefined ? undefined : last;
}

/**
 * Renders messages with a template. The text has the template's control tokens.
 * @param continued an answer without its end; it follows the generation prompt
 * @throws EngineFailure `prompt-invalid`, `template-invalid`
 */
export function renderMessages(
  { tokenizer, templateTokens, thoughts }: PromptEncoder,
  template: ChatTemplate,
  {
    messages,
    thinking,
    systemInFirst,
    tools = [],
  }: Pick<MessagesPrompt, 'messages' | 'thinking' | 'systemInFirst' | 'tools'>,
  continued?: ChatMessage,
): readonly Section[] {
  const clean = messages.map(wellFormed);
  const begun = continued && wellFormed(continued);
  const offered = tools.map(wellFormedTool);
  const contents = textsOf([clean, begun, offered]);
  const disguise = disguiseFor(tokenizer.controlLiterals, [template.text, ...contents]);
  if (disguise === undefined) throw failure('prompt-invalid', { reason: 'it uses all private-use characters.' });
  const hide = (message: ChatMessage): ChatMessage => hidden(message, disguise);
  // The model thought before this answer, so the prompt lets it think.
  const options = {
    thinking: begun?.thought === undefined ? thinking : true,
    systemInFirst,
    tools: offered.map((tool) => hiddenTool(tool, disguise)),
  };
  const rendered = template.render(clean.map(hide), templateTokens, options);
  const answer = begun === undefined ? '' : writtenAnswer(thoughts, rendered, hide(begun));
  return tokenizer
    .sections(rendered + answer)
    .map((section) => (section.kind === 'text' ? { kind: 'text', text: disguise.reveal(section.text) } : section));
}

/** A file or another program may give an answer with its thought inside. */
function wellFormed(message: ChatMessage): ChatMessage {
  const { role, toolCalls, toolCallId, name } = message;
  const isWhole = role === 'assistant' && message.thought === undefined;
  const { answer: content, thought = message.thought }: SplitAnswer = isWhole
    ? splitThought(message.content)
    : { answer: message.content };
  return {
    role,
    content: content.toWellFormed(),
    ...(thought === undefined ? {} : { thought: thought.toWellFormed() }),
    ...mapTexts({ ...(toolCalls && { toolCalls }), ...(toolCallId && { toolCallId }), ...(name && { name }) }, (text) =>
      text.toWellFormed(),
    ),
  };
}

function hidden({ role, content, thought, toolCalls, toolCallId, name }: ChatMessage, disguise: Disguise): ChatMessage {
  const hide = (text: string): string => (role === 'assistant' ? disguise.hideAnswer(text) : disguise.hide(text));
  return {
    role,
    content: hide(content),
    ...(thought === undefined ? {} : { thought: hide(thought) }),
    ...(toolCalls === undefined ? {} : { toolCalls: toolCalls.map((call) => hiddenCall(call, disguise)) }),
    ...(toolCallId === undefined ? {} : { toolCallId: disguise.hide(toolCallId) }),
    ...(name === undefined ? {} : { name: disguise.hide(name) }),
  };
}

/** The names of fields stay, the texts of the client do not. */
function hiddenCall({ id, name, arguments: given }: ToolCall, disguise: Disguise): ToolCall {
  const hide = (text: string): string => disguise.hide(text);
  return { id: hide(id), name: hide(name), arguments: mapTexts(given, hide) };
}

function wellFormedTool(tool: Tool): Tool {
  return mapTexts(tool, (text) => text.toWellFormed());
}

function hiddenTool({ name, description, parameters }: Tool, disguise: Disguise): Tool {
  const hide = (text: string): string => disguise.hide(text);
  return {
    name: hide(name),
    ...(description === undefined ? {} : { description: hide(description) }),
    ...(parameters === undefined ? {} : { parameters: mapTexts(parameters, hide) }),
  };
}

/** An answer as the model wrote it after its prompt, with the marks of its thought. A thought without an answer stays open. */
function writtenAnswer(form: ThoughtForm, prompt: string, { content, thought }: ChatMessage): string {
  const opened = opensThought(form, prompt);
  if (thought === undefined) return (opened ? form.closing : '') + content;
  return (opened ? '' : form.opening) + thought + (content === '' ? '' : form.closing + content);
}

function encodeSections({ tokenizer }: PromptEncoder, sections: readonly Section[]): number[] {
  const ids = tokenizer.encodeSections(sections);
  if (ids.length === 0) throw failure('template-invalid', { reason: 'it makes an empty prompt.' });
  return ids;
}

function checkedTokens(tokens: readonly number[], vocabSize: number): number[] {
  if (tokens.length === 0) throw failure('prompt-empty');
  const wrong = tokens.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabSize);
  if (wrong !== undefined) {
    throw failure('prompt-invalid', {
      reason: `${wrong} is not a token of this model: its ids are 0 to ${vocabSize - 1}.`,
    });
  }
  return [...tokens];
}
