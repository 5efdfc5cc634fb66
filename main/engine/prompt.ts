/** Encodes a request as the ids of its prompt. */
import type { ChatTemplate, TemplateTokens } from './chat-template.ts';
import { disguiseFor } from './disguise.ts';
import { failure } from './errors.ts';
import type { ChatMessage, GenerateInput } from './protocol.ts';
import type { Section, Tokenizer } from './tokenizer/tokenizer.ts';

export interface PromptEncoder {
  readonly tokenizer: Tokenizer;
  /** Absent for a base model: the model continues the last message. */
  readonly template: ChatTemplate | undefined;
  readonly templateTokens: TemplateTokens;
  /** BOS ids before raw text. */
  readonly bosIds: readonly number[];
  /** Valid ids: 0…vocabSize−1. */
  readonly vocabSize: number;
}

/** @throws EngineFailure `prompt-empty`, `prompt-invalid`, `template-invalid` */
export function encodePrompt(encoder: PromptEncoder, prompt: GenerateInput['prompt']): number[] {
  switch (prompt.kind) {
    case 'messages':
      return encodeMessages(encoder, prompt.messages, prompt.continueLast ?? false);
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

function encodeMessages(encoder: PromptEncoder, all: readonly ChatMessage[], continueLast: boolean): number[] {
  // The template does not get the continued answer. Its text follows the generation prompt, as the model wrote it, so that
  // the prompt is the original one.
  const open = continueLast && all.at(-1)?.role === 'assistant' ? (all.at(-1)?.content ?? '') : '';
  const messages = open === '' ? all : all.slice(0, -1);
  const last = messages.at(-1);
  if (last === undefined || last.content.trim() === '') throw failure('prompt-empty');
  const { template } = encoder;
  if (template === undefined) return encodeText(encoder, last.content + open);
  return encodeSections(encoder, renderMessages(encoder, template, messages, open));
}

/**
 * Renders messages with a template. The text has the template's control tokens.
 * @param open a continued answer; it follows the generation prompt
 * @throws EngineFailure `prompt-invalid`, `template-invalid`
 */
export function renderMessages(
  { tokenizer, templateTokens }: PromptEncoder,
  template: ChatTemplate,
  messages: readonly ChatMessage[],
  open = '',
): readonly Section[] {
  const clean = messages.map(({ role, content }) => ({ role, content: content.toWellFormed() }));
  const begun = open.toWellFormed();
  const contents = [begun, ...clean.map(({ content }) => content)];
  const disguise = disguiseFor(tokenizer.controlLiterals, [template.text, ...contents]);
  if (disguise === undefined) throw failure('prompt-invalid', { reason: 'it uses all private-use characters.' });
  const rendered = template.render(
    clean.map(({ role, content }) => ({
      role,
      content: role === 'assistant' ? disguise.hideAnswer(content) : disguise.hide(content),
    })),
    templateTokens,
  );
  return tokenizer
    .sections(rendered + disguise.hideAnswer(begun))
    .map((section) => (section.kind === 'text' ? { kind: 'text', text: disguise.reveal(section.text) } : section));
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
