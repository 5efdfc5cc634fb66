/** Every sentence the window says, in one place, so that another language is another file like this one. */
import type { AnswerFigures, ErrorCode } from '../preload/contract.ts';
import { bytes, count, duration, fraction, rate } from './ui/format.ts';

/** What a person's error is called; the sentence and the next step come with the error itself. */
export const errorTitles = {
  'addon-missing': 'The inference engine is not installed',
  'bundle-incomplete': 'The model is incomplete',
  'model-not-found': 'The model was not found',
  'model-unreadable': 'The model cannot be read',
  'model-invalid': 'The model file is damaged',
  'model-unsupported': 'This model is not supported',
  'model-for-other-chip': 'This model is for another machine',
  'operator-missing': 'The model needs an operator that is missing here',
  'backend-missing': 'The model needs a backend that is missing here',
  'weights-missing': 'The model’s weights are missing',
  'tokenizer-invalid': 'The tokenizer cannot be used',
  'tokenizer-mismatch': 'The tokenizer belongs to another model',
  'template-invalid': 'The chat template cannot be used',
  'prompt-empty': 'There is nothing to send',
  'prompt-too-long': 'The conversation is too long for this model',
  'prompt-invalid': 'The message cannot be sent to this model',
  'option-invalid': 'A setting is out of range',
  busy: 'The engine is busy',
  'not-loaded': 'No model is loaded',
  'out-of-memory': 'There is not enough memory',
  'execution-failed': 'The model failed while running',
  'engine-lost': 'The engine went away',
  internal: 'Something went wrong inside Wyvern',
  'model-not-loaded': 'No model is loaded',
  'model-not-recognised': 'No model was recognised',
  'files-not-found': 'The files were not found',
  'conversation-not-found': 'This chat no longer exists',
  'message-not-found': 'This message no longer exists',
  'answer-running': 'Another answer is still being written',
  'store-failed': 'The chats could not be saved',
  'link-refused': 'This link was not opened',
  'engine-crashed': 'The engine stopped unexpectedly',
  'engine-unresponsive': 'The engine stopped responding',
} as const satisfies Record<ErrorCode, string>;

export const strings = {
  appName: 'Wyvern',
  untitled: 'New chat',

  sidebar: {
    label: 'Chats',
    newChat: 'New chat',
    newChatKeys: 'Ctrl+N',
    empty: 'Your chats will be listed here. They stay on this computer.',
    failed: 'The list of chats could not be read.',
    show: 'Show the sidebar',
    hide: 'Hide the sidebar',
    settings: 'Settings',
    actions: (title: string) => `Actions for “${title}”`,
    rename: 'Rename',
    renameLabel: 'Name of the chat',
    delete: 'Delete',
    deleted: (title: string) => `Deleted “${title}”`,
    undo: 'Undo',
    today: 'Today',
    yesterday: 'Yesterday',
    week: 'Previous 7 days',
    month: 'Previous 30 days',
  },

  model: {
    none: 'No model',
    choose: 'Choose a model',
    menu: 'Models',
    current: (name: string, status: string) => `Model: ${name}, ${status}. Choose a model`,
    loading: (stage: string, done: number) => `${loadStages[stage] ?? sentence(stage)} · ${fraction(done)}`,
    loadingShort: 'Loading',
    ready: 'Ready',
    failed: 'Failed',
    notLoaded: 'not loaded',
    loaded: 'Loaded',
    unavailable: 'Files moved or changed',
    facts: (size: number, license: string | undefined) => [bytes(size), license].filter(Boolean).join(' · '),
    resident: (size: number) => `${bytes(size)} in memory`,
    context: (tokens: number) => `${count(tokens)} tokens of context`,
    load: (name: string) => `Load ${name}`,
    unload: 'Unload',
    unloadNamed: (name: string) => `Unload ${name}`,
    remove: (name: string) => `Remove ${name} from the list`,
    removed: (name: string) => `Removed ${name} from the list. Its files were not touched.`,
    open: 'Open a model…',
    empty: 'No models yet. Open a model folder or a .pte file.',
    opening: 'Opening…',
  },

  drop: {
    title: 'Drop to open the model',
    body: 'A model folder, or a .pte file with its tokenizer beside it',
    nothing:
      'What was dropped is not a file on this computer. Drag a model folder or a .pte file from the file manager.',
  },

  welcome: {
    title: 'What is on your mind?',
    ready: (name: string) => `${name} is ready. It runs on this computer, and nothing you type leaves it.`,
    completion: (name: string) =>
      `${name} is ready. It has no chat format: it continues the text you give it, on this computer alone.`,
    loading: (name: string) => `${name} is being loaded. It runs on this computer, and nothing you type leaves it.`,
    none: 'Open a model to begin. It runs on this computer, and nothing you type leaves it.',
    drop: 'To use another model, drop its folder or .pte file anywhere in this window.',
    examples: 'Examples',
    chatExamples: [
      'What is the capital of France?',
      'Explain in three sentences how rain forms.',
      'Write a Python function that reverses a string.',
      'Give me three tips for better sleep.',
    ],
    completionExamples: ['Once upon a time', 'The best thing about the sea is', 'In the morning', 'The little dog'],
  },

  chat: {
    messages: 'Messages',
    you: 'You said',
    answer: (model: string | undefined) => (model ? `${model} answered` : 'Answer'),
    opening: 'Opening the chat…',
    latest: 'Jump to latest',
    reading: 'Reading the prompt',
    waiting: (name: string, done: number) => `Waiting for ${name} to load · ${fraction(done)}`,
    read: (tokens: number, reused: number, us: number) =>
      `${count(tokens)} prompt tokens read in ${duration(us)}${reused > 0 ? `, ${count(reused)} of them remembered` : ''}`,
    copy: 'Copy',
    copied: 'Copied',
    copyAnswer: 'Copy the answer',
    copyQuestion: 'Copy the message',
    copyCode: 'Copy the code',
    copyFailed: 'The text could not be copied. Select it and press Ctrl+C.',
    retry: 'Answer again',
    tryAgain: 'Try again',
    code: 'Code',
    image: (alt: string) => (alt ? `Image not shown: ${alt}` : 'Image not shown'),
    finished: 'The answer is finished.',
    stoppedSpoken: 'The answer was stopped.',
    failedSpoken: (title: string) => `The answer failed: ${title}.`,
    started: 'The model is answering.',
  },

  notice: {
    stopped: 'You stopped this answer.',
    context: (used: number) =>
      `The context is full (${count(used)} tokens), so the answer ends here. Start a new chat to go on.`,
    length: (tokens: number) =>
      `The answer reached its limit of ${count(tokens)} tokens. The limit is in the settings.`,
    cutShort: 'This answer was cut short.',
  },

  composer: {
    label: 'Message',
    placeholder: (name: string | undefined) => (name ? `Message ${name}` : 'Message'),
    send: 'Send',
    sendKeys: 'Enter',
    stop: 'Stop',
    stopKeys: 'Esc',
    stopping: 'Stopping…',
    stopHint: 'Esc stops the answer',
    hint: 'Enter sends, Shift+Enter starts a new line',
    noModel: 'No model is loaded. Choose one above, or drop one on the window.',
    loading: (name: string, done: number) => `${name} is loading, ${fraction(done)}. What you send waits for it.`,
    modelFailed: (name: string) => `${name} could not be loaded. Choose a model above.`,
    elsewhere: 'An answer is being written in another chat.',
    goThere: 'Go there',
    context: (used: number, length: number) => `${count(used)} of ${count(length)} context tokens`,
    dismiss: 'Dismiss',
  },

  figures: {
    label: 'Figures of this answer',
    tokens: (value: number) => (value === 1 ? '1 token' : `${count(value)} tokens`),
    rate: (value: number) => `${rate(value)} tokens/s`,
    first: (us: number) => `first token ${duration(us)}`,
    describe: (figures: AnswerFigures) =>
      [
        figures.backend,
        `${count(figures.promptTokens)} prompt tokens`,
        figures.reusedTokens > 0 ? `${count(figures.reusedTokens)} reused` : undefined,
        figures.prefillRate === undefined ? undefined : `prefill ${rate(figures.prefillRate)} tokens/s`,
      ]
        .filter(Boolean)
        .join(' · '),
    strip: (shown: number, p50Us: number) =>
      `Time of the last ${count(shown)} tokens; half took no more than ${duration(p50Us)}`,
  },

  link: {
    title: 'Open this link?',
    body: 'It opens in your browser, outside Wyvern. This is the whole address:',
    open: 'Open in browser',
    copy: 'Copy address',
    cancel: 'Cancel',
  },

  toast: {
    region: 'Notifications',
    dismiss: 'Dismiss',
  },

  settings: {
    title: 'Settings',
    close: 'Close',
    appearance: 'Appearance',
    theme: 'Theme',
    themes: { system: 'System', light: 'Light', dark: 'Dark' },
    answers: 'Answers',
    answersHint: 'Until you change a value, the model’s own recommendation comes first where it has one.',
    engine: 'Engine',
    about: 'About',
    systemPrompt: 'System prompt',
    systemPromptHint: 'Told to the model before every chat. Used by models that have a chat format.',
    temperature: 'Temperature',
    temperatureHint: '0 always takes the likeliest token',
    topP: 'Top P',
    topPHint: 'Share of probability kept; 1 is off',
    topK: 'Top K',
    topKHint: 'Number of tokens considered; 0 is off',
    minP: 'Min P',
    minPHint: 'Least probability beside the likeliest; 0 is off',
    repetitionPenalty: 'Repetition penalty',
    repetitionPenaltyHint: 'Above 1 discourages repeats; 1 is off',
    maxTokens: 'Longest answer, tokens',
    maxTokensHint: '0 is until the model stops or the context is full',
    threads: 'CPU threads',
    threadsHint: '0 lets the engine choose. Used from the next load of a model.',
    range: (low: string, high: string) => `From ${low} to ${high}`,
    shortcuts: 'Keyboard',
    version: 'Version',
    runtime: 'Runtime',
    executorch: (version: string) => `ExecuTorch ${version}`,
    shells: { electron: 'Electron', 'chromium-host': 'Chromium host' },
    shell: 'Window',
  },

  shortcuts: [
    ['Ctrl+N', 'New chat'],
    ['Ctrl+L', 'Go to the message box'],
    ['Ctrl+B', 'Show or hide the sidebar'],
    ['Ctrl+,', 'Settings'],
    ['Enter', 'Send'],
    ['Shift+Enter', 'New line'],
    ['Esc', 'Stop the answer'],
  ],
} as const;

const loadStages: Readonly<Record<string, string>> = {
  start: 'Starting the engine',
  read: 'Reading',
  verify: 'Checking',
  prepare: 'Preparing',
  'warm-up': 'Warming up',
};

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
