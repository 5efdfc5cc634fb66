/** A template's switch for thinking: a variable such as `enable_thinking`, or the word `/no_think` in the system prompt. */
import type { ChatTemplate, TemplateTokens } from '../chat-template.ts';
import type { ChatMessage } from '../protocol.ts';

export interface ThinkingSwitch {
  /** `variable`: one of {@link variables}. `word`: `/no_think`. */
  readonly kind: 'variable' | 'word';
  /** What the template does by itself. */
  readonly usual: 'on' | 'off';
}

const variables = ['enable_thinking', 'thinking'];
const flag = '/no_think';
const probes: readonly (readonly ChatMessage[])[] = [
  [{ role: 'user', content: 'Hi' }],
  [
    { role: 'system', content: 'wyvern-probe' },
    { role: 'user', content: 'Hi' },
  ],
];

/** Finds the switch by trying: the prompt with it on differs from the prompt with it off. Undefined if there is none. */
export function thinkingSwitch(template: ChatTemplate, tokens: TemplateTokens): ThinkingSwitch | undefined {
  const isNamed = variables.some((name) => template.text.includes(name));
  for (const messages of isNamed ? probes : []) {
    const [on, off, usual] = [true, false, undefined].map((thinking) => template.tried(messages, tokens, { thinking }));
    if (on !== off && on !== undefined && off !== undefined)
      return { kind: 'variable', usual: usual === off ? 'off' : 'on' };
  }
  return template.text.includes(flag) ? { kind: 'word', usual: 'on' } : undefined;
}

/** The variables that a template gets. */
export function thinkingVariables(thinking: boolean | undefined): Readonly<Record<string, boolean>> {
  return thinking === undefined ? {} : Object.fromEntries(variables.map((name) => [name, thinking]));
}

/** Adds `/no_think` to the system prompt if that is the template's switch. */
export function withThinkingFlag(
  found: ThinkingSwitch | undefined,
  messages: readonly ChatMessage[],
  thinking: boolean | undefined,
): readonly ChatMessage[] {
  if (found?.kind !== 'word' || thinking !== false) return messages;
  const [first, ...rest] = messages;
  if (first?.role !== 'system') return [{ role: 'system', content: flag }, ...messages];
  return [{ ...first, content: `${first.content}\n${flag}` }, ...rest];
}
