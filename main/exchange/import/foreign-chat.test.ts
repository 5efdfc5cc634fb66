import { expect, test } from 'vitest';
import type { Thought } from '../../../preload/contract.ts';
import { type ForeignChat, toIncoming } from './foreign-chat.ts';

const chat = (thought?: Thought): ForeignChat => ({
  sourceId: 'c1',
  title: 'Tides',
  createdAt: 1,
  settings: {},
  nodes: [
    { key: 'a', message: { role: 'user', text: 'When is high water?' } },
    { key: 'b', parentKey: 'a', message: { role: 'assistant', text: 'At noon.', thought } },
  ],
});
const fingerprintOf = (foreign: ForeignChat): string => toIncoming('lm-studio', foreign, 1).fingerprint;

test('a chat without thoughts has the fingerprint that it had before chats had thoughts', () => {
  // Computed by the version that wrote store schema 8.
  expect(fingerprintOf(chat())).toBe('K3_1xGQB_KhO0OA-1YHtXcbyrbYBvPkJWJqzWwCt7RU');
});

test('a thought is part of the fingerprint, and its time is not', () => {
  const thought = { text: 'The tide tables say noon.', ms: 10, tokens: 6 };
  const with10 = fingerprintOf(chat(thought));
  expect(with10).not.toBe(fingerprintOf(chat()));
  expect(with10).toBe(fingerprintOf(chat({ ...thought, ms: 20 })));
});
