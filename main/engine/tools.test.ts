import { describe, expect, test } from 'vitest';
import { ChatTemplate } from './chat-template.ts';
import type { ChatMessage, Tool } from './protocol.ts';
import { hermesTools, llamaTools, mistralTools } from './testing/tool-templates.ts';
import { qwen3 } from './testing/thinking-templates.ts';

const weather: Tool = {
  name: 'get_weather',
  description: 'The weather of a city.',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const talk: readonly ChatMessage[] = [
  { role: 'user', content: 'Is it raining in Berlin?' },
  { role: 'assistant', content: '', toolCalls: [{ id: 'call_1', name: 'get_weather', arguments: { city: 'Berlin' } }] },
  { role: 'tool', content: '{"rain": true}', toolCallId: 'call_1', name: 'get_weather' },
];

test.each([
  ['hermes', hermesTools],
  ['llama', llamaTools],
  ['other', mistralTools],
  [undefined, qwen3],
  [undefined, '{{ messages[0].content }} has no tools'],
] as const)('the form of a call is %s', (form, text) => {
  expect(new ChatTemplate(text).toolForm({})).toBe(form);
});

describe('a template gets', () => {
  test('tools as JSON, calls as objects, and results', () => {
    const prompt = new ChatTemplate(hermesTools).render(talk, {}, { tools: [weather] });
    expect(prompt).toContain(
      '{"type": "function", "function": {"name": "get_weather", "description": "The weather of a city.", "parameters": {"type": "object",',
    );
    expect(prompt).toContain('<tool_call>\n{"name": "get_weather", "arguments": {"city": "Berlin"}}\n</tool_call>');
    expect(prompt).toContain('<tool_response>\n{"rain": true}\n</tool_response>');
  });

  test('no tools if there are none', () => {
    expect(new ChatTemplate(hermesTools).render(talk.slice(0, 1), {}, { tools: [] })).not.toContain('# Tools');
  });
});
