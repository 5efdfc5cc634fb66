/**
 * Invented chats in the formats of other programs. The readers of these formats name their sources:
 * `main/exchange/import/lm-studio.ts`, `chatgpt.ts` and `llama-cpp.ts`.
 */

/** A question with two answers. The first is shown and the chat continues after it. */
export const lmStudioChat = {
  name: 'Tide tables',
  pinned: true,
  createdAt: 1_736_789_912_980,
  userLastMessagedAt: 1_736_789_990_000,
  assistantLastMessagedAt: 1_736_789_999_000,
  preset: '',
  tokenCount: 120,
  messages: [
    {
      versions: [
        {
          type: 'singleStep',
          role: 'user',
          content: [
            { type: 'text', text: 'What moves the tides?' },
            { type: 'file', fileIdentifier: '17-chart.png', fileType: 'image', sizeBytes: 9 },
          ],
        },
      ],
      currentlySelected: 0,
    },
    {
      versions: [
        {
          type: 'multiStep',
          role: 'assistant',
          senderInfo: { senderName: 'a-model' },
          steps: [
            {
              type: 'contentBlock',
              stepIdentifier: '1-0',
              content: [{ type: 'text', text: 'They ask about tides.' }],
              style: { type: 'thinking', ended: true, title: 'Thought' },
              prefix: '<think>',
              suffix: '</think>',
            },
            {
              type: 'contentBlock',
              stepIdentifier: '1-1',
              content: [
                { type: 'text', text: 'Let me look.' },
                { type: 'toolCallRequest', callId: 1, name: 'look', parameters: {} },
              ],
            },
            { type: 'contentBlock', stepIdentifier: '1-2', content: [{ type: 'toolCallResult', content: '"Moon"' }] },
            {
              type: 'contentBlock',
              stepIdentifier: '1-3',
              content: [
                { type: 'text', text: 'The **Moon**', fromDraftModel: false, isStructural: false },
                { type: 'text', text: ', mostly.' },
              ],
              genInfo: {
                identifier: 'a-model',
                stats: { stopReason: 'eosFound', tokensPerSecond: 12.5, predictedTokensCount: 7 },
              },
            },
            { type: 'debugInfoBlock', debugInfo: 'Conversation naming technique: prompt' },
          ],
        },
        {
          type: 'multiStep',
          role: 'assistant',
          steps: [
            {
              type: 'contentBlock',
              content: [{ type: 'text', text: 'The wind' }],
              genInfo: { stats: { stopReason: 'userStopped' } },
            },
          ],
        },
      ],
      currentlySelected: 0,
    },
    {
      versions: [{ type: 'singleStep', role: 'user', content: [{ type: 'text', text: 'And the Sun?' }] }],
      currentlySelected: 0,
    },
  ],
  usePerChatPredictionConfig: true,
  perChatPredictionConfig: {
    fields: [
      { key: 'llm.prediction.systemPrompt', value: 'You know the sea.' },
      { key: 'llm.prediction.temperature', value: 0.4 },
      { key: 'llm.prediction.topPSampling', value: { checked: true, value: 0.9 } },
      { key: 'llm.prediction.minPSampling', value: { checked: false, value: 0.1 } },
      { key: 'llm.prediction.contextOverflowPolicy', value: 'rollingWindow' },
    ],
  },
  clientInput: '',
  clientInputFiles: [],
  lastUsedModel: { identifier: 'a-model' },
} as const;

const chatGptNode = (
  id: string,
  parent: string | null,
  children: readonly string[],
  message: object | null,
): readonly [string, object] => [id, { id, message, parent, children }];

/** A message of a ChatGPT export. */
export const said = (role: string, text: string, time: number, more: object = {}): object => ({
  id: `message-${time}`,
  author: { role, name: null, metadata: {} },
  create_time: 1_700_000_000 + time + 0.25,
  update_time: null,
  content: { content_type: 'text', parts: [text] },
  status: 'finished_successfully',
  end_turn: true,
  weight: 1,
  metadata: {},
  recipient: 'all',
  ...more,
});

/** An edited question, an answer with a search in the middle, a picture, sources, thoughts. */
export const chatGptChat = {
  title: 'Harbour lights',
  create_time: 1_700_000_000.123456,
  update_time: 1_700_000_900.5,
  mapping: Object.fromEntries([
    chatGptNode('root', null, ['system'], null),
    chatGptNode('system', 'root', ['q-old', 'q'], {
      ...said('system', '', 0),
      metadata: { is_visually_hidden_from_conversation: true },
    }),
    chatGptNode('q-old', 'system', ['a-old'], said('user', 'Why are harbours lit?', 1)),
    chatGptNode('a-old', 'q-old', [], said('assistant', 'So that ships find them.', 2)),
    chatGptNode('q', 'system', ['thoughts'], {
      ...said('user', '', 3),
      content: {
        content_type: 'multimodal_text',
        parts: [
          { content_type: 'image_asset_pointer', asset_pointer: 'file-service://file-1', width: 2, height: 2 },
          'Why are harbours lit red and green?',
        ],
      },
      metadata: {
        attachments: [
          { id: 'file-1', name: 'light.png', mime_type: 'image/png' },
          { id: 'file-2', name: 'rules.pdf', mime_type: 'application/pdf' },
        ],
      },
    }),
    chatGptNode('thoughts', 'q', ['a1'], {
      ...said('assistant', '', 4),
      content: { content_type: 'thoughts', thoughts: [{ summary: 'Lights', content: 'Buoyage' }] },
    }),
    chatGptNode('a1', 'thoughts', ['call'], said('assistant', 'I look it up.', 5, { end_turn: false })),
    chatGptNode('call', 'a1', ['result'], {
      ...said('assistant', '', 6, { recipient: 'web' }),
      content: { content_type: 'code', language: 'unknown', text: 'search("buoys")' },
    }),
    chatGptNode('result', 'call', ['a2'], {
      ...said('tool', '', 7),
      content: { content_type: 'tether_browsing_display', result: 'Red to port.' },
    }),
    chatGptNode('a2', 'result', [], said('assistant', 'Red is to port.\ue200cite\ue202turn0search0\ue201', 8)),
  ]),
  moderation_results: [],
  current_node: 'a2',
  conversation_id: '6553c4a0-0000-4000-8000-000000000001',
  is_archived: false,
  default_model_slug: 'auto',
  id: '6553c4a0-0000-4000-8000-000000000001',
} as const;

const llamaCppConversation = {
  id: 'b7e9d1d0-0000-4000-8000-000000000002',
  name: 'Knots',
  lastModified: 1_750_000_300_000,
  currNode: 'a-2',
} as const;

const llamaCppMessages = [
  {
    id: 'r',
    convId: llamaCppConversation.id,
    type: 'root',
    timestamp: 1_750_000_000_000,
    role: 'system',
    content: '',
    parent: null,
    children: ['s'],
  },
  {
    id: 's',
    type: 'system',
    timestamp: 1_750_000_000_001,
    role: 'system',
    content: 'Be brief.',
    parent: 'r',
    children: ['q'],
  },
  {
    id: 'q',
    type: 'text',
    timestamp: 1_750_000_100_000,
    role: 'user',
    content: 'Which knot holds?',
    parent: 's',
    children: ['a-1', 'a-2'],
    extra: [
      { type: 'TEXT', name: 'rope.txt', content: 'Hemp, 12 mm' },
      { type: 'IMAGE', name: 'rope.png', base64Url: 'data:image/png;base64,AA==' },
    ],
  },
  {
    id: 'a-1',
    type: 'text',
    timestamp: 1_750_000_200_000,
    role: 'assistant',
    content: 'A bowline.',
    parent: 'q',
    children: [],
  },
  {
    id: 'a-2',
    type: 'text',
    timestamp: 1_750_000_300_000,
    role: 'assistant',
    content: 'Two half hitches.',
    reasoningContent: 'They have hemp.',
    model: 'a-model',
    timings: { prompt_n: 20, predicted_n: 6, predicted_ms: 300 },
    parent: 'q',
    children: [],
  },
] as const;

/** The format of earlier versions of the web UI. */
export const llamaCppChat = { conv: llamaCppConversation, messages: llamaCppMessages } as const;

/** JSON Lines, the format of later versions. */
export const llamaCppLines = [
  JSON.stringify({ harness: 'llama.cpp', type: 'session', ...llamaCppConversation }),
  ...llamaCppMessages.map((message) => JSON.stringify({ message, type: 'message' })),
].join('\n');
