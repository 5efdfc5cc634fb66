import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TemplateInfo } from '../../preload/contract.ts';
import { callReader } from './tool-calls.ts';

const tools = [{ name: 'get_weather' }];

interface Whole {
  readonly text: string;
  readonly calls: readonly { readonly name: string; readonly arguments: object }[];
}

function read(form: TemplateInfo['tools'], pieces: readonly string[]): Whole {
  const reader = callReader(form, tools);
  const parts = [...pieces.map((piece) => reader.push(piece)), reader.flush()];
  return {
    text: parts.map(({ text }) => text).join(''),
    calls: parts.flatMap(({ calls }) => calls.map((call) => ({ name: call.name, arguments: call.arguments }))),
  };
}

const call = '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Berlin"}}\n</tool_call>';
const berlin = { name: 'get_weather', arguments: { city: 'Berlin' } };

test.each<[name: string, form: TemplateInfo['tools'], answer: string, read: Whole]>([
  ['a call alone', 'hermes', call, { text: '', calls: [berlin] }],
  ['text before a call', 'hermes', `Let me see.\n${call}`, { text: 'Let me see.', calls: [berlin] }],
  ['two calls', 'hermes', `${call}\n${call}`, { text: '', calls: [berlin, berlin] }],
  ['text after a call', 'hermes', `${call}\nDone`, { text: 'Done', calls: [berlin] }],
  ['a call without its closing mark', 'hermes', call.replace('</tool_call>', ''), { text: '', calls: [berlin] }],
  ['a call that is cut', 'hermes', '<tool_call>{"name', { text: '<tool_call>{"name', calls: [] }],
  [
    'a call of another tool',
    'hermes',
    '<tool_call>{"name": "rm", "arguments": {}}</tool_call>',
    { text: '<tool_call>{"name": "rm", "arguments": {}}</tool_call>', calls: [] },
  ],
  ['text with a bracket', 'hermes', 'a < b <tool', { text: 'a < b <tool', calls: [] }],
  [
    'an answer as JSON',
    'llama',
    '{"name": "get_weather", "parameters": {"city": "Berlin"}}',
    { text: '', calls: [berlin] },
  ],
  ['JSON that is no call', 'llama', ' {"city": "Berlin"}', { text: ' {"city": "Berlin"}', calls: [] }],
  ['text', 'llama', 'It rains: {"name": 1}', { text: 'It rains: {"name": 1}', calls: [] }],
  ['a call in an unknown form', 'other', call, { text: call, calls: [] }],
])('reads %s (%s)', (_name, form, answer, whole) => {
  expect(read(form, [answer])).toEqual(whole);
});

const bits = fc.constantFrom(
  call,
  '<tool_call>',
  '</tool_call>',
  '{"name": "get_weather"}',
  '<',
  ' ',
  '\n',
  'text',
  '{',
);
const answers = fc.array(bits, { maxLength: 6 }).map((parts) => parts.join(''));

describe.each(['hermes', 'llama'] as const)('%s', (form) => {
  test('reads the same however the answer is cut', () => {
    fc.assert(
      fc.property(answers, fc.array(fc.nat(20), { maxLength: 30 }), (answer, lengths) => {
        const pieces: string[] = [];
        let rest = answer;
        for (const length of lengths) {
          pieces.push(rest.slice(0, length));
          rest = rest.slice(length);
        }
        expect(read(form, [...pieces, rest])).toEqual(read(form, [answer]));
      }),
    );
  });

  test('loses no text of an answer without calls', () => {
    const plain = fc.array(fc.constantFrom('<tool_call', '<', ' ', '\n', 'text', '}'), { maxLength: 8 });
    fc.assert(
      fc.property(plain, (parts) => {
        expect(read(form, parts)).toEqual({ text: parts.join(''), calls: [] });
      }),
    );
  });
});
