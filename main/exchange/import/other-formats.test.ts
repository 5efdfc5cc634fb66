import { expect, test } from 'vitest';
import type { FileMessage } from '../chat-file.ts';
import { toIncoming, type ReadChat } from './foreign-chat.ts';
import { readLlamaCpp } from './llama-cpp.ts';
import { readLmStudio } from './lm-studio.ts';

const messagesOf = (format: 'lm-studio' | 'llama-cpp', { chat }: ReadChat): readonly FileMessage[] =>
  toIncoming(format, chat, 1).chat.messages;
const one = (version: object): object => ({ versions: [version], currentlySelected: 0 });
const text = (words: string): object => ({ type: 'text', text: words });

test('LM Studio: notes, tool states, files, prepared prompts and unknown parts are kept; a draft is listed', () => {
  const read = readLmStudio({
    notes: ['Ask about neap tides'],
    clientInput: 'Half a question',
    messages: [
      one({
        role: 'user',
        type: 'singleStep',
        content: [text('Read this'), { type: 'file', fileIdentifier: 'f1', name: 'tides.pdf', fileType: 'pdf' }],
        preprocessed: { content: [text('Read this: high water at noon')] },
      }),
      one({
        role: 'assistant',
        type: 'multiStep',
        steps: [
          {
            type: 'toolStatus',
            stepIdentifier: 's',
            statusState: { status: { type: 'callingFailed', error: 'No net' } },
          },
          { type: 'contentBlock', content: [text('At noon.'), { type: 'hologram', words: 'New words' }] },
        ],
      }),
    ],
  });
  const [question, answer] = messagesOf('lm-studio', read);
  expect(question).toMatchObject({
    text: 'Read this\n[File: tides.pdf]',
    attachments: [{ name: 'Other content', text: 'Read this: high water at noon', aside: true }],
  });
  expect(answer?.text).toBe('At noon.');
  const kept = JSON.stringify(answer?.attachments);
  for (const words of ['No net', 'New words', 'Ask about neap tides']) expect(kept).toContain(words);
  expect(read.leftOut.list()).toEqual([
    { kind: 'file', count: 1, texts: ['tides.pdf'] },
    { kind: 'draft', count: 1, texts: ['Half a question'] },
  ]);
});

test('llama.cpp: tool calls and their results are one answer; further system prompts and files stay', () => {
  const say = (id: string, parent: string | null, role: string, content: string, more: object = {}): object => ({
    id,
    parent,
    role,
    content,
    type: 'text',
    timestamp: 1_750_000_000_000,
    ...more,
  });
  const read = readLlamaCpp({ id: 'c', name: 'Tools', pinned: true }, [
    say('s', null, 'system', 'Be brief.'),
    say('s2', 's', 'system', 'Use tools.'),
    say('q', 's2', 'user', 'Is it raining?', { extra: [{ type: 'PDF', name: 'map.pdf', content: 'A map' }] }),
    say('call', 'q', 'assistant', '', { toolCalls: '[{"function":{"name":"weather","arguments":"{}"}}]' }),
    say('result', 'call', 'tool', 'Rain until noon'),
    say('a', 'result', 'assistant', 'Yes.'),
  ]);
  expect(read.chat).toMatchObject({ pinned: true, settings: { systemPrompt: 'Be brief.' } });
  const [question, answer, ...others] = messagesOf('llama-cpp', read);
  expect(others).toEqual([]);
  expect(question?.attachments).toEqual([
    { name: 'Instructions', text: 'Use tools.', aside: true },
    { name: 'map.pdf', text: 'A map' },
  ]);
  expect(answer).toMatchObject({ role: 'assistant', text: 'Yes.' });
  expect(answer?.attachments).toMatchObject([
    {
      name: 'Tool calls and results',
      text: expect.stringMatching(/weather[^]*Rain until noon/) as string,
      aside: true,
    },
  ]);
  expect(read.leftOut.list()).toEqual([]);
});
