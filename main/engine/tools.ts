/** Tools in chat templates: how a template gets them, and in which form its model writes a call. */
import type { ChatTemplate, TemplateTokens } from './chat-template.ts';
import type { ChatMessage, TemplateInfo, Tool } from './protocol.ts';

const probe: Tool = { name: 'wyvern_probe', description: 'Probe', parameters: { type: 'object', properties: {} } };
const question: ChatMessage = { role: 'user', content: 'Hi' };
const called: ChatMessage = {
  role: 'assistant',
  content: '',
  toolCalls: [{ id: 'wyvern000', name: probe.name, arguments: { city: 'Berlin' } }],
};

/**
 * Finds the form by trying: a template with a place for tools shows their names, and writes an earlier call as its model was
 * trained to. Undefined: the template has no such place.
 */
export function toolForm(template: ChatTemplate, tokens: TemplateTokens): TemplateInfo['tools'] {
  if (!template.text.includes('tools')) return undefined;
  const offered = template.tried([question], tokens, { tools: [probe] });
  if (offered?.includes(probe.name) !== true) return undefined;
  const call = template.tried([question, called], tokens, { tools: [probe], toAnswer: false }) ?? '';
  if (/<tool_call>\s*\{\s*"name":\s*"wyvern_probe",\s*"arguments":/.test(call)) return 'hermes';
  return /\{\s*"name":\s*"wyvern_probe",\s*"parameters":\s*\{\s*"city"/.test(call) ? 'llama' : 'other';
}

/** The list that `transformers` gives to templates: OpenAI's form. */
export function templateTools(tools: readonly Tool[]): readonly object[] {
  return tools.map((tool) => ({ type: 'function', function: tool }));
}

/** The fields of a message beside its content and thought. Templates read the arguments of a call as an object. */
export function templateMessage({ role, name, toolCallId, toolCalls }: ChatMessage): object {
  return {
    role,
    ...(name === undefined ? {} : { name }),
    ...(toolCallId === undefined ? {} : { tool_call_id: toolCallId }),
    ...(toolCalls === undefined
      ? {}
      : {
          tool_calls: toolCalls.map(({ id, name: tool, arguments: given }) => ({
            id,
            type: 'function',
            function: { name: tool, arguments: given },
          })),
        }),
  };
}

/** Every text in a value: strings and names of fields. */
export function textsOf(value: unknown): readonly string[] {
  const found: string[] = [];
  mapTexts(value, (text) => {
    found.push(text);
    return text;
  });
  return found;
}

/** The same value with every text replaced. */
export function mapTexts<T>(value: T, change: (text: string) => string): T {
  return changed(value, change) as T;
}

function changed(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => changed(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [change(name), changed(item, change)]));
}
