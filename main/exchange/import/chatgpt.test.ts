import { describe, expect, test } from 'vitest';
import { said } from '../../testing/foreign-chats.ts';
import { toPrompt } from '../../chat/conversation-text.ts';
import type { FileMessage } from '../chat-file.ts';
import { readChatGpt } from './chatgpt.ts';
import { toIncoming } from './foreign-chat.ts';

/** Messages one after another, as an export has them. */
function read(...messages: readonly object[]): {
  readonly messages: readonly FileMessage[];
  readonly leftOut: readonly object[];
} {
  const mapping = Object.fromEntries(
    messages.map((message, index) => [
      `n${index}`,
      { id: `n${index}`, parent: index > 0 ? `n${index - 1}` : null, children: [`n${index + 1}`], message },
    ]),
  );
  const { chat, leftOut } = readChatGpt({ title: 'T', mapping, conversation_id: 'c' });
  return { messages: toIncoming('chatgpt', chat, 1).chat.messages, leftOut: leftOut.list() };
}

const content = (kind: string, fields: object): object => ({ content: { content_type: kind, ...fields } });
const mark = (...parts: readonly string[]): string => `\ue200${parts.join('\ue202')}\ue201`;
const question = said('user', 'Q', 1);

describe('marks in answers', () => {
  const resolved = (text: string, metadata: object = {}): FileMessage | undefined =>
    read(question, said('assistant', text, 2, { metadata })).messages[1];

  test('entities keep their names, citations their addresses, links their labels', () => {
    const cite = mark('cite', 'turn0search3', 'turn0search8');
    const ada = mark('entity', '["people","Ada Example",0]');
    const text = `The review by ${ada} covers ${mark('entity', '["place","Harbour Town","a port city"]')}. ${cite} See ${mark('url', 'Harbour guide', 'turn0search1')}.`;
    const references = [
      {
        matched_text: cite,
        type: 'grouped_webpages',
        safe_urls: ['https://example.org/iron'],
        alt: '([Iron](https://example.org/iron))',
        items: [{ title: 'Iron', url: 'https://example.org/iron' }],
      },
      { matched_text: ada, type: 'entity', name: 'Ada Example', alt: 'Ada Example' },
    ];
    expect(resolved(text, { content_references: references })?.text).toBe(
      'The review by Ada Example covers Harbour Town. ([Iron](https://example.org/iron)) See Harbour guide.',
    );
  });

  const cite = mark('cite', 'turn0search1');
  test.each([
    [
      'items without a ready text',
      { items: [{ title: 'A [b]', url: 'https://e.org/(x)' }] },
      '([A \\[b\\]](https://e.org/%28x%29))',
    ],
    [
      'several items',
      {
        alt: null,
        items: [
          { title: 'A', url: 'https://a.org' },
          { title: '', url: 'https://b.org' },
        ],
      },
      '([A](https://a.org), [https://b.org](https://b.org))',
    ],
    ['safe addresses alone', { safe_urls: ['https://a.org'] }, '([https://a.org](https://a.org))'],
    ['a file’s name', { type: 'file', name: 'notes.pdf' }, 'notes.pdf'],
  ])('a citation with %s', (_, reference, shown) => {
    expect(resolved(`See ${cite}.`, { content_references: [{ matched_text: cite, ...reference }] })?.text).toBe(
      `See ${shown}.`,
    );
  });

  test('addresses that are no web pages are not linked', () => {
    const reference = { matched_text: cite, items: [{ title: 'x', url: 'javascript:alert(1)' }], name: 'A name' };
    expect(resolved(`See ${cite}.`, { content_references: [reference] })?.text).toBe('See A name.');
  });

  test.each([
    [mark('image_group', '{"query":["red lighthouse"],"layout":"bento"}'), 'red lighthouse, bento'],
    [mark('product_entity', '["turn0product1","Brass lamp"]'), 'Brass lamp'],
    [mark('navlist', 'Ports', 'turn0news1,turn0news2'), 'Ports, turn0news1,turn0news2'],
    [mark('kind of tomorrow', 'words'), 'words'],
    [`an \ue200open mark and \ue203a quoted passage\ue204`, 'an open mark and a quoted passage'],
  ])('a mark of another kind keeps its words: %j', (text, shown) => {
    expect(resolved(`A ${text} B`)?.text).toBe(`A ${shown} B`);
  });

  test('a citation without an address is listed as left out, with its text', () => {
    const { messages, leftOut } = read(question, said('assistant', `So it is.${cite}`, 2));
    expect(messages[1]?.text).toBe('So it is.');
    expect(leftOut).toEqual([{ kind: 'citation', count: 1, texts: ['turn0search1'] }]);
  });

  test('citations of earlier exports become links at their place, also behind characters of two units', () => {
    const metadata = {
      citations: [{ start_ix: 4, end_ix: 15, metadata: { title: 'Tides', url: 'https://e.org/t' } }],
    };
    expect(resolved('🌊🌊ab【11†source】, yes', metadata)?.text).toBe('🌊🌊ab [Tides](https://e.org/t), yes');
    const references = [{ matched_text: '【4:0†notes】', alt: '(notes.pdf)' }];
    expect(resolved('See 【4:0†notes】.', { content_references: references })?.text).toBe('See (notes.pdf).');
    expect(resolved('See 【4:0†notes】.')?.text).toBe('See 【4:0†notes】.');
  });

  test('sources that no mark links to are kept aside', () => {
    const metadata = {
      content_references: [
        { matched_text: ' ', type: 'sources_footnote', sources: [{ title: 'A', url: 'https://a.org' }] },
      ],
      search_result_groups: [{ domain: 'b.org', entries: [{ title: 'B', url: 'https://b.org' }] }],
    };
    expect(resolved('Spaces stay as they are.', metadata)).toMatchObject({
      text: 'Spaces stay as they are.',
      attachments: [{ name: 'Sources', text: 'A: https://a.org\nB: https://b.org', aside: true }],
    });
  });
});

describe('canvas documents', () => {
  const create = (text: string): object =>
    said('assistant', JSON.stringify({ name: 'Letter to Ann', type: 'document', content: text }), 2, {
      recipient: 'canmore.create_textdoc',
    });
  const update = (...updates: readonly object[]): object => ({
    ...said('assistant', '', 4),
    ...content('code', { language: 'json', text: JSON.stringify({ updates }) }),
    recipient: 'canmore.update_textdoc',
  });
  const answer = said('assistant', 'Done.', 3);
  const documents = (messages: readonly FileMessage[]): readonly object[] =>
    messages.flatMap(({ attachments = [] }) => attachments.filter(({ aside }) => !aside));

  test('become attachments, each version where it was written, and reach the model', () => {
    const { messages } = read(
      question,
      create('Dear Ann,\n\nThank you for the pears.'),
      {
        ...said('tool', 'Successfully created text document', 3),
        author: { role: 'tool', name: 'canmore.create_textdoc' },
      },
      answer,
      said('user', 'Shorter', 5),
      update({ pattern: '.*', multiple: false, replacement: 'Dear Ann, thanks for the pears.' }),
      answer,
    );
    expect(documents(messages)).toEqual([
      { name: 'Letter to Ann', text: 'Dear Ann,\n\nThank you for the pears.' },
      { name: 'Letter to Ann', text: 'Dear Ann, thanks for the pears.' },
    ]);
    expect(messages.map(({ role, text }) => [role, text])).toEqual([
      ['user', 'Q'],
      ['assistant', 'Done.'],
      ['user', 'Shorter'],
      ['assistant', 'Done.'],
    ]);
    const prompt = toPrompt(messages, '').map((message) => message.content);
    expect(prompt[1]).toContain('Thank you for the pears.');
    expect(prompt.join('\n')).not.toContain('Successfully');
  });

  test('a change of plain text is followed; another one is kept as it is, its pattern never run', () => {
    const { messages } = read(
      create('One. Two. Two.'),
      update({ pattern: 'Two\\.', multiple: true, replacement: '$& three' }),
      update({ pattern: '(a+)+$', multiple: false, replacement: 'x' }),
      update({ pattern: '.*', multiple: false, replacement: 'All new' }),
    );
    expect(documents(messages)).toEqual([
      { name: 'Letter to Ann', text: 'One. Two. Two.' },
      { name: 'Letter to Ann', text: 'One. $& three $& three' },
      { name: 'Letter to Ann (changes)', text: 'Replaced: (a+)+$\nWith:\nx' },
      { name: 'Letter to Ann', text: 'All new' },
    ]);
  });

  test.each([['no JSON'], ['{"updates":7}'], ['[]'], ['{"name":1}']])(
    'a call that is none, %j, is kept as text',
    (text) => {
      const { messages } = read(question, said('assistant', text, 2, { recipient: 'canmore.create_textdoc' }), answer);
      expect(messages[1]?.attachments).toEqual([
        { name: 'Tool calls and results', text: `canmore.create_textdoc:\n${text}`, aside: true },
      ]);
    },
  );
});

describe('thoughts come apart from their answer', () => {
  const thoughts = (...steps: readonly object[]): object => ({
    ...said('assistant', '', 2),
    ...content('thoughts', { thoughts: steps }),
  });
  const recap = (metadata: object): object => ({
    ...said('assistant', '', 3, { metadata }),
    ...content('reasoning_recap', { content: 'Thought for 8 seconds' }),
  });

  test('with every step, the recap and the time', () => {
    const steps = [{ summary: 'Lights', content: 'Buoyage' }, { content: 'Red to port' }];
    const { messages, leftOut } = read(
      question,
      thoughts(...steps),
      recap({ finished_duration_sec: 8 }),
      said('assistant', 'A', 4),
    );
    expect(messages).toHaveLength(2);
    expect(messages[1]).toMatchObject({
      text: 'A',
      thought: { text: 'Lights\nBuoyage\n\nRed to port\n\nThought for 8 seconds', ms: 8000 },
    });
    expect(leftOut).toEqual([]);
    expect(JSON.stringify(toPrompt([...messages, { ...messages[0]!, id: 'q2' }], ''))).toContain('Buoyage');
  });

  test('a recap without a time keeps its words', () => {
    expect(read(question, recap({}), said('assistant', 'A', 4)).messages[1]?.thought).toEqual({
      text: 'Thought for 8 seconds',
    });
  });
});

describe('content of every kind is kept', () => {
  test.each([
    ['execution_output', 'tool', { text: 'Out: 42' }, 'Tool calls and results', 'Out: 42'],
    ['tether_quote', 'tool', { url: 'https://e.org', text: 'Red to port' }, 'Tool calls and results', 'Red to port'],
    ['system_error', 'tool', { name: 'Timeout', text: 'Too long' }, 'Tool calls and results', 'Too long'],
    ['kind_of_tomorrow', 'assistant', { deep: [{ words: 'New words' }] }, 'Other content', 'New words'],
    ['kind_of_tomorrow', 'user', { words: 'New words' }, 'Other content', 'New words'],
    ['kind_of_tomorrow', 'critic', { words: 'New words' }, 'Other content', 'New words'],
    ['text', 'system', { parts: ['Be brief.'] }, 'Instructions', 'Be brief.'],
    ['user_editable_context', 'user', { user_instructions: 'No emoji' }, 'Instructions', 'No emoji'],
  ])('%s of %s', (kind, role, fields, name, words) => {
    const { messages, leftOut } = read(
      question,
      { ...said(role, '', 2), ...content(kind, fields) },
      said('assistant', 'A', 3),
    );
    const found = messages.flatMap(({ attachments = [] }) => attachments).find((one) => one.name === name);
    expect(found).toMatchObject({ aside: true, text: expect.stringContaining(words) as string });
    expect(leftOut).toEqual([]);
    expect(JSON.stringify(toPrompt(messages, ''))).not.toContain(words);
  });

  test('instructions before the first question go with it; where nothing follows, with the message above', () => {
    const instructions = { ...said('user', '', 0), ...content('user_editable_context', { user_profile: 'A sailor' }) };
    const attached = { name: 'Instructions', text: 'user_profile: A sailor', aside: true };
    expect(read(instructions, question).messages).toMatchObject([{ role: 'user', text: 'Q', attachments: [attached] }]);
    expect(read(question, instructions).messages).toMatchObject([{ role: 'user', text: 'Q', attachments: [attached] }]);
    expect(read(instructions).messages).toMatchObject([{ role: 'assistant', text: '', attachments: [attached] }]);
  });

  test('images and files become placeholders with their names; the pictures themselves are listed as left out', () => {
    const image = (more: object): object => ({ content_type: 'image_asset_pointer', ...more });
    const drawn = {
      ...said('tool', '', 2),
      ...content('multimodal_text', {
        parts: [image({ asset_pointer: 'sediment://x', metadata: { dalle: { prompt: 'A red [lamp]' } } })],
      }),
    };
    const { messages, leftOut } = read(question, drawn, said('assistant', 'There.', 3));
    expect(messages[1]?.text).toBe('[Image: A red lamp]\n\nThere.');
    expect(leftOut).toEqual([{ kind: 'image', count: 1, texts: ['A red [lamp]'] }]);
  });

  test('a hundred tool calls of one answer are one list, in order', () => {
    const calls = Array.from({ length: 100 }, (_, index) =>
      said('assistant', `call ${index}`, 2, { recipient: 'web' }),
    );
    const { messages } = read(question, ...calls, said('assistant', 'A', 3));
    expect(messages).toHaveLength(2);
    expect(messages[1]?.attachments).toHaveLength(1);
    expect(messages[1]?.attachments?.[0]?.text.match(/call \d+/g)).toEqual(calls.map((_, index) => `call ${index}`));
  });
});
